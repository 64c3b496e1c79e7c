/** Columns give back what was put into them, whatever room they had. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { CompactList, IntList, QuadList, UsualList } from "./growing.js";

test("a compact list has every number", () => {
  const number = fc.oneof(
    fc.nat(1e6),
    fc.double(),
    fc.constantFrom(Number.NaN, -1, -2, 0, 0.5, 0x7fffffff, 0x80000000, 2 ** 53, -Infinity),
  );
  fc.assert(
    fc.property(fc.array(number, { maxLength: 200 }), (numbers) => {
      const list = new CompactList();
      numbers.forEach((each, place) => expect(list.push(each)).toBe(place));
      expect(list.length).toBe(numbers.length);
      // Minus zero is zero, as everywhere in histories.
      expect(numbers.map((_, place) => list.at(place) + 0)).toEqual(
        numbers.map((each) => each + 0),
      );
    }),
  );
});

test("a list of what is usual has the rest where it was set", () => {
  const entry = fc.tuple(fc.nat(500), fc.constantFrom(7, -1, Number.NaN, 3.5));
  for (const usual of [-1, Number.NaN, 7]) {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), (entries) => {
        const list = new UsualList(usual);
        const known = new Map<number, number>();
        for (const [place, item] of entries) {
          list.set(place, item);
          known.set(place, item);
        }
        for (let place = 0; place <= 1_000; place++) {
          expect(list.at(place)).toBe(known.get(place) ?? usual);
        }
      }),
    );
  }
});

test("a long list keeps its entries when it moves", () => {
  const list = new IntList();
  for (let item = 0; item < 300_000; item++) list.push(item);
  expect([0, 63, 64, 65_535, 65_536, 262_144, 299_999].map((place) => list.at(place))).toEqual([
    0, 63, 64, 65_535, 65_536, 262_144, 299_999,
  ]);
});

test("columns side by side keep their entries when they move", () => {
  const list = new QuadList(1);
  for (let entry = 0; entry < 70_000; entry++) {
    expect(list.push(entry, 2 * entry, 3 * entry, -entry)).toBe(entry);
  }
  for (const entry of [0, 63, 64, 65_535, 69_999]) {
    const row = [...list.items.subarray(4 * entry, 4 * entry + 4)].map((item) => item + 0);
    expect(row).toEqual([entry, 2 * entry, 3 * entry, 0 - entry]);
  }
  expect(list.length).toBe(70_000);
});
