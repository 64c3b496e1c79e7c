/**
 * The text format of Plume, PolySI, IsoVista and AWDIT: one read or write of a register a line,
 * with its session and its transaction; -1 for a transaction that was rolled back.
 *
 *     w(5,1,0,3)       session 0, transaction 3: wrote 1 to key 5
 *     r(5,1,2,7)       session 2, transaction 7: read it
 *
 * Keys hold 0 at first, which is null here. A transaction of writes of 0 alone that begins its
 * session is the initial one: it is left out. There are no times: transactions are in the order in
 * which they end in the file, one at a time, and what real time says of them means nothing.
 */
import { FAIL, INVOKE, OK } from "../history.js";
import type { Value } from "../value.js";
import { latin1 } from "./byte-strings.js";
import { lineDecoder } from "./lines.js";
import { quoted, ScanError, type Codec, type DecoderSink } from "./port.js";

const LINE = /^\s*([rw])\(\s*(-?\d+)\s*,\s*(-?\d+)\s*,\s*(\d+)\s*,\s*(-?\d+)\s*\)\s*$/;

/** A line is five numbers; a longer one is none. */
const LINE_BYTES_MAX = 256;

/** Plume's text. */
export const plume: Codec = {
  name: "plume",
  description: "sessions of transactions on registers, as Plume, PolySI, IsoVista and AWDIT have",
  conventions: { initial: null, nilReads: "value", failedCas: "ignore" },
  detect: (bytes) => LINE.test(/^\s*([^\n]*)/.exec(latin1(bytes, 0, LINE_BYTES_MAX))?.[1] ?? ""),
  decoder: (sink) => {
    const reader = new PlumeReader(sink);
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

/** What a session is doing. */
interface Session {
  transaction: string;
  micro: Value[];
  isFirst: boolean;
}

const ABORTED = "-1";

class PlumeReader {
  readonly #sink: DecoderSink;
  readonly #sessions = new Map<number, Session>();
  /** Sessions and transactions that began: none may begin again. */
  readonly #begun = new Set<string>();
  readonly #aborted: Value[] = [];
  #lastProcess = 0;
  #hasInitial = false;

  constructor(sink: DecoderSink) {
    this.#sink = sink;
  }

  read({ buffer, start, end, torn }: Line): void {
    const text = latin1(buffer, start, Math.min(end, start + LINE_BYTES_MAX));
    if (text.trim() === "") return;
    const [, f, key, value, process, transaction] = LINE.exec(text) ?? [];
    if (f === undefined) {
      if (!torn) {
        throw new ScanError(
          start,
          `${quoted(text)} is no operation; expected r(KEY,VALUE,SESSION,TRANSACTION) or w(…)`,
        );
      }
      this.#sink.warn(
        `the last line is torn (${end - start} bytes without an end) and was left out`,
      );
      return;
    }
    const session = Number(process);
    if (session > MAX_SESSION) {
      throw new ScanError(start, `session ${session}; expected a number up to ${MAX_SESSION}`);
    }
    this.#lastProcess = Math.max(this.#lastProcess, session);
    const micro: Value = [f, numberIn(key), value === "0" ? null : numberIn(value)];
    if (transaction === ABORTED) {
      if (f === "w") this.#aborted.push([micro]);
      return;
    }
    this.#add(session, transaction as string, { micro, at: start });
  }

  #add(
    process: number,
    transaction: string,
    { micro, at }: { readonly micro: Value; readonly at: number },
  ): void {
    const known = this.#sessions.get(process);
    if (known?.transaction === transaction) {
      known.micro.push(micro);
      return;
    }
    if (known !== undefined) this.#end(process, known);
    const name = `${process} ${transaction}`;
    if (this.#begun.has(name)) {
      throw new ScanError(
        at,
        `transaction ${transaction} goes on after others of its session; expected it in one piece`,
      );
    }
    this.#begun.add(name);
    const isFirst = known === undefined;
    this.#sessions.set(process, { transaction, micro: [micro], isFirst });
  }

  #end(process: number, { micro, isFirst }: Session): void {
    const isInitial = micro.every((each) => {
      const [f, , value] = each as readonly Value[];
      return f === "w" && value === null;
    });
    if (isFirst && isInitial) this.#hasInitial = true;
    else this.#append(process, OK, micro);
  }

  #append(process: number, type: number, micro: Value): void {
    const { builder } = this.#sink;
    for (const each of [INVOKE, type]) {
      builder.append(each, process, "txn", undefined, micro, undefined, builder.length);
    }
  }

  end(): void {
    for (const [process, session] of this.#sessions) this.#end(process, session);
    for (const micro of this.#aborted) this.#append(this.#lastProcess + 1, FAIL, micro);
    if (this.#hasInitial) {
      this.#sink.warn("the transaction that writes 0 to keys is the initial one and was left out");
    }
    if (this.#sink.builder.length > 0) {
      this.#sink.warn("this format has no times: nothing is to be concluded about real time");
    }
  }
}

/** Process numbers have 31 bits, and rolled back transactions need one more. */
const MAX_SESSION = 2 ** 31 - 3;

/** A number; a text where it has more digits than a number can. */
function numberIn(text: string | undefined): Value {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : (text as string);
}
