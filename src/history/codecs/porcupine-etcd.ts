/**
 * The text logs of Jepsen's etcd tests as Porcupine's corpus has them (collected by ahorn's
 * linearizability-checker): lines of `jepsen.util` with process, type, function and value among
 * lines of others.
 *
 *     INFO  jepsen.util - 3	:invoke	:cas	[1 4]
 *     INFO  jepsen.util - 3	:info	:cas	:timed-out
 *
 * As in Porcupine, a failed compare-and-set is an observation, and an operation that timed out may
 * have happened, whatever its line calls it; only a read that timed out is as good as one that
 * never was.
 */
import { FAIL, HistoryError, INFO, INVOKE } from "../history.js";
import type { Value } from "../value.js";
import { latin1 } from "./byte-strings.js";
import { processNumber, typeCode } from "./edn.js";
import { EdnScanner } from "./edn-scanner.js";
import { lineDecoder } from "./lines.js";
import { ScanError, type Codec, type DecoderSink } from "./port.js";

/** What stands before the operation in a line, in older and newer logs of Jepsen. */
const PREFIX = /^(?:[^\n]*?[\s[])?jepsen\.util(?:\s+-|:)\s+(?=\d|:nemesis)/;

/** How much of a line may come before the operation. */
const PREFIX_BYTES_MAX = 400;

/** Jepsen's text logs. */
export const porcupineEtcd: Codec = {
  name: "porcupine-etcd",
  description: "Jepsen text logs (jepsen.util lines), as in Porcupine's etcd corpus",
  conventions: { initial: null, nilReads: "value", failedCas: "observe" },
  detect: (bytes) => /^[^\n{[(]*\bjepsen\.util(?:\s+-|:)\s/m.test(latin1(bytes)),
  decoder: (sink) => {
    const reader = new LogReader(sink);
    return lineDecoder({
      line: (buffer, start, end, torn) => reader.read({ buffer, start, end, torn }),
      end: () => reader.end(),
    });
  },
};

interface Line {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  readonly torn: boolean;
}

class LogReader {
  private readonly scanner = new EdnScanner();
  private readonly sink: DecoderSink;
  private skipped = 0;

  constructor(sink: DecoderSink) {
    this.sink = sink;
  }

  read(line: Line): void {
    const { buffer, start, end } = line;
    const head = latin1(buffer, start, Math.min(end, start + PREFIX_BYTES_MAX));
    const prefix = PREFIX.exec(head)?.[0];
    if (prefix === undefined) {
      if (head.trim() !== "") this.skipped++;
      return;
    }
    try {
      this.operation(line, start + prefix.length);
    } catch (error) {
      if (!(error instanceof ScanError && error.incomplete && line.torn)) throw error;
      this.sink.warn(
        `the last line is torn (${end - start} bytes without an end) and was left out`,
      );
    }
  }

  end(): void {
    if (this.skipped === 0) return;
    const lines = this.skipped === 1 ? "1 line" : `${this.skipped} lines`;
    this.sink.warn(`${lines} without an operation (no jepsen.util …) left out`);
  }

  private operation({ buffer, end }: Line, from: number): void {
    const { scanner } = this;
    scanner.reset(buffer, from, end, true);
    const process = processNumber(scanner, this.next("a process number"), from);
    const typeAt = this.skip("a type such as :invoke");
    const typeName = scanner.value(0);
    const fAt = this.skip("a function such as :read");
    // Only now: a type that ends the line may be torn.
    let type = typeCode(scanner, typeName, typeAt);
    const f = scanner.value(0);
    if (typeof f !== "string")
      return scanner.fail("no function here; expected one such as :read", fAt);
    const valueAt = this.skip("a value (nil for none)");
    const keyword = buffer[valueAt] === 58;
    let value = scanner.value(0);
    let error = scanner.peek(0) < 0 ? undefined : scanner.value(0);
    if (scanner.peek(0) >= 0) scanner.unexpected("the end of the line");
    if (keyword && process >= 0 && type !== INVOKE) {
      // A keyword in place of the value is the reason why there is none.
      error = value;
      value = null;
      if (type === FAIL && f !== "read") type = INFO;
    }
    this.append({ type, process, f, value, error }, from);
  }

  private append(
    event: { type: number; process: number; f: string; value: Value; error: Value | undefined },
    at: number,
  ): void {
    const { builder } = this.sink;
    try {
      builder.append(
        event.type,
        event.process,
        event.f,
        undefined,
        event.value,
        event.error,
        builder.length,
      );
    } catch (error) {
      if (error instanceof HistoryError) throw new ScanError(at, error.message);
      throw error;
    }
  }

  private next(expected: string): Value {
    this.skip(expected);
    return this.scanner.value(0);
  }

  /** Where the next value begins. */
  private skip(expected: string): number {
    if (this.scanner.peek(0) < 0) this.scanner.cutOff(expected);
    return this.scanner.at;
  }
}
