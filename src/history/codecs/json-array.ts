/**
 * One JSON array of events, as elle-cli and converters of Jepsen's histories write it: the same
 * objects as in JSON Lines, with commas between, over as many lines as they like. As in EDN the
 * position of an event counts, not its index, and without `f` a list of micro-operations is a
 * transaction.
 */
import { latin1 } from "./byte-strings.js";
import { EventReader } from "./json-lines.js";
import {
  charactersIn,
  MalformedError,
  ScanError,
  UNIT_BYTES_MAX,
  type Codec,
  type Decoder,
  type DecoderSink,
} from "./port.js";

/** A JSON array of events. */
export const jsonArray: Codec = {
  name: "json-array",
  description: "one JSON array of events, as elle-cli has it",
  conventions: { nilReads: "unknown", failedCas: "ignore" },
  detect: (bytes) => /^\s*\[\s*\{\s*"/.test(latin1(bytes)),
  decoder: (sink) => new ArrayDecoder(sink),
};

const NEWLINE = 10;
const QUOTE = 34;
const COMMA = 44;
const BRACKET = 91;
const BACKSLASH = 92;
const BRACKET_END = 93;
const BRACE = 123;
const BRACE_END = 125;

/** What may come next outside of events. */
type Expected = "[" | "an event or ]" | "an event" | ", or ]" | "the end";

/** Cuts the array into events, which it copies only where they cross the end of a chunk. */
class ArrayDecoder implements Decoder {
  readonly #reader: EventReader;
  readonly #sink: DecoderSink;
  #expected: Expected = "[";
  /** How many braces are open, and whether in a text, right after a backslash. */
  #depth = 0;
  #isText = false;
  #isEscaped = false;
  #pieces: Buffer[] = [];
  #piecesBytes = 0;
  /** Where the event at hand begins, and where the next byte stands. */
  #eventLine = 1;
  #eventColumn = 1;
  #line = 1;
  #column = 1;

  constructor(sink: DecoderSink) {
    this.#sink = sink;
    this.#reader = new EventReader(sink, { isForeign: true });
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (this.#depth === 0) {
        this.#outside(byte);
        if (this.#depth > 0) start = at;
      } else {
        this.#inside(byte);
        if (this.#depth === 0) this.#take(chunk.subarray(start, at + 1));
      }
      if (byte === NEWLINE) {
        this.#line++;
        this.#column = 1;
      } else if ((byte & 0xc0) !== 0x80) {
        this.#column++;
      }
    }
    if (this.#depth > 0) this.#keep(chunk.subarray(start));
  }

  end(): void {
    if (this.#expected === "the end") return;
    if (this.#expected === "[") return;
    this.#sink.warn(
      this.#depth > 0
        ? `the last event is torn (${this.#piecesBytes} bytes without an end) and was left out`
        : "the array has no end",
    );
  }

  #outside(byte: number): void {
    if (byte === 32 || byte === NEWLINE || byte === 13 || byte === 9) return;
    const expected = this.#expected;
    if (byte === BRACKET && expected === "[") this.#expected = "an event or ]";
    else if (byte === BRACKET_END && (expected === "an event or ]" || expected === ", or ]")) {
      this.#expected = "the end";
    } else if (byte === COMMA && expected === ", or ]") this.#expected = "an event";
    else if (byte === BRACE && expected.startsWith("an event")) {
      this.#depth = 1;
      this.#eventLine = this.#line;
      this.#eventColumn = this.#column;
      this.#expected = ", or ]";
    } else {
      const found = JSON.stringify(String.fromCodePoint(byte));
      const message = `unexpected ${found}; expected ${expected}`;
      throw new MalformedError(this.#line, this.#column, message);
    }
  }

  #inside(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (this.#isText && byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#isText = !this.#isText;
    else if (this.#isText) return;
    else if (byte === BRACE) this.#depth++;
    else if (byte === BRACE_END) this.#depth--;
  }

  #keep(piece: Buffer): void {
    this.#pieces.push(Buffer.from(piece));
    this.#piecesBytes += piece.length;
    if (this.#piecesBytes <= UNIT_BYTES_MAX) return;
    const message = `this event is longer than ${UNIT_BYTES_MAX / 1024 ** 2} MiB; expected a shorter one`;
    throw new MalformedError(this.#eventLine, this.#eventColumn, message);
  }

  #take(last: Buffer): void {
    const whole = this.#pieces.length === 0 ? last : Buffer.concat([...this.#pieces, last]);
    this.#pieces = [];
    this.#piecesBytes = 0;
    try {
      this.#reader.read(whole, 0, whole.length);
    } catch (error) {
      if (!(error instanceof ScanError)) throw error;
      const at = Math.min(error.at, whole.length);
      const newline = at === 0 ? -1 : whole.lastIndexOf(NEWLINE, at - 1);
      const lines = whole.subarray(0, at).filter((byte) => byte === NEWLINE).length;
      const characters = charactersIn(whole, newline + 1, at);
      const column = newline < 0 ? this.#eventColumn + characters : characters + 1;
      throw new MalformedError(this.#eventLine + lines, column, error.message);
    }
  }
}
