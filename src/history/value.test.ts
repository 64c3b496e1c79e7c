/**
 * Equality of values, also of what a client in plain JavaScript may return although it is no JSON.
 */
import { expect, test } from "vitest";
import { historyOf } from "./history.js";
import { canonical, sameValue, type Value } from "./value.js";

const foreign = (value: unknown): Value => value as Value;

test("the order of keys makes no difference, all else does", () => {
  expect(sameValue({ a: 1, b: [2, { c: 3, d: 4 }] }, { b: [2, { d: 4, c: 3 }], a: 1 })).toBe(true);
  for (const [a, b] of [
    [1, "1"],
    [null, "null"],
    [[], {}],
    [0, false],
    [
      [1, 2],
      [2, 1],
    ],
    [{ a: null }, {}],
    ["", null],
  ] as const) {
    expect(sameValue(a, b)).toBe(false);
    expect(canonical(a)).not.toBe(canonical(b));
  }
});

test("what has a JSON form of its own is that", () => {
  expect(canonical(foreign(new Date(0)))).toBe('"1970-01-01T00:00:00.000Z"');
  expect(canonical([foreign(new Date(1))])).not.toBe(canonical([foreign(new Date(2))]));
});

test("what JSON would empty is refused, for all of its kind would be equal", () => {
  expect(() => canonical(foreign(new Map([[1, 2]])))).toThrow("a Map is no plain JSON value");
  expect(() => canonical([foreign(new Set([1]))])).toThrow("a Set is no plain JSON value");
  expect(() => canonical(foreign(Promise.resolve(1)))).toThrow("Await it first");
});

test("undefined and NaN are null in a history, as they are in its file", () => {
  const history = historyOf([
    { type: "invoke", process: 0, f: "write", value: foreign(undefined), timeNs: 0 },
    { type: "ok", process: 0, f: "write", value: NaN, timeNs: 1 },
  ]);
  expect(history.pool).toEqual([null]);
  expect(history.operation(0)).toMatchObject({ input: null, output: null });
});
