/**
 * CRC-32C, the checksum of iSCSI and of most storage formats: polynomial 0x1EDC6F41 (Castagnoli et
 * al. 1993; RFC 3720, section 12.1), bit-reflected, four bytes at a time ("slicing by 4": Kounavis
 * and Berry, "A Systematic Approach to Building High Performance Software-Based CRC Generators",
 * ISCC 2005).
 */

/** What a byte does to the checksum when no other, one, two or three bytes follow it. */
const [LAST, SECOND, THIRD, FOURTH] = makeTables();

/**
 * The checksum of the bytes from `from` up to `to`; give the checksum of what came before as `seed`
 * to go on from there.
 */
export function crc32c(bytes: Uint8Array, seed = 0, from = 0, to: number = bytes.length): number {
  let crc = ~seed;
  let i = from;
  for (; i + 4 <= to; i += 4) {
    crc ^= bytes[i] as number;
    crc ^= (bytes[i + 1] as number) << 8;
    crc ^= (bytes[i + 2] as number) << 16;
    crc ^= (bytes[i + 3] as number) << 24;
    crc =
      (FOURTH[crc & 0xff] as number) ^
      (THIRD[(crc >>> 8) & 0xff] as number) ^
      (SECOND[(crc >>> 16) & 0xff] as number) ^
      (LAST[crc >>> 24] as number);
  }
  for (; i < to; i++) crc = (crc >>> 8) ^ (LAST[(crc ^ (bytes[i] as number)) & 0xff] as number);
  return ~crc >>> 0;
}

function makeTables(): readonly [Int32Array, Int32Array, Int32Array, Int32Array] {
  const last = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
    last[byte] = crc;
  }
  const before = (table: Int32Array): Int32Array =>
    table.map((crc) => (crc >>> 8) ^ (last[crc & 0xff] as number));
  const second = before(last);
  const third = before(second);
  return [last, second, third, before(third)];
}
