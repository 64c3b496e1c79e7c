import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Message } from "../world/network.js";
import { createFrameReader, encodeFrame, FRAME_BYTES_MAX } from "./framing.js";

test("messages come out as they went in, however the bytes are cut", () => {
  // Numbers that JSON keeps: it has no negative zero.
  const message = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Message);
  fc.assert(
    fc.property(
      fc.array(message),
      fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
      (sent, cuts) => {
        const whole = Buffer.concat(sent.map((each) => encodeFrame(each)));
        const read = createFrameReader();
        const received: Message[] = [];
        for (let offset = 0; offset < whole.length;) {
          const size = cuts.next().value as number;
          received.push(...read(whole.subarray(offset, offset + size)));
          offset += size;
        }
        expect(received).toEqual(sent);
      },
    ),
  );
});

test("garbage is an error, not a wait for gigabytes", () => {
  expect(() => createFrameReader()(Buffer.from("GET / HTTP/1.1\r\n"))).toThrow(RangeError);
  const broken = Buffer.concat([Buffer.from([0, 0, 0, 2]), Buffer.from("{]")]);
  expect(() => createFrameReader()(broken)).toThrow(SyntaxError);
  expect(() => encodeFrame("x".repeat(FRAME_BYTES_MAX))).toThrow("too long");
});
