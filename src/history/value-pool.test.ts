/** Equal values have one position, different ones never the same, and each comes back as it was. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { canonical, type Value } from "./value.js";
import { ValuePool } from "./value-pool.js";

const scalar = fc.oneof(
  fc.constantFrom<Value>(null, true, false, "", "a", "1", 0, -0, 1.5, -3, 2 ** 40, NaN),
  fc.integer({ min: 0, max: 5000 }),
);
const { value: anyValue } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom("a", "b"), tie("value"), { maxKeys: 2 }),
  ),
}));

test("positions are equal exactly where canonical texts are", () => {
  fc.assert(
    fc.property(fc.array(anyValue, { maxLength: 12 }), (values) => {
      const pool = new ValuePool();
      const positions = values.map((value) => pool.intern(value));
      for (const [i, a] of values.entries()) {
        expect(canonical(pool.at(positions[i] as number))).toBe(canonical(a));
        for (const [j, b] of values.entries()) {
          expect(positions[i] === positions[j]).toBe(canonical(a) === canonical(b));
        }
      }
      expect(pool.all().map((value) => canonical(value))).toEqual(
        pool.all().map((_, position) => canonical(pool.at(position))),
      );
      expect(pool.all()).toHaveLength(pool.length);
    }),
    { numRuns: 500 },
  );
});

test("many lists: the table grows and still finds each", () => {
  const pool = new ValuePool();
  const lists = Array.from({ length: 20_000 }, (_, i) => [i % 7, [i, "x"], i >> 1]);
  const positions = lists.map((list) => pool.intern(list));
  expect(new Set(positions).size).toBe(lists.length);
  expect(lists.map((list) => pool.intern(list))).toEqual(positions);
  expect(positions.map((position) => pool.at(position))).toEqual(lists);
});

test("a list that was cut off leaves no items behind", () => {
  const pool = new ValuePool();
  pool.open();
  pool.push(pool.intern(1));
  pool.reset();
  const mark = pool.open();
  pool.push(pool.intern(2));
  expect(pool.at(pool.close(mark))).toEqual([2]);
});

test("lists as columns", () => {
  const pool = new ValuePool();
  const position = pool.intern(["r", 1, [2, 2]]);
  const { starts, items } = pool.lists();
  const start = starts[position] as number;
  expect(items[start]).toBe(3);
  expect(pool.at(items[start + 1] as number)).toBe("r");
  expect(pool.at(items[start + 3] as number)).toEqual([2, 2]);
  expect(starts[items[start + 1] as number]).toBe(-1);
  expect(pool.itemsOf(position)).toHaveLength(3);
  expect(pool.itemsOf(items[start + 2] as number)).toBeUndefined();
});
