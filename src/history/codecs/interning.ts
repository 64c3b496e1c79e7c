/**
 * Reads values straight into the pool of a history: a list becomes the positions of its items
 * without an array being made of it. Transactions are lists of lists, and most of what a history of
 * them holds.
 */
import type { ValuePool } from "../value-pool.js";
import type { EdnScanner } from "./edn-scanner.js";
import type { JsonScanner } from "./json-scanner.js";
import { DEPTH_MAX } from "./port.js";

const COMMA = 44;
const LIST = 40;
const LIST_END = 41;
const ZERO = 48;
const NINE = 57;
const BRACKET = 91;
const BRACKET_END = 93;
const BRACE_END = 125;

/** The position of the EDN value at the cursor. @throws ScanError */
export function internEdn(scanner: EdnScanner, pool: ValuePool, depth: number): number {
  const byte = scanner.peek(depth);
  if (byte >= ZERO && byte <= NINE) return pool.intern(scanner.number());
  if (byte !== BRACKET && byte !== LIST) return pool.intern(scanner.value(depth));
  if (depth >= DEPTH_MAX) tooDeep(scanner);
  const closing = byte === BRACKET ? BRACKET_END : LIST_END;
  const expected = byte === BRACKET ? '"]"' : '")"';
  scanner.at++;
  const mark = pool.open();
  for (;;) {
    const next = scanner.peek(depth + 1);
    if (next === closing) {
      scanner.at++;
      return pool.close(mark);
    }
    if (next < 0) scanner.cutOff(expected);
    if (next === BRACKET_END || next === LIST_END || next === BRACE_END) {
      scanner.unexpected(expected);
    }
    pool.push(internEdn(scanner, pool, depth + 1));
  }
}

/** The position of the JSON value at the cursor. @throws ScanError */
export function internJson(scanner: JsonScanner, pool: ValuePool, depth: number): number {
  if (scanner.peek() !== BRACKET) return pool.intern(scanner.value(depth));
  if (depth >= DEPTH_MAX) tooDeep(scanner);
  scanner.at++;
  const mark = pool.open();
  if (scanner.peek() === BRACKET_END) {
    scanner.at++;
    return pool.close(mark);
  }
  for (;;) {
    pool.push(internJson(scanner, pool, depth + 1));
    const byte = scanner.peek();
    if (byte !== COMMA && byte !== BRACKET_END) scanner.unexpected(byte, '"," or "]"');
    scanner.at++;
    if (byte === BRACKET_END) return pool.close(mark);
  }
}

function tooDeep(scanner: EdnScanner | JsonScanner): never {
  return scanner.fail(`nested more than ${DEPTH_MAX} deep; expected a flatter value`);
}
