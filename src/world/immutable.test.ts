import { expect, test } from "vitest";
import * as fc from "fast-check";
import { copyMessage } from "../simulation/message.js";
import { immutable, isImmutable, textOf } from "./immutable.js";
import type { Message } from "./network.js";

test("what is immutable reads like any other plain JSON, and has the same text", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (given) => {
      const value = given as Message;
      const plain = JSON.parse(JSON.stringify(value)) as Message;
      const fixed = immutable(value);
      expect(fixed).toEqual(plain);
      expect(JSON.stringify(fixed)).toBe(JSON.stringify(value));
      expect(textOf(fixed)).toBe(JSON.stringify(value));
      expect(textOf(plain)).toBe(JSON.stringify(value));
    }),
  );
});

test("numbers are those of JSON", () => {
  expect(immutable(-0)).toBe(0);
  expect(immutable(Number.NaN)).toBeNull();
  expect(immutable({ a: [-0, 1.5] })).toEqual({ a: [0, 1.5] });
});

test("nothing in it can be changed, and what it was made of may be", () => {
  const inner = [1];
  const fixed = immutable({ inner, deep: { list: [{ a: 1 }] } });
  inner.push(2);
  expect(fixed.inner).toEqual([1]);
  expect(() => fixed.inner.push(2)).toThrow(TypeError);
  expect(() => {
    const [first] = fixed.deep.list;
    if (first !== undefined) first.a = 2;
  }).toThrow(TypeError);
  expect(() => {
    fixed.inner = [];
  }).toThrow(TypeError);
});

test("a message shares it, and copies everything else", () => {
  const fixed = immutable({ list: [1] });
  const copy = copyMessage({ fixed, other: { list: [1] } }) as { fixed: object; other: object };
  expect(copy.fixed).toBe(fixed);
  const fresh = { list: [1] };
  expect((copyMessage({ fresh }) as { fresh: object }).fresh).not.toBe(fresh);
  // A copy that somebody makes of it is like any other object.
  expect(isImmutable({ ...fixed })).toBe(false);
});
