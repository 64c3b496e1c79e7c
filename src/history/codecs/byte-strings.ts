/**
 * Strings from bytes. Function names, keys and values repeat endlessly in histories; making each
 * string anew would cost more than all other scanning. A direct-mapped cache of fixed size gives
 * the string that was made before: collisions only cost a new string.
 */
import { ScanError } from "./port.js";

const SLOTS = 8192;
const LENGTH_MAX = 40;

/** Makes strings from slices of ASCII. */
export class AsciiStrings {
  private readonly slots: string[] = Array.from({ length: SLOTS }, () => "");

  /** The string of `buffer[start, end)`, which must be ASCII. */
  get(buffer: Buffer, start: number, end: number): string {
    const length = end - start;
    if (length > LENGTH_MAX) return buffer.toString("latin1", start, end);
    let hash = length;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ (buffer[i] as number), 0x01000193);
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const known = this.slots[slot] as string;
    if (known.length === length) {
      let i = 0;
      while (i < length && known.charCodeAt(i) === buffer[start + i]) i++;
      if (i === length) return known;
    }
    const made = buffer.toString("latin1", start, end);
    this.slots[slot] = made;
    return made;
  }
}

/** These bytes as characters, one each. */
export function latin1(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.toString("latin1", start, end);
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Decodes UTF-8 strictly. */
export function utf8(buffer: Buffer, start: number, end: number): string {
  try {
    return decoder.decode(buffer.subarray(start, end));
  } catch {
    throw new ScanError(start, "these bytes are not UTF-8; expected UTF-8 text");
  }
}

/**
 * The exact value of a decimal integer: a number where numbers are exact, its digits as a string
 * beyond 2^53 - 1 (two different integers must never become equal).
 */
export function exactInteger(digits: string): number | string {
  const number = Number(digits);
  if (Number.isSafeInteger(number)) return number === 0 ? 0 : number;
  return String(BigInt(digits.startsWith("+") ? digits.slice(1) : digits));
}
