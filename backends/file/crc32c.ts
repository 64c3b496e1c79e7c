/**
 * CRC-32C, the checksum of iSCSI and of most storage formats: polynomial 0x1EDC6F41 (Castagnoli et
 * al. 1993; RFC 3720, section 12.1), bit-reflected, one table of 256 entries.
 */

const TABLE: Uint32Array = makeTable();

/**
 * The checksum of the bytes from `from` up to `to`; give the checksum of what came before as `seed`
 * to go on from there.
 */
export function crc32c(bytes: Uint8Array, seed = 0, from = 0, to: number = bytes.length): number {
  let crc = ~seed;
  for (let i = from; i < to; i++) {
    crc = (crc >>> 8) ^ (TABLE[(crc ^ (bytes[i] as number)) & 0xff] as number);
  }
  return ~crc >>> 0;
}

function makeTable(): Uint32Array {
  const table = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
    table[byte] = crc >>> 0;
  }
  return table;
}
