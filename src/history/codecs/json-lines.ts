/**
 * The canonical format: one event a line, each a JSON object (`docs/history-format.md`). It is what
 * runs write as they go, so its last line may be torn where the writer was killed.
 */
import { FAIL, HistoryError, INFO, INVOKE, NEMESIS, NONE, OK } from "../history.js";
import type { HistoryEvent } from "../operation.js";
import { canonical } from "../value.js";
import { latin1 } from "./byte-strings.js";
import { internJson } from "./interning.js";
import { JsonScanner } from "./json-scanner.js";
import { lineDecoder } from "./lines.js";
import { quoted, ScanError, shown, type Codec, type DecoderSink } from "./port.js";

/**
 * An event as one line of canonical JSON Lines, without the newline: fixed field order, sorted
 * value keys.
 */
export function encodeEvent(event: HistoryEvent): string {
  const { index, timeNs, type, process, f, key, value, error } = event;
  const keyField = key === undefined ? "" : `,"key":${canonical(key)}`;
  const errorField = error === undefined ? "" : `,"error":${canonical(error)}`;
  const processText = process === "nemesis" ? '"nemesis"' : String(process);
  return (
    `{"index":${index},"time":${timeNs},"type":"${type}","process":${processText},` +
    `"f":${JSON.stringify(f)}${keyField},"value":${canonical(value)}${errorField}}`
  );
}

/** ordeal's own format. */
export const jsonLines: Codec = {
  name: "jsonl",
  description: "ordeal's own: JSON Lines, one event a line",
  conventions: { nilReads: "value", failedCas: "ignore" },
  detect: (bytes) => /^\s*\{\s*(?:["}]|$)/.test(latin1(bytes)),
  decoder: (sink) => {
    const reader = new EventReader(sink);
    let torn: string | undefined;
    return lineDecoder({
      line: (buffer, start, end, unterminated) => {
        try {
          reader.read(buffer, start, end);
        } catch (error) {
          if (!(error instanceof ScanError && error.incomplete && unterminated)) throw error;
          torn = `the last line is torn (${end - start} bytes without an end) and was left out`;
        }
      },
      end: () => {
        if (torn !== undefined) sink.warn(torn);
      },
    });
  },
};

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const LOWER_N = 110;
const BRACE = 123;
const BRACE_END = 125;

/** The largest process number; columns hold 32-bit integers. */
const PROCESS_MAX = 2 ** 31 - 1;

const HAS_INDEX = 1;
const HAS_TIME = 2;
const HAS_TYPE = 4;
const HAS_PROCESS = 8;
const HAS_F = 16;
const HAS_KEY = 32;
const HAS_VALUE = 64;
const HAS_ERROR = 128;

/**
 * The bit of a field's name; 0 for fields that are not ours. Lengths first: a name then costs one
 * comparison.
 */
function fieldBit(name: string): number {
  switch (name.length) {
    case 1:
      return name === "f" ? HAS_F : 0;
    case 3:
      return name === "key" ? HAS_KEY : 0;
    case 4:
      return name === "type" ? HAS_TYPE : name === "time" ? HAS_TIME : 0;
    case 5:
      if (name === "value") return HAS_VALUE;
      if (name === "index") return HAS_INDEX;
      return name === "error" ? HAS_ERROR : 0;
    case 7:
      return name === "process" ? HAS_PROCESS : 0;
    default:
      return 0;
  }
}

/**
 * Reads events from lines into a builder; the fields of the event at hand are its own, to make no
 * object.
 */
export class EventReader {
  private readonly scanner = new JsonScanner();
  private readonly sink: DecoderSink;
  private readonly isForeign: boolean;
  private seen = 0;
  private timeNs = 0;
  private type = INVOKE;
  private process = 0;
  private f = "";
  /** Positions in the builder's pool. */
  private keyAt = NONE;
  private valueAt = NONE;
  private errorAt = NONE;

  /**
   * `isForeign`: as others write them, where the index need not be the position, and a list of
   * lists without a function is a transaction.
   */
  constructor(sink: DecoderSink, { isForeign = false }: { readonly isForeign?: boolean } = {}) {
    this.sink = sink;
    this.isForeign = isForeign;
  }

  read(buffer: Buffer, start: number, end: number): void {
    const { scanner } = this;
    scanner.reset(buffer, start, end);
    const first = scanner.peek();
    if (first < 0) return;
    if (first !== BRACE) {
      scanner.unexpected(
        first,
        first === 91
          ? "one event a line, as an object, not one array (convert it with: jq -c '.[]')"
          : 'an event as a JSON object, such as {"type":"invoke","process":0,"f":"read","value":null}',
      );
    }
    const opening = scanner.at;
    scanner.at++;
    this.clear();
    this.fields();
    const rest = scanner.peek();
    if (rest >= 0) scanner.unexpected(rest, "nothing after the event: one event a line");
    this.append(opening);
  }

  private clear(): void {
    this.seen = 0;
    this.keyAt = NONE;
    this.valueAt = NONE;
    this.errorAt = NONE;
    this.sink.builder.pool.reset();
  }

  private fields(): void {
    const { scanner } = this;
    let byte = scanner.peek();
    if (byte === BRACE_END) {
      scanner.at++;
      return;
    }
    for (;;) {
      if (byte !== QUOTE) scanner.unexpected(byte, "a quoted field name");
      const at = scanner.at;
      const name = scanner.string();
      if (scanner.peek() !== COLON) scanner.unexpected(scanner.peek(), '":"');
      scanner.at++;
      this.field(name, at);
      byte = scanner.peek();
      if (byte !== COMMA && byte !== BRACE_END) scanner.unexpected(byte, '"," or "}"');
      scanner.at++;
      if (byte === BRACE_END) return;
      byte = scanner.peek();
    }
  }

  private field(name: string, at: number): void {
    const { scanner } = this;
    const bit = fieldBit(name);
    if ((this.seen & bit) !== 0) {
      scanner.fail(`field ${quoted(name)} stands twice; expected each field once`, at);
    }
    this.seen |= bit;
    switch (bit) {
      case HAS_INDEX:
        this.readIndex();
        break;
      case HAS_TIME:
        this.timeNs = this.readTime();
        break;
      case HAS_TYPE:
        this.type = this.readType();
        break;
      case HAS_PROCESS:
        this.process = this.readProcess();
        break;
      case HAS_F:
        if (this.isForeign && scanner.peek() === LOWER_N && scanner.value(0) === null) {
          this.seen &= ~HAS_F;
          break;
        }
        if (scanner.peek() !== QUOTE) scanner.unexpected(scanner.peek(), "a function name, quoted");
        this.f = scanner.string();
        break;
      case HAS_KEY:
        this.keyAt = this.readInterned();
        break;
      case HAS_VALUE:
        this.valueAt = this.readInterned();
        break;
      case HAS_ERROR:
        this.errorAt = this.readInterned();
        break;
      default:
        scanner.value(0);
    }
  }

  private readInterned(): number {
    return internJson(this.scanner, this.sink.builder.pool, 0);
  }

  private readIndex(): void {
    const { scanner } = this;
    scanner.peek();
    const at = scanner.at;
    const index = scanner.value(0);
    const { length } = this.sink.builder;
    if (index !== length && !this.isForeign) {
      scanner.fail(
        `index is ${shown(index)}; expected ${length}, the event's position: no line may be missing or out of order`,
        at,
      );
    }
  }

  private readTime(): number {
    const { scanner } = this;
    scanner.peek();
    const at = scanner.at;
    const value = scanner.value(0);
    // Times beyond 2^53 ns (since 1970, say) are rounded, which orders nothing: the order of lines
    // does.
    const time = typeof value === "string" && scanner.buffer[at] !== QUOTE ? Number(value) : value;
    if (time === -1) return this.sink.builder.length;
    if (typeof time !== "number" || time < 0) {
      return scanner.fail(
        `time is ${shown(value)}; expected a number of nanoseconds, 0 or more (or no time at all, or -1)`,
        at,
      );
    }
    return time;
  }

  private readType(): number {
    const { scanner } = this;
    scanner.peek();
    const at = scanner.at;
    const type = scanner.value(0);
    if (type === "invoke") return INVOKE;
    if (type === "ok") return OK;
    if (type === "fail") return FAIL;
    if (type === "info") return INFO;
    return scanner.fail(
      `unknown type ${shown(type)}; expected "invoke", "ok", "fail" or "info"`,
      at,
    );
  }

  private readProcess(): number {
    const { scanner } = this;
    scanner.peek();
    const at = scanner.at;
    const process = scanner.value(0);
    if (process === "nemesis") return NEMESIS;
    if (
      typeof process === "number" &&
      Number.isInteger(process) &&
      process >= 0 &&
      process <= PROCESS_MAX
    ) {
      return process;
    }
    return scanner.fail(
      `process is ${shown(process)}; expected an integer from 0 to ${PROCESS_MAX} or "nemesis"`,
      at,
    );
  }

  /** Whether the value is a list of lists. */
  private isTransaction(): boolean {
    const { pool } = this.sink.builder;
    const items = this.valueAt === NONE ? undefined : pool.itemsOf(this.valueAt);
    return items?.every((item) => pool.itemsOf(item) !== undefined) === true;
  }

  private append(opening: number): void {
    if (this.isForeign && (this.seen & HAS_F) === 0 && this.isTransaction()) {
      this.seen |= HAS_F;
      this.f = "txn";
    }
    const { seen, scanner, sink } = this;
    const missing =
      (seen & HAS_TYPE) === 0
        ? "type"
        : (seen & HAS_PROCESS) === 0
          ? "process"
          : (seen & HAS_F) === 0
            ? "f"
            : undefined;
    if (missing !== undefined) {
      scanner.fail(
        `this event has no "${missing}"; expected an event with "type", "process" and "f" ("txn" of a transaction)`,
        opening,
      );
    }
    const timeNs = (seen & HAS_TIME) === 0 ? sink.builder.length : this.timeNs;
    try {
      sink.builder.appendAt(
        this.type,
        this.process,
        this.f,
        this.keyAt,
        this.valueAt === NONE ? sink.builder.pool.intern(null) : this.valueAt,
        this.errorAt,
        timeNs,
      );
    } catch (error) {
      if (!(error instanceof HistoryError)) throw error;
      scanner.fail(error.message, opening);
    }
  }
}
