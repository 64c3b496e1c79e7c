/**
 * The rarer tokens of EDN: numbers beyond plain integers, named characters, escapes, record tags.
 * Each has its value by its text alone.
 */
import { exactInteger } from "./byte-strings.js";

/**
 * The value of a number's text; undefined when it is none. What no double holds exactly stays text.
 */
export function ednNumber(text: string): number | string | undefined {
  if (/^[+-]?(?:0|[1-9]\d*)N?$/.test(text)) return exactInteger(text.replace("N", ""));
  if (/^[+-]?\d+\/[1-9]\d*$/.test(text)) return ratio(text);
  if (!/^[+-]?(?:0|[1-9]\d*)(?:\.\d*)?(?:[eE][+-]?\d+)?M?$/.test(text)) return undefined;
  const digits = text.endsWith("M") ? text.slice(0, -1) : text;
  // Two decimals that differ must never become equal.
  const significant = digits
    .replace(/[eE].*$/, "")
    .replaceAll(/\D/g, "")
    .replace(/^0+/, "");
  if (text.endsWith("M") && significant.length > 15) return digits;
  const number = Number(digits);
  if (!Number.isFinite(number)) return undefined;
  return number === 0 ? 0 : number;
}

const ESCAPES: { readonly [letter: string]: string } = {
  '"': '"',
  "\\": "\\",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

const CHARACTERS: { readonly [name: string]: string } = {
  newline: "\n",
  return: "\r",
  space: " ",
  tab: "\t",
  formfeed: "\f",
  backspace: "\b",
};

/** The character of a name after a backslash (`newline`, `u0041`, `o101`). */
export function namedCharacter(name: string): string | undefined {
  if (Object.hasOwn(CHARACTERS, name)) return CHARACTERS[name];
  const code = /^(?:u([0-9a-fA-F]{4})|o([0-7]{1,3}))$/.exec(name);
  return code === null ? undefined : codeOf(code);
}

/** The escape that begins after a backslash in a string, and how many characters it takes. */
export function stringEscape(
  rest: string,
): { readonly text: string; readonly length: number } | undefined {
  const code = /^(?:u([0-9a-fA-F]{4})|([0-7]{1,3}))/.exec(rest);
  if (code !== null) return { text: codeOf(code), length: code[0].length };
  const letter = rest.slice(0, 1);
  const text = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
  return text === undefined ? undefined : { text, length: 1 };
}

/** Whether a tag names a record type: `#jepsen.history.Op{…}`, `#my.db.Account{…}`. */
export function isRecord(tag: string): boolean {
  return /(?:^|[./])[A-Z]\w*$/.test(tag);
}

function codeOf(match: RegExpExecArray): string {
  const [, hexadecimal, octal] = match;
  return String.fromCharCode(
    hexadecimal === undefined ? Number.parseInt(octal ?? "0", 8) : Number.parseInt(hexadecimal, 16),
  );
}

/** A ratio in lowest terms: an integer when it is one, else text such as "1/2". */
function ratio(text: string): number | string {
  const [numerator = "0", denominator = "1"] = text.split("/");
  let a = BigInt(numerator.replace("+", ""));
  let b = BigInt(denominator);
  let divisor = a < 0n ? -a : a;
  for (let rest = b; rest !== 0n;) [divisor, rest] = [rest, divisor % rest];
  a /= divisor;
  b /= divisor;
  return b === 1n ? exactInteger(String(a)) : `${a}/${b}`;
}

/** 1 for bytes that end a token: white space, comma, delimiters, quote, comment, backslash. */
export const ENDS_TOKEN: Uint8Array = new Uint8Array(256);
ENDS_TOKEN.fill(1, 0, 33);
for (const delimiter of '()[]{},;"\\') ENDS_TOKEN[delimiter.charCodeAt(0)] = 1;
