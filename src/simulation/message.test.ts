import { expect, test } from "vitest";
import * as fc from "fast-check";
import type { Message } from "../world/network.js";
import { copyMessage } from "./message.js";

test("a copy is what a trip through JSON gives", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const copy = copyMessage(value as Message);
      expect(copy).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
  const odd = {
    a: undefined,
    b: [undefined, Number.NaN, -0],
    ["__proto__"]: 1,
  } as unknown as Message;
  expect(copyMessage(odd)).toEqual(JSON.parse(JSON.stringify(odd)));
  const own = copyMessage(JSON.parse('{"__proto__":{"x":1}}') as Message) as object;
  expect(Object.keys(own)).toEqual(["__proto__"]);
  expect((own as { x?: number }).x).toBeUndefined();
});

test("a copy shares nothing", () => {
  const inner = [1];
  const copy = copyMessage({ inner }) as { inner: number[] };
  inner.push(2);
  expect(copy).toEqual({ inner: [1] });
});

test.each([new Map(), new Date(0), new Uint8Array(1), () => {}, 1n, Symbol("x")])(
  "what JSON cannot carry is refused: %s",
  (value) => {
    expect(() => copyMessage({ value } as unknown as Message)).toThrow(/plain JSON/);
  },
);
