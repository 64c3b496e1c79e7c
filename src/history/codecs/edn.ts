/**
 * Jepsen's own format: `history.edn`, as maps or as `#jepsen.history.Op{…}` records, in one vector
 * or list or one after the other. An `ok` read of nil says nothing about what was read, and `fail`
 * means that the operation did not happen: so Knossos reads them
 * (https://github.com/jepsen-io/knossos).
 */
import { FAIL, HistoryError, INFO, INVOKE, NEMESIS, NONE, OK } from "../history.js";
import { canonical, type Value } from "../value.js";
import { latin1 } from "./byte-strings.js";
import { EdnScanner } from "./edn-scanner.js";
import { isRecord } from "./edn-tokens.js";
import { formDecoder } from "./forms.js";
import { internEdn } from "./interning.js";
import { quoted, ScanError, shown, type Codec, type DecoderSink } from "./port.js";

/** Jepsen's EDN. */
export const edn: Codec = {
  name: "edn",
  description: "Jepsen and Knossos: EDN maps or #jepsen.history.Op records",
  conventions: { nilReads: "unknown", failedCas: "ignore" },
  // Comments, white space and discards may come first.
  detect: (bytes) =>
    /^(?:[\s,]|;[^\n]*(?:\n|$))*(?:[[(](?!\s*\{\s*")|\{\s*(?=[:#;}])|#[_a-zA-Z]|;)/.test(
      latin1(bytes),
    ),
  decoder: (sink) => ednDecoder(sink),
};

/** The decoder, shared with the formats that use the same syntax. */
export function ednDecoder(sink: DecoderSink): ReturnType<Codec["decoder"]> {
  const scanner = new EdnScanner();
  return formDecoder(scanner, new OperationReader(scanner, sink));
}

const COLON = 58;
const HASH = 35;
const BRACE = 123;
const BRACE_END = 125;

const PROCESS_MAX = 2 ** 31 - 1;

/** The codes of event types by keyword. */
const TYPES: { readonly [name: string]: number } = {
  invoke: INVOKE,
  ok: OK,
  fail: FAIL,
  info: INFO,
};

/** The code of an event type by its keyword; throws at `at` for another. */
export function typeCode(scanner: EdnScanner, type: Value, at: number): number {
  const code = typeof type === "string" && Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  return (
    code ??
    scanner.fail(
      `unknown type ${quoted(typeof type === "string" ? `:${type}` : canonical(type))}; expected :invoke, :ok, :fail or :info`,
      at,
    )
  );
}

/** The number of a process; throws at `at` for what is none. */
export function processNumber(scanner: EdnScanner, process: Value, at: number): number {
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
    `process is ${shown(process)}; expected an integer from 0 to ${PROCESS_MAX} or :nemesis`,
    at,
  );
}

/** Reads one operation map at a time into a builder. */
class OperationReader {
  private readonly scanner: EdnScanner;
  private readonly sink: DecoderSink;
  private type = -1;
  private process: number | undefined;
  private f: Value | undefined;
  private key: Value | undefined;
  /** Positions in the builder's pool; `NONE` for what was not given. */
  private valueAt = NONE;
  private tupleKeyAt = NONE;
  private error: Value | undefined;
  private timeNs: number | undefined;
  /** One bit a known field, to refuse a second one. */
  private seen = 0;

  constructor(scanner: EdnScanner, sink: DecoderSink) {
    this.scanner = scanner;
    this.sink = sink;
  }

  /** Reads the form at the cursor; nothing is added unless it is whole. */
  read(): void {
    const { scanner } = this;
    const start = scanner.at;
    if (scanner.buffer[scanner.at] === HASH) {
      const tag = scanner.tag();
      if (!isRecord(tag)) {
        scanner.fail(
          `unexpected #${quoted(tag).slice(1, -1)}; expected an operation: a map or a #jepsen.history.Op record`,
          start,
        );
      }
      if (scanner.peek(1) < 0) scanner.cutOff(`the map of #${tag}`);
    }
    if (scanner.buffer[scanner.at] !== BRACE) {
      scanner.unexpected("an operation, such as {:type :invoke, :process 0, :f :read, :value nil}");
    }
    scanner.at++;
    this.clear();
    this.sink.builder.pool.reset();
    this.fields();
    this.append(start);
  }

  private clear(): void {
    this.type = -1;
    this.process = undefined;
    this.f = undefined;
    this.key = undefined;
    this.valueAt = NONE;
    this.tupleKeyAt = NONE;
    this.error = undefined;
    this.timeNs = undefined;
    this.seen = 0;
  }

  private fields(): void {
    const { scanner } = this;
    for (;;) {
      const byte = scanner.peek(1);
      if (byte === BRACE_END) {
        scanner.at++;
        return;
      }
      const at = scanner.at;
      if (byte < 0) scanner.cutOff('"}" of this operation');
      const name = byte === COLON ? scanner.keyword() : undefined;
      if (name === undefined) scanner.value(1);
      const next = scanner.peek(1);
      if (next === BRACE_END)
        scanner.unexpected(`a value for ${name === undefined ? "this key" : `:${name}`}`);
      if (next < 0) scanner.cutOff("a value");
      if (name === undefined) scanner.value(1);
      else this.field(name, at);
    }
  }

  private field(name: string, at: number): void {
    const { scanner } = this;
    const valueAt = scanner.at;
    switch (name) {
      case "type":
        this.once(1, name, at);
        this.type = typeCode(scanner, scanner.value(1), valueAt);
        break;
      case "process":
        this.once(2, name, at);
        this.process = processNumber(scanner, scanner.value(1), valueAt);
        break;
      case "f":
        this.once(4, name, at);
        // A record without it has nil there.
        this.f = scanner.value(1) ?? undefined;
        break;
      case "value": {
        this.once(8, name, at);
        this.readValue();
        break;
      }
      case "key":
        this.once(16, name, at);
        this.key = scanner.value(1);
        break;
      case "error":
        this.once(32, name, at);
        this.error = scanner.value(1) ?? undefined;
        break;
      case "time":
        this.once(64, name, at);
        this.timeNs = this.time(scanner.value(1), valueAt);
        break;
      default:
        scanner.value(1);
    }
  }

  /** Reads a value into the pool, or the two of an independent tuple, which has a tag. */
  private readValue(): void {
    const { scanner } = this;
    const { pool } = this.sink.builder;
    if (scanner.buffer[scanner.at] !== HASH) {
      this.valueAt = internEdn(scanner, pool, 1);
      return;
    }
    scanner.tuple = undefined;
    const value = scanner.value(1);
    if (scanner.tuple !== undefined && scanner.tuple === value) {
      const [key, inner] = value as readonly Value[];
      this.tupleKeyAt = pool.intern(key as Value);
      this.valueAt = pool.intern(inner as Value);
    } else {
      this.valueAt = pool.intern(value);
    }
  }

  private once(bit: number, name: string, at: number): void {
    if ((this.seen & bit) !== 0) {
      this.scanner.fail(`:${name} stands twice; expected each key once`, at);
    }
    this.seen |= bit;
  }

  private time(value: Value, at: number): number | undefined {
    if (value === null) return undefined;
    // Beyond 2^53 ns an integer arrives as its digits; times only have to be near.
    const time = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
    // So Jepsen says that there is none.
    if (time === -1) return undefined;
    if (typeof time === "number") return time;
    return this.scanner.fail(`:time is ${shown(value)}; expected an integer of nanoseconds`, at);
  }

  private append(start: number): void {
    const { scanner, sink } = this;
    if (this.type < 0)
      scanner.fail("this operation has no :type; expected :invoke, :ok, :fail or :info", start);
    if (this.process === undefined) {
      return scanner.fail("this operation has no :process; expected an integer or :nemesis", start);
    }
    const { pool } = sink.builder;
    if (this.valueAt === NONE) this.valueAt = pool.intern(null);
    const f = this.functionName(start);
    let key = this.key === undefined ? this.tupleKeyAt : pool.intern(this.key);
    let value = this.valueAt;
    // Where the tag was lost.
    if (sink.independent && this.process !== NEMESIS && this.tupleKeyAt === NONE) {
      const pair = pool.itemsOf(value);
      if (pair?.length === 2) {
        if (key === NONE) key = pair[0] as number;
        value = pair[1] as number;
      }
    }
    try {
      sink.builder.appendAt(
        this.type,
        this.process,
        f,
        key,
        value,
        this.error === undefined ? NONE : pool.intern(this.error),
        this.timeNs ?? sink.builder.length,
      );
    } catch (error) {
      if (!(error instanceof HistoryError)) throw error;
      throw new ScanError(start, error.message);
    }
  }

  /**
   * Elle leaves out the function of transactions: a value of micro-operations `[[:append 1 2] …]`
   * tells.
   */
  private functionName(start: number): string {
    const { f } = this;
    if (typeof f === "string") return f;
    if (typeof f === "number") return String(f);
    const { pool } = this.sink.builder;
    const isLists = pool.itemsOf(this.valueAt)?.every((item) => pool.itemsOf(item) !== undefined);
    if (f === undefined && isLists === true) return "txn";
    return this.scanner.fail(
      f === undefined
        ? "this operation has no :f; expected the name of a function, such as :read"
        : `:f is ${shown(f)}; expected the name of a function, such as :read`,
      start,
    );
  }
}
