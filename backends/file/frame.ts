/**
 * The frames that logs and checkpoints are made of, and how a damaged end is told from damage in
 * the middle.
 *
 * ```
 *  magic (4 bytes: 00 6f 72 64) | length (u32) | CRC-32C of length and payload (u32) | payload (JSON)
 * ```
 *
 * A log is appended to one frame at a time, and the next frame is written only after the last one
 * was synced. So after a crash at most the last frame can be torn: a bad frame *with a good one
 * somewhere behind it* was durable once, and its damage is a loss of data that must not be passed
 * over. (A damaged last frame cannot be told from a torn one: Alagappan et al., "Protocol-Aware
 * Recovery", FAST 2018, section 3.) Payloads are JSON, which has no zero byte, so that no payload
 * can look like the beginning of a frame.
 */
import type { Value } from "../../src/history/value.js";
import { crc32c } from "./crc32c.js";

const MAGIC = 0x006f7264;
/** The bytes of a frame before its payload. */
export const FRAME_HEADER_BYTES = 12;

/** What a file of frames holds. */
export interface Frames {
  /** The payloads of the good frames before the first bad one. */
  readonly payloads: readonly Value[];
  /** Where the first bad frame begins; the size of the file when there is none. */
  readonly goodBytes: number;
  /** Where a good frame stands behind a bad one; undefined when there is none. */
  readonly goodBehindBad: number | undefined;
}

/** A payload as a frame. */
export function encodeFrame(payload: Value): Uint8Array {
  return encodeTextFrame(JSON.stringify(payload));
}

/** A payload that is JSON already. */
export function encodeTextFrame(text: string): Uint8Array {
  const length = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + length);
  frame.writeUInt32BE(MAGIC, 0);
  frame.writeUInt32BE(length, 4);
  frame.write(text, FRAME_HEADER_BYTES);
  frame.writeUInt32BE(checksumOf(frame, 0, frame.length), 8);
  return frame;
}

/** The checksum of the frame that takes these bytes. */
function checksumOf(bytes: Uint8Array, at: number, end: number): number {
  return crc32c(bytes, crc32c(bytes, 0, at + 4, at + 8), at + FRAME_HEADER_BYTES, end);
}

/** Reads a file of frames up to the first bad one, and looks for good ones behind it. */
export function decodeFrames(given: Uint8Array): Frames {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.length);
  const texts: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = endOfFrame(bytes, at);
    if (end === undefined) break;
    texts.push(bytes.toString("utf8", at + FRAME_HEADER_BYTES, end));
    at = end;
  }
  // All at once, as one list: a log has hundreds of small ones.
  const payloads = JSON.parse(`[${texts.join(",")}]`) as Value[];
  return { payloads, goodBytes: at, goodBehindBad: goodFrameAfter(bytes, at + 1) };
}

/** Where the good frame that begins here ends; undefined when there is none. */
function endOfFrame(bytes: Buffer, at: number): number | undefined {
  if (at + FRAME_HEADER_BYTES > bytes.length) return undefined;
  if (bytes.readUInt32BE(at) !== MAGIC) return undefined;
  const end = at + FRAME_HEADER_BYTES + bytes.readUInt32BE(at + 4);
  if (end > bytes.length) return undefined;
  return checksumOf(bytes, at, end) === bytes.readUInt32BE(at + 8) ? end : undefined;
}

function goodFrameAfter(bytes: Buffer, from: number): number | undefined {
  for (let at = bytes.indexOf(0, from); at !== -1; at = bytes.indexOf(0, at + 1)) {
    if (endOfFrame(bytes, at) !== undefined) return at;
  }
  return undefined;
}
