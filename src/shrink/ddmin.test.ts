import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ddmin } from "./ddmin.js";

describe("ddmin", () => {
  test("finds the elements that it takes, in their order, and no others", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 60 }),
        fc.uniqueArray(fc.nat({ max: 59 }), { maxLength: 6 }),
        async (length, given) => {
          const needed = given.filter((each) => each < length).toSorted((a, b) => a - b);
          const items = Array.from({ length }, (_, index) => index);
          const found = await ddmin(items, (rest) => needed.every((each) => rest.includes(each)));
          expect(found).toEqual(needed);
        },
      ),
    );
  });

  test("gives a list from which nothing can be taken, when what shows it is not monotone", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 2, max: 5 }),
        async (items, modulus) => {
          const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
          const wanted = sum(items) % modulus;
          const shows = (rest: readonly number[]): boolean =>
            rest.length > 0 && sum(rest) % modulus === wanted;
          const found = await ddmin(items, shows);
          expect(shows(found)).toBe(true);
          for (const index of found.keys()) expect(shows(found.toSpliced(index, 1))).toBe(false);
        },
      ),
    );
  });

  test("asks few questions when one element of many is enough", async () => {
    let questions = 0;
    const items = Array.from({ length: 1024 }, (_, index) => index);
    const found = await ddmin(items, (rest) => {
      questions++;
      return rest.includes(700);
    });
    expect(found).toEqual([700]);
    expect(questions).toBeLessThan(40);
  });
});
