/**
 * Reads EDN (https://github.com/edn-format/edn) straight from bytes, mapping it onto plain JSON
 * values (`docs/history-format.md`): keywords, symbols and characters become strings, lists and
 * sets arrays, map keys strings, and numbers that a double cannot hold exactly their digits.
 *
 * Input arrives in pieces. A form that is not whole yet throws `ScanError` with `incomplete`; the
 * caller then comes back with more bytes and reads the form again from its start.
 */
import { canonical, type Value } from "../value.js";
import { AsciiStrings, latin1, utf8 } from "./byte-strings.js";
import { ednNumber, ENDS_TOKEN, isRecord, namedCharacter, stringEscape } from "./edn-tokens.js";
import { setField } from "./json-scanner.js";
import { DEPTH_MAX, quoted, ScanError } from "./port.js";

const NEWLINE = 10;
const QUOTE = 34;
const HASH = 35;
const LIST = 40;
const LIST_END = 41;
const PLUS = 43;
const COMMA = 44;
const MINUS = 45;
const COLON = 58;
const SEMICOLON = 59;
const BRACKET = 91;
const BACKSLASH = 92;
const BRACKET_END = 93;
const UNDERSCORE = 95;
const BRACE = 123;
const BRACE_END = 125;

/** The tag of the `[key value]` tuples of Jepsen's independent generators. */
const TUPLE_TAG = "jepsen.independent/Tuple";

/** A cursor over `buffer[at, end)`; every method throws `ScanError`. */
export class EdnScanner {
  buffer: Buffer = Buffer.alloc(0);
  at = 0;
  end = 0;
  /** Whether nothing follows `end`: a token may then end there. */
  final = false;
  /** The last independent tuple that was read, to tell it from a plain vector. */
  tuple: Value | undefined;
  private readonly strings = new AsciiStrings();

  reset(buffer: Buffer, start: number, end: number, final: boolean): void {
    this.buffer = buffer;
    this.at = start;
    this.end = end;
    this.final = final;
  }

  fail(message: string, at: number = this.at): never {
    throw new ScanError(at, message, false);
  }

  cutOff(expected: string): never {
    throw new ScanError(this.end, `the input ends here; expected ${expected}`, true);
  }

  unexpected(expected: string): never {
    if (this.at >= this.end) this.cutOff(expected);
    const text = this.buffer.toString("utf8", this.at, Math.min(this.end, this.at + 24));
    const token = /^[\s\S][^\s,()[\]{}"]*/u.exec(text)?.[0] ?? text;
    return this.fail(`unexpected ${quoted(token)}; expected ${expected}`);
  }

  /**
   * Skips white space, commas, comments and discarded forms; the byte that follows, or -1 at the
   * end.
   */
  peek(depth: number): number {
    const { buffer } = this;
    for (;;) {
      const { end } = this;
      let at = this.at;
      let byte = -1;
      while (at < end && ((byte = buffer[at] as number) <= 32 || byte === COMMA)) at++;
      this.at = at;
      if (at >= end) return -1;
      if (byte === SEMICOLON) {
        const newline = buffer.indexOf(NEWLINE, at);
        if (newline < 0 || newline >= end) {
          if (!this.final) this.cutOff("the end of this comment");
          this.at = end;
          return -1;
        }
        this.at = newline + 1;
      } else if (byte === HASH) {
        if (at + 1 >= end) {
          // A lone "#" at the very end is for `value` to report.
          if (!this.final) this.cutOff("the rest of this form");
          return byte;
        }
        if (buffer[at + 1] !== UNDERSCORE) return byte;
        this.at = at + 2;
        if (depth >= DEPTH_MAX) this.tooDeep();
        const tuple = this.tuple;
        this.value(depth + 1);
        this.tuple = tuple;
      } else {
        return byte;
      }
    }
  }

  value(depth: number): Value {
    const byte = this.peek(depth);
    if (byte >= 48 && byte <= 57) return this.number();
    switch (byte) {
      case COLON:
        return this.keyword();
      case QUOTE:
        return this.string();
      case BRACKET:
        return this.sequence(BRACKET_END, '"]"', depth);
      case LIST:
        return this.sequence(LIST_END, '")"', depth);
      case BRACE:
        return this.map(depth);
      case HASH:
        return this.dispatch(depth);
      case BACKSLASH:
        return this.character();
      case PLUS:
      case MINUS: {
        const next = this.at + 1 < this.end ? (this.buffer[this.at + 1] as number) : 0;
        if (this.at + 1 >= this.end && !this.final) this.cutOff("the rest of this form");
        return next >= 48 && next <= 57 ? this.number() : this.symbol();
      }
      default:
        return this.symbol();
    }
  }

  /** Where the token that starts at `from` ends. */
  tokenEnd(from: number): number {
    const { buffer, end } = this;
    let at = from;
    while (at < end && ENDS_TOKEN[buffer[at] as number] === 0) at++;
    if (at === end && !this.final) this.cutOff("the end of this form");
    return at;
  }

  /** Reads a keyword, from its colon; its name without the colon. */
  keyword(): string {
    const start = this.at + 1;
    const stop = this.tokenEnd(start);
    if (stop === start) this.fail('":" without a name; expected a keyword such as :invoke');
    const name = this.text(start, stop);
    if (name.startsWith(":"))
      this.fail(`${quoted(`:${name}`)} is not EDN; expected a keyword such as :invoke`);
    this.at = stop;
    return name;
  }

  private text(start: number, stop: number): string {
    const { buffer } = this;
    for (let at = start; at < stop; at++) {
      if ((buffer[at] as number) >= 128) return utf8(buffer, start, stop);
    }
    return this.strings.get(buffer, start, stop);
  }

  private symbol(): Value {
    const start = this.at;
    const stop = this.tokenEnd(start);
    const byte = this.buffer[start] as number;
    if (
      stop === start ||
      byte === 39 ||
      byte === 64 ||
      byte === 94 ||
      byte === 96 ||
      byte === 126
    ) {
      this.unexpected("an EDN value");
    }
    const name = this.text(start, stop);
    this.at = stop;
    if (name === "nil") return null;
    if (name === "true") return true;
    if (name === "false") return false;
    return name;
  }

  number(): number | string {
    const { buffer, end } = this;
    const start = this.at;
    const sign = buffer[start] as number;
    const first = sign === MINUS || sign === PLUS ? start + 1 : start;
    let at = first;
    let number = 0;
    let byte = 0;
    while (at < end && (byte = buffer[at] as number) >= 48 && byte <= 57) {
      number = number * 10 + (byte - 48);
      at++;
    }
    const count = at - first;
    const ends = at < end ? ENDS_TOKEN[byte] === 1 : this.final;
    if (ends && count > 0 && count <= 15 && (count === 1 || buffer[first] !== 48)) {
      this.at = at;
      return sign === MINUS && number !== 0 ? -number : number;
    }
    return this.richNumber(start);
  }

  private richNumber(start: number): number | string {
    const stop = this.tokenEnd(start);
    const text = latin1(this.buffer, start, stop);
    const number = ednNumber(text);
    if (number === undefined) {
      this.fail(
        `${quoted(text)} is not an EDN number; expected one like 12, -3N, 0.5M or 1/2`,
        start,
      );
    }
    this.at = stop;
    return number;
  }

  /** Reads a string, from its opening quote. */
  string(): string {
    const { buffer, end } = this;
    const start = this.at + 1;
    let at = start;
    for (; at < end; at++) {
      const byte = buffer[at] as number;
      if (byte === QUOTE) {
        this.at = at + 1;
        return this.strings.get(buffer, start, at);
      }
      if (byte === BACKSLASH || byte >= 128) return this.richString(start);
    }
    return this.cutOff("the closing quote of this string");
  }

  private richString(start: number): string {
    const { buffer, end } = this;
    let text = "";
    let plain = start;
    let at = start;
    while (at < end) {
      const byte = buffer[at] as number;
      if (byte === QUOTE) {
        this.at = at + 1;
        return text + utf8(buffer, plain, at);
      }
      if (byte !== BACKSLASH) {
        at++;
        continue;
      }
      text += utf8(buffer, plain, at);
      if (at + 6 > end && !this.closes(at)) this.cutOff("the closing quote of this string");
      const rest = latin1(buffer, at + 1, Math.min(end, at + 6));
      const escape = stringEscape(rest);
      if (escape === undefined) {
        this.fail(
          `no escape \\${quoted(rest[0] ?? "").slice(1, -1)} in EDN; expected one of \\" \\\\ \\b \\f \\n \\r \\t \\uXXXX`,
          at,
        );
      }
      text += escape.text;
      at += 1 + escape.length;
      plain = at;
    }
    return this.cutOff("the closing quote of this string");
  }

  /** Whether the string closes within the last bytes of the buffer, after the escape at `at`. */
  private closes(at: number): boolean {
    return at + 2 < this.end && this.buffer.indexOf(QUOTE, at + 2) >= 0;
  }

  private character(): string {
    const start = this.at + 1;
    if (start >= this.end) this.cutOff("a character");
    // The first byte belongs to the character even when it would end a token, as in \( and \\.
    const stop = this.tokenEnd(start + 1);
    const name = utf8(this.buffer, start, stop);
    this.at = stop;
    if (/^.$/su.test(name)) {
      if (name <= " ")
        this.fail('"\\" before white space; expected a character such as \\a', start - 1);
      return name;
    }
    const character = namedCharacter(name);
    if (character !== undefined) return character;
    return this.fail(
      `${quoted(`\\${name}`)} is no character; expected one such as \\a, \\newline or \\u0041`,
      start - 1,
    );
  }

  private sequence(closing: number, closingText: string, depth: number): Value[] {
    this.descend(depth);
    const items: Value[] = [];
    for (;;) {
      const byte = this.peek(depth + 1);
      if (byte === closing) {
        this.at++;
        return items;
      }
      if (byte < 0) this.cutOff(closingText);
      if (byte === BRACKET_END || byte === LIST_END || byte === BRACE_END)
        this.unexpected(closingText);
      items.push(this.value(depth + 1));
    }
  }

  private map(depth: number): Value {
    this.descend(depth);
    const object: { [key: string]: Value } = {};
    for (;;) {
      const byte = this.peek(depth + 1);
      if (byte === BRACE_END) {
        this.at++;
        return object;
      }
      if (byte < 0) this.cutOff('"}"');
      const at = this.at;
      const key = this.value(depth + 1);
      const name = typeof key === "string" ? key : canonical(key);
      if (Object.hasOwn(object, name)) {
        this.fail(
          `key ${quoted(name)} stands twice in a map; expected keys that differ as text`,
          at,
        );
      }
      if (this.peek(depth + 1) === BRACE_END) this.unexpected(`a value for key ${quoted(name)}`);
      setField(object, name, this.value(depth + 1));
    }
  }

  /** `#{set}`, `##Inf`, and `#tag value`. */
  private dispatch(depth: number): Value {
    const start = this.at;
    const next = start + 1 < this.end ? (this.buffer[start + 1] as number) : -1;
    if (next < 0) this.cutOff("a set or a tag");
    if (next === BRACE) {
      this.at++;
      const items = this.sequence(BRACE_END, '"}"', depth);
      // Sets have no order, and equal sets must be equal values.
      return items
        .map((item) => [canonical(item), item] as const)
        .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
        .map(([, item]) => item);
    }
    if (next === HASH) {
      const stop = this.tokenEnd(start + 2);
      this.at = stop;
      return this.text(start, stop);
    }
    const tag = this.tag();
    if (depth >= DEPTH_MAX) this.tooDeep();
    if (this.peek(depth + 1) < 0) this.cutOff(`a value after #${tag}`);
    const value = this.value(depth + 1);
    if (tag === TUPLE_TAG) {
      if (!Array.isArray(value) || value.length !== 2) {
        this.fail(`#${TUPLE_TAG} with something else; expected a vector of key and value`, start);
      }
      this.tuple = value as Value;
      return value;
    }
    const record = value !== null && typeof value === "object" && !Array.isArray(value);
    if (tag === "inst" || tag === "uuid" || (record && isRecord(tag))) return value;
    return { [`#${tag}`]: value };
  }

  /** Reads a tag, from its `#`; its name. */
  tag(): string {
    const start = this.at + 1;
    const first = start < this.end ? (this.buffer[start] as number) : 0;
    if (first >= 128 || !/[a-zA-Z]/.test(String.fromCharCode(first))) {
      this.unexpected("a set #{…}, a tag such as #inst, or #_ before a form to discard");
    }
    const stop = this.tokenEnd(start);
    const tag = this.text(start, stop);
    this.at = stop;
    return tag;
  }

  private descend(depth: number): void {
    if (depth >= DEPTH_MAX) this.tooDeep();
    this.at++;
  }

  private tooDeep(): never {
    return this.fail(`nested more than ${DEPTH_MAX} deep; expected a flatter value`);
  }
}
