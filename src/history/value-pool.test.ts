/** Equal values have one position, different ones never the same, and each comes back as it was. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { canonical, type Value } from "./value.js";
import { objectStart, ValuePool } from "./value-pool.js";

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

test("integers far apart are found again when there are many, also those between", () => {
  const pool = new ValuePool();
  const few = Array.from({ length: 40 }, (_, i) => 100_000 * (i + 1));
  const positions = few.map((each) => pool.intern(each));
  const many = Array.from({ length: 250_000 }, (_, i) => i);
  const all = many.map((each) => pool.intern(each));
  expect(few.map((each) => pool.intern(each))).toEqual(positions);
  expect([all[100_000], all[200_000]]).toEqual(positions.slice(0, 2));
  expect(new Set(all).size).toBe(many.length);
  expect(many.map((each) => pool.intern(each))).toEqual(all);
  expect(few.map((_, i) => pool.at(positions[i] as number))).toEqual(few);
  expect(pool.length).toBe(250_000 + 38);
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

test("many objects: each is found again, whatever the order of its fields", () => {
  const pool = new ValuePool();
  const objects = Array.from({ length: 5_000 }, (_, i) => ({ a: i % 7, b: [i], c: { d: i >> 1 } }));
  const positions = objects.map((object) => pool.intern(object));
  expect(new Set(positions).size).toBe(objects.length);
  const turned = objects.map(({ a, b, c }) => ({ c, b, a }));
  expect(turned.map((object) => pool.intern(object))).toEqual(positions);
  expect(pool.intern({ a: 0, b: [0] })).not.toBe(positions[0]);
  expect(pool.intern({ a: 0, b: [0], e: { d: 0 } })).not.toBe(positions[0]);
  expect(positions.map((position) => pool.at(position))).toEqual(objects);
});

test("an object is kept as it was, not as it is made later", () => {
  const pool = new ValuePool();
  const object: { [name: string]: Value } = { b: 1, a: [2] };
  const position = pool.intern(object);
  object["b"] = 5;
  expect(JSON.stringify(pool.at(position))).toBe('{"b":1,"a":[2]}');
  const strange = JSON.parse('{"__proto__":{"x":1},"7":2}') as Value;
  expect(JSON.stringify(pool.at(pool.intern(strange)))).toBe(JSON.stringify(strange));
  const date = { at: new Date(0) } as unknown as Value;
  expect(pool.at(pool.intern(date))).toEqual({ at: "1970-01-01T00:00:00.000Z" });
});

test("lists and objects as columns", () => {
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
  const object = pool.intern({ x: 1, y: [] });
  const all = pool.lists();
  expect(pool.itemsOf(object)).toBeUndefined();
  const fields = objectStart(all.starts[object] as number);
  const places = [...all.items.subarray(fields + 1, fields + 5)];
  expect(all.items[fields]).toBe(4);
  expect(places.map((place) => pool.at(place))).toEqual(["x", 1, "y", []]);
});
