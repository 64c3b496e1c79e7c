import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Value } from "../../src/history/value.js";
import { crc32c } from "./crc32c.js";
import { decodeFrames, encodeFrame } from "./frame.js";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("crc32c", () => {
  test("is the remainder, bit by bit, of any number of bytes from anywhere", () => {
    const bytes = Uint8Array.from({ length: 40 }, (_, i) => (i * 151 + 77) & 0xff);
    for (let from = 0; from < 9; from++) {
      for (let to = from; to <= bytes.length; to++) {
        let crc = 0xffffffff;
        for (const byte of bytes.subarray(from, to)) {
          crc ^= byte;
          for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
        }
        expect(crc32c(bytes, 0, from, to)).toBe(~crc >>> 0);
      }
    }
  });

  test("gives the check value of the catalogue and those of RFC 3720, B.4", () => {
    expect(crc32c(bytesOf("123456789"))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
  });

  test("can be computed in pieces", () => {
    expect(crc32c(bytesOf("6789"), crc32c(bytesOf("12345")))).toBe(0xe3069283);
  });
});

describe("frames", () => {
  const jsonValue = fc.jsonValue() as fc.Arbitrary<Value>;

  test("come back as they were", () => {
    fc.assert(
      fc.property(fc.array(jsonValue), (payloads) => {
        const file = joined(payloads.map(encodeFrame));
        const plain = payloads.map((payload) => JSON.parse(JSON.stringify(payload)) as Value);
        expect(decodeFrames(file)).toEqual({
          payloads: plain,
          goodBytes: file.length,
          goodBehindBad: undefined,
        });
      }),
    );
  });

  test("a file that is cut anywhere keeps exactly its whole frames", () => {
    const frames = [["a"], ["b", "\0 zero"], [{ c: 1 }]].map(encodeFrame);
    const file = joined(frames);
    for (let size = 0; size <= file.length; size++) {
      const whole = frames.filter((_, i) => joined(frames.slice(0, i + 1)).length <= size);
      const { payloads, goodBytes, goodBehindBad } = decodeFrames(file.slice(0, size));
      expect(payloads).toHaveLength(whole.length);
      expect(goodBytes).toBe(joined(whole).length);
      expect(goodBehindBad).toBeUndefined();
    }
  });

  test("any changed byte is noticed, and told apart by what stands behind it", () => {
    const frames = [["first"], ["second"], ["third"]].map(encodeFrame);
    const ends = frames.map((_, i) => joined(frames.slice(0, i + 1)).length);
    const file = joined(frames);
    for (let at = 0; at < file.length; at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const damaged = file.slice();
        damaged[at] = (damaged[at] as number) ^ flip;
        const hit = ends.findIndex((end) => at < end);
        const { payloads, goodBehindBad } = decodeFrames(damaged);
        expect(payloads).toHaveLength(hit);
        expect(goodBehindBad).toBe(hit === 2 ? undefined : ends[hit]);
      }
    }
  });
});

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
