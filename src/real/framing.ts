/**
 * Messages on a TCP connection: four bytes of length (big-endian), then that many bytes of JSON.
 */
import type { Message } from "../world/network.js";

/** The longest frame in bytes; more is taken for garbage from somebody else. */
export const FRAME_BYTES_MAX: number = 64 * 1024 * 1024;

const HEADER_BYTES = 4;

/** One message as bytes. @throws RangeError when it is longer than a frame may be. */
export function encodeFrame(message: Message): Buffer {
  const text = JSON.stringify(message);
  const size = Buffer.byteLength(text);
  if (size > FRAME_BYTES_MAX) throw new RangeError(`a message of ${size} bytes is too long`);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + size);
  frame.writeUInt32BE(size, 0);
  frame.write(text, HEADER_BYTES);
  return frame;
}

/**
 * Takes a stream of bytes apart; each call gives the messages that it completes. @throws on
 * garbage.
 */
export function createFrameReader(): (chunk: Buffer) => Message[] {
  let chunks: Buffer[] = [];
  let bytes = 0;
  /**
   * Bytes to have before there is anything to do; keeps a long frame from being copied again and
   * again.
   */
  let wanted = HEADER_BYTES;
  return (chunk) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes < wanted) return [];
    const whole = chunks.length === 1 ? chunk : Buffer.concat(chunks, bytes);
    const messages: Message[] = [];
    let offset = 0;
    wanted = HEADER_BYTES;
    while (whole.length - offset >= HEADER_BYTES) {
      const size = whole.readUInt32BE(offset);
      if (size > FRAME_BYTES_MAX) throw new RangeError(`a frame of ${size} bytes is too long`);
      const end = offset + HEADER_BYTES + size;
      if (end > whole.length) {
        wanted = HEADER_BYTES + size;
        break;
      }
      messages.push(JSON.parse(whole.toString("utf8", offset + HEADER_BYTES, end)) as Message);
      offset = end;
    }
    chunks = offset === whole.length ? [] : [whole.subarray(offset)];
    bytes = whole.length - offset;
    return messages;
  };
}
