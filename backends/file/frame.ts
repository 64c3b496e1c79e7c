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
const DECODER = new TextDecoder();
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
  const text = JSON.stringify(payload);
  const length = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + length);
  frame.writeUInt32BE(MAGIC, 0);
  frame.writeUInt32BE(length, 4);
  frame.write(text, FRAME_HEADER_BYTES);
  const ofLength = crc32c(frame.subarray(4, 8));
  frame.writeUInt32BE(crc32c(frame.subarray(FRAME_HEADER_BYTES), ofLength), 8);
  return frame;
}

/** Reads a file of frames up to the first bad one, and looks for good ones behind it. */
export function decodeFrames(bytes: Uint8Array): Frames {
  const payloads: Value[] = [];
  let at = 0;
  while (at < bytes.length) {
    const body = frameAt(bytes, at);
    if (body === undefined) break;
    payloads.push(JSON.parse(DECODER.decode(body)) as Value);
    at += FRAME_HEADER_BYTES + body.length;
  }
  return { payloads, goodBytes: at, goodBehindBad: goodFrameAfter(bytes, at + 1) };
}

/** The payload bytes of the good frame that begins here; undefined when there is none. */
function frameAt(bytes: Uint8Array, at: number): Uint8Array | undefined {
  if (at + FRAME_HEADER_BYTES > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
  if (view.getUint32(0) !== MAGIC) return undefined;
  const end = FRAME_HEADER_BYTES + view.getUint32(4);
  if (at + end > bytes.length) return undefined;
  const body = bytes.subarray(at + FRAME_HEADER_BYTES, at + end);
  const sum = crc32c(body, crc32c(bytes.subarray(at + 4, at + 8)));
  return sum === view.getUint32(8) ? body : undefined;
}

function goodFrameAfter(bytes: Uint8Array, from: number): number | undefined {
  for (let at = bytes.indexOf(0, from); at !== -1; at = bytes.indexOf(0, at + 1)) {
    if (frameAt(bytes, at) !== undefined) return at;
  }
  return undefined;
}
