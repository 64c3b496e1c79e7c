/**
 * Reads JSON (RFC 8259) straight from bytes. It exists beside `JSON.parse` for three reasons: it
 * makes no objects for what an event holds in columns anyway, it names the exact place of an error,
 * and it keeps integers beyond
 * 2^53 - 1 exact (as strings) where `JSON.parse` would silently make different ones equal.
 */
import type { Value } from "../value.js";
import { AsciiStrings, exactInteger, latin1, utf8 } from "./byte-strings.js";
import { DEPTH_MAX, quoted, ScanError } from "./port.js";

const QUOTE = 34;
const COMMA = 44;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const NINE = 57;
const COLON = 58;
const BRACKET = 91;
const BACKSLASH = 92;
const BRACKET_END = 93;
const BRACE = 123;
const BRACE_END = 125;

const ESCAPES: { readonly [letter: string]: string } = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** A cursor over `buffer[at, end)`; every method throws `ScanError`. */
export class JsonScanner {
  buffer: Buffer = Buffer.alloc(0);
  at = 0;
  end = 0;
  private readonly strings = new AsciiStrings();

  reset(buffer: Buffer, start: number, end: number): void {
    this.buffer = buffer;
    this.at = start;
    this.end = end;
  }

  fail(message: string, at: number = this.at): never {
    throw new ScanError(at, message, false);
  }

  /** The input ends where `expected` should stand. */
  cutOff(expected: string): never {
    throw new ScanError(this.end, `the input ends here; expected ${expected}`, true);
  }

  /** Skips white space; the byte that follows, or -1 at the end. */
  peek(): number {
    const { buffer, end } = this;
    let at = this.at;
    while (at < end) {
      const byte = buffer[at] as number;
      if (byte > 32 || (byte !== 32 && byte !== 9 && byte !== 10 && byte !== 13)) {
        this.at = at;
        return byte;
      }
      at++;
    }
    this.at = at;
    return -1;
  }

  /** Skips white space and this byte. */
  expect(byte: number, expected: string): void {
    const found = this.peek();
    if (found !== byte) this.unexpected(found, expected);
    this.at++;
  }

  unexpected(found: number, expected: string): never {
    if (found < 0) this.cutOff(expected);
    const text = this.buffer.toString("utf8", this.at, Math.min(this.end, this.at + 12));
    return this.fail(
      `unexpected ${quoted(text.split(/(?<=.)[\s,\]}]/u, 1)[0] ?? text)}; expected ${expected}`,
    );
  }

  value(depth: number): Value {
    const byte = this.peek();
    if ((byte >= ZERO && byte <= NINE) || byte === MINUS) return this.number();
    switch (byte) {
      case QUOTE:
        return this.string();
      case BRACKET:
        return this.array(depth);
      case BRACE:
        return this.object(depth);
      case 110:
        return this.literal("null", null);
      case 116:
        return this.literal("true", true);
      case 102:
        return this.literal("false", false);
      default:
        return this.unexpected(byte, "a JSON value");
    }
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
      if (byte === BACKSLASH || byte >= 128 || byte < 32) return this.richString(start);
    }
    return this.cutOff("the closing quote of this string");
  }

  /** A string with escapes or beyond ASCII. */
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
      if (byte < 32) {
        this.fail(
          "a control character in a string; expected it escaped (\\n, \\t, \\u0000 …), or a closing quote before it",
          at,
        );
      }
      if (byte === BACKSLASH) {
        text += utf8(buffer, plain, at);
        const letter = at + 1 < end ? String.fromCharCode(buffer[at + 1] as number) : "";
        text += letter === "u" ? this.unicodeEscape(at) : this.escape(at, letter);
        at += letter === "u" ? 6 : 2;
        plain = at;
      } else {
        at++;
      }
    }
    return this.cutOff("the closing quote of this string");
  }

  private escape(at: number, letter: string): string {
    if (letter === "") this.cutOff("the rest of an escape");
    return (
      ESCAPES[letter] ??
      this.fail(
        `no escape \\${quoted(letter).slice(1, -1)} in JSON; expected one of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX`,
        at,
      )
    );
  }

  private unicodeEscape(at: number): string {
    if (at + 6 > this.end) this.cutOff("four hexadecimal digits");
    const digits = latin1(this.buffer, at + 2, at + 6);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) {
      this.fail(
        `\\u${quoted(digits).slice(1, -1)} is no escape; expected four hexadecimal digits`,
        at,
      );
    }
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  number(): number | string {
    const { buffer, end } = this;
    const start = this.at;
    const negative = buffer[start] === MINUS;
    const first = negative ? start + 1 : start;
    let at = first;
    let number = 0;
    let byte = 0;
    while (at < end && (byte = buffer[at] as number) >= ZERO && byte <= NINE) {
      number = number * 10 + (byte - ZERO);
      at++;
    }
    const count = at - first;
    const more = at < end && (byte === DOT || (byte | 32) === 101);
    if (count === 0 || count > 15 || more || (count > 1 && buffer[first] === ZERO)) {
      return this.longNumber(start);
    }
    this.at = at;
    // Zero has no sign in a history.
    return negative && number !== 0 ? -number : number;
  }

  private longNumber(start: number): number | string {
    const { buffer, end } = this;
    let at = start;
    while (at < end && /[-+.0-9eE]/.test(String.fromCharCode(buffer[at] as number))) at++;
    const text = latin1(buffer, start, at);
    if (!NUMBER.test(text)) {
      if (at === end && NUMBER.test(`${text}0`)) this.cutOff("the rest of this number");
      this.fail(`${quoted(text)} is not a JSON number; expected one like 12, -3 or 0.5`, start);
    }
    this.at = at;
    if (!/[.eE]/.test(text)) return exactInteger(text);
    const number = Number(text);
    if (!Number.isFinite(number)) {
      this.fail(`${quoted(text)} is too large; expected a number below 1.8e308`, start);
    }
    return number === 0 ? 0 : number;
  }

  private literal<T extends Value>(text: string, value: T): T {
    const { at, end, buffer } = this;
    const stop = Math.min(end, at + text.length);
    const found = latin1(buffer, at, stop);
    if (found !== text) {
      if (stop === end && text.startsWith(found)) this.cutOff(text);
      this.unexpected(buffer[at] as number, "a JSON value");
    }
    this.at = stop;
    return value;
  }

  private array(depth: number): Value {
    this.descend(depth);
    const items: Value[] = [];
    if (this.peek() === BRACKET_END) {
      this.at++;
      return items;
    }
    for (;;) {
      items.push(this.value(depth + 1));
      const byte = this.peek();
      if (byte !== COMMA && byte !== BRACKET_END) this.unexpected(byte, '"," or "]"');
      this.at++;
      if (byte === BRACKET_END) return items;
    }
  }

  private object(depth: number): Value {
    this.descend(depth);
    const object: { [key: string]: Value } = {};
    if (this.peek() === BRACE_END) {
      this.at++;
      return object;
    }
    for (;;) {
      const byte = this.peek();
      if (byte !== QUOTE) this.unexpected(byte, "a quoted field name");
      const at = this.at;
      const name = this.string();
      if (Object.hasOwn(object, name)) {
        this.fail(`field ${quoted(name)} stands twice; expected each field once`, at);
      }
      this.expect(COLON, '":"');
      setField(object, name, this.value(depth + 1));
      const next = this.peek();
      if (next !== COMMA && next !== BRACE_END) this.unexpected(next, '"," or "}"');
      this.at++;
      if (next === BRACE_END) return object;
    }
  }

  private descend(depth: number): void {
    if (depth >= DEPTH_MAX) {
      this.fail(`nested more than ${DEPTH_MAX} deep; expected a flatter value`);
    }
    this.at++;
  }
}

/** Sets an own field, whatever its name. */
export function setField(object: { [key: string]: Value }, name: string, value: Value): void {
  if (name !== "__proto__") {
    object[name] = value;
    return;
  }
  Object.defineProperty(object, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
