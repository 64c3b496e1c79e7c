/**
 * Sessions of transactions on registers as one JSON document: what dbcop writes and reads, and the
 * shorter form with triples that collections of test histories use.
 *
 *     {"data": [[{"events": [{"Write": {"variable": 0, "version": 1}}], "committed": true}]]}
 *     [[{"events": [["w", 0, 1]], "committed": true}], [{"events": [["r", 0, null]], …}]]
 *     {"sessions": [[[["w", 0, 1], ["w", 1, 1]]], [[["r", 1, 1], ["r", 0, 0]]]], "aborted": [[0, 7]]}
 *
 * In `sessions` keys hold 0 at first, which is null here, unless a 0 is written, by another than a
 * session of one transaction that only writes 0: that is the initial one, and left out. A session
 * there may also be of single operations. What is not committed failed. There are no times: a
 * session comes after the other, and what real time says of them means nothing.
 */
import { FAIL, INVOKE, OK } from "../history.js";
import { canonical, type Value } from "../value.js";
import { latin1 } from "./byte-strings.js";
import { JsonScanner } from "./json-scanner.js";
import {
  charactersIn,
  MalformedError,
  ScanError,
  shown,
  UNIT_BYTES_MAX,
  type Codec,
  type Decoder,
  type DecoderSink,
} from "./port.js";

const NEWLINE = 10;
const COMMA = 44;
const COLON = 58;
const BRACKET = 91;
const BRACKET_END = 93;
const BRACE = 123;
const BRACE_END = 125;

/** The fields that hold the sessions, with nothing but plain values, or dbcop's, before them. */
const DOCUMENT = /^\s*\{(?:[^{}]*"sessions"\s*:|[^[\]]*"data"\s*:\s*\[\s*\[)/;
/** Sessions alone. */
const ALONE = /^\s*\[\s*(?:\[\s*\]\s*,\s*)*\[\s*\{\s*"(?:events|committed)"/;

/** One JSON document of sessions. */
export const sessions: Codec = {
  name: "sessions",
  description: "one JSON document of sessions of transactions on registers, as dbcop has it",
  conventions: { initial: null, nilReads: "value", failedCas: "ignore" },
  detect: (bytes) => {
    const text = latin1(bytes);
    return DOCUMENT.test(text) || ALONE.test(text);
  },
  decoder: (sink) => new SessionsDecoder(sink),
};

/** Keeps the document until it is whole. */
class SessionsDecoder implements Decoder {
  readonly #sink: DecoderSink;
  readonly #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(sink: DecoderSink) {
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    this.#pieces.push(Buffer.from(chunk));
    this.#bytes += chunk.length;
    if (this.#bytes <= UNIT_BYTES_MAX) return;
    const limit = `${UNIT_BYTES_MAX / 1024 ** 2} MiB`;
    throw new MalformedError(
      1,
      1,
      `this document is longer than ${limit}; expected one event a line`,
    );
  }

  end(): void {
    const whole = Buffer.concat(this.#pieces, this.#bytes);
    try {
      new SessionsReader(whole, this.#sink).read();
    } catch (error) {
      if (!(error instanceof ScanError)) throw error;
      const at = Math.min(error.at, whole.length);
      const before = whole.subarray(0, at);
      const line = before.filter((byte) => byte === NEWLINE).length + 1;
      const column = charactersIn(whole, before.lastIndexOf(NEWLINE) + 1, at) + 1;
      const advice = error.incomplete ? " (the file may be cut off)" : "";
      throw new MalformedError(line, column, `${error.message}${advice}`);
    }
  }
}

/** A read or write of a key. */
type Access = readonly [f: "r" | "w", key: Value, value: Value];

interface Transaction {
  readonly accesses: readonly Access[];
  readonly isCommitted: boolean;
  /** Whether it is an operation that is no list. */
  readonly isSingle: boolean;
}

class SessionsReader {
  readonly #scanner = new JsonScanner();
  readonly #sink: DecoderSink;
  #sessions: readonly (readonly Transaction[])[] | undefined;
  #aborted: readonly Access[] = [];
  #isZeroInitial = false;

  constructor(buffer: Buffer, sink: DecoderSink) {
    this.#scanner.reset(buffer, 0, buffer.length);
    this.#sink = sink;
  }

  read(): void {
    const scanner = this.#scanner;
    const first = scanner.peek();
    if (first < 0) return;
    if (first === BRACKET) this.#sessions = this.#readSessions();
    else this.#fields("a document of sessions", (name) => this.#field(name));
    if (scanner.peek() >= 0) {
      scanner.fail("a second document begins here; expected one history a file (sed -n 2p FILE)");
    }
    if (this.#sessions === undefined) {
      return scanner.fail(
        'this document has no sessions; expected {"sessions": […]} or {"data": […]}',
        0,
      );
    }
    this.#append(this.#sessions);
  }

  #field(name: string): void {
    const scanner = this.#scanner;
    if (name === "sessions" || name === "data") {
      if (this.#sessions !== undefined)
        scanner.fail("sessions stand here twice; expected them once");
      this.#isZeroInitial = name === "sessions";
      this.#sessions = this.#readSessions();
    } else if (name === "aborted") {
      this.#aborted = this.#list("a list of [key, value]", () => {
        const at = this.#place();
        const pair = scanner.value(0);
        if (Array.isArray(pair) && pair.length === 2) return ["w", pair[0], pair[1]] as Access;
        return scanner.fail(`${shown(pair)} was rolled back; expected [key, value]`, at);
      });
    } else scanner.value(0);
  }

  #readSessions(): readonly (readonly Transaction[])[] {
    return this.#list("a list of sessions", () =>
      this.#list("a session: a list of transactions", () => this.#transaction()),
    );
  }

  #transaction(): Transaction {
    const scanner = this.#scanner;
    const at = this.#place();
    if (scanner.peek() === BRACE) {
      let accesses = undefined as readonly Access[] | undefined;
      let isCommitted = true as Value;
      this.#fields("a transaction", (name) => {
        if (name === "events") accesses = this.#list("a list of events", () => this.#access());
        else if (name === "committed") isCommitted = scanner.value(0);
        else scanner.value(0);
      });
      if (accesses === undefined) {
        return scanner.fail(
          'this transaction has no events; expected {"events": […], "committed": true}',
          at,
        );
      }
      if (typeof isCommitted !== "boolean") {
        return scanner.fail(`committed is ${shown(isCommitted)}; expected true or false`, at);
      }
      return { accesses, isCommitted, isSingle: false };
    }
    if (scanner.peek() === BRACKET && this.#isTriple()) {
      return { accesses: [this.#access()], isCommitted: true, isSingle: true };
    }
    const accesses = this.#list("a transaction: a list of operations", () => this.#access());
    return { accesses, isCommitted: true, isSingle: false };
  }

  /** Whether the list that begins here begins with a text, as an operation does. */
  #isTriple(): boolean {
    const scanner = this.#scanner;
    const { at } = scanner;
    scanner.at = at + 1;
    const isText = scanner.peek() === 34;
    scanner.at = at;
    return isText;
  }

  #access(): Access {
    const scanner = this.#scanner;
    const at = this.#place();
    const told = scanner.value(0);
    if (Array.isArray(told)) {
      const [f, key, value] = told as readonly Value[];
      if ((f === "r" || f === "w") && key !== undefined && value !== undefined) {
        return [f, key, value];
      }
    } else if (typeof told === "object" && told !== null) {
      const [[f, about] = ["", null], more]: readonly [string, Value][] = Object.entries(told);
      const { variable, version } = (about ?? {}) as { readonly [field: string]: Value };
      const isKnown = (f === "Read" || f === "Write") && more === undefined;
      if (isKnown && variable !== undefined && (version !== undefined || f === "Read")) {
        return [f === "Read" ? "r" : "w", variable, version ?? null];
      }
    }
    return scanner.fail(
      `${shown(told)} is no operation; expected ["r", key, value], ["w", key, value], or {"Write": {"variable": 0, "version": 1}}`,
      at,
    );
  }

  #place(): number {
    this.#scanner.peek();
    return this.#scanner.at;
  }

  #list<T>(expected: string, item: () => T): readonly T[] {
    const scanner = this.#scanner;
    scanner.expect(BRACKET, expected);
    const items: T[] = [];
    if (scanner.peek() === BRACKET_END) {
      scanner.at++;
      return items;
    }
    for (;;) {
      items.push(item());
      const byte = scanner.peek();
      if (byte !== COMMA && byte !== BRACKET_END) scanner.unexpected(byte, '"," or "]"');
      scanner.at++;
      if (byte === BRACKET_END) return items;
    }
  }

  #fields(expected: string, field: (name: string) => void): void {
    const scanner = this.#scanner;
    scanner.expect(BRACE, expected);
    for (;;) {
      const byte = scanner.peek();
      if (byte === BRACE_END) break;
      if (byte !== 34) scanner.unexpected(byte, "a quoted field name");
      const name = scanner.string();
      scanner.expect(COLON, '":"');
      field(name);
      const next = scanner.peek();
      if (next !== COMMA && next !== BRACE_END) scanner.unexpected(next, '"," or "}"');
      if (next === COMMA) scanner.at++;
    }
    scanner.at++;
  }

  #append(all: readonly (readonly Transaction[])[]): void {
    const sink = this.#sink;
    const { builder } = sink;
    const isLeftOut = (session: readonly Transaction[]): boolean =>
      this.#isZeroInitial && isInitial(session);
    const kept = all.filter((session) => !isLeftOut(session));
    const written = new Set<string>();
    for (const { accesses } of kept.flat()) {
      for (const [f, key, value] of accesses)
        if (f === "w" && value === 0) written.add(canonical(key));
    }
    const told = ([f, key, value]: Access): Access => {
      const isUnwritten = this.#isZeroInitial && value === 0 && !written.has(canonical(key));
      return [f, key, isUnwritten ? null : value];
    };
    const add = (process: number, { accesses, isCommitted, isSingle }: Transaction): void => {
      const [only] = accesses;
      for (const type of [INVOKE, isCommitted ? OK : FAIL]) {
        const time = builder.length;
        if (isSingle && only !== undefined) {
          const [f, key, value] = told(only);
          const asked = f === "r" && type === INVOKE ? null : value;
          const name = f === "r" ? "read" : "write";
          builder.append(type, process, name, key, asked, undefined, time);
        } else {
          builder.append(type, process, "txn", undefined, accesses.map(told), undefined, time);
        }
      }
    };
    for (const [process, session] of kept.entries()) {
      for (const each of session) add(process, each);
    }
    for (const access of this.#aborted) {
      add(kept.length, { accesses: [access], isCommitted: false, isSingle: false });
    }
    if (kept.length < all.length) {
      sink.warn("the session that writes 0 to keys is the initial one and was left out");
    }
    if (builder.length > 0) {
      sink.warn("this format has no times: nothing is to be concluded about real time");
    }
  }
}

/** One transaction that only writes 0. */
function isInitial([only, more]: readonly Transaction[]): boolean {
  if (only === undefined || more !== undefined || only.accesses.length === 0) return false;
  return only.accesses.every(([f, , value]) => f === "w" && value === 0);
}
