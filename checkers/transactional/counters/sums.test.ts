/** Totals of amounts, whole and not, against every choice of them. */
import { expect, test } from "vitest";
import { createRandom } from "../../../src/random.js";
import { totalsOf } from "./sums.js";

const LISTS = 3_000;

function everyTotal(amounts: readonly number[]): ReadonlySet<number> {
  const totals = [0];
  for (const amount of amounts) totals.push(...totals.map((total) => total + amount));
  return new Set(totals);
}

test.each([
  ["small whole ones", 9, 1],
  ["whole ones of several words", 90, 1],
  ["quarters", 9, 4],
])("%s", (_, most, parts) => {
  const random = createRandom(3);
  for (let list = 0; list < LISTS; list++) {
    const low = random.below(2) === 0 ? 0 : -most;
    const amounts = Array.from(
      { length: random.below(9) },
      () => (low + random.below(most - low + 1)) / parts,
    );
    const expected = everyTotal(amounts);
    const totals = totalsOf(amounts);
    const wrong: number[] = [];
    for (let at = -10 * most; at <= 10 * most; at++) {
      const total = at / parts;
      if (totals?.has(total) !== expected.has(total)) wrong.push(total);
    }
    expect(wrong, amounts.join(" ")).toEqual([]);
    expect(totals?.has(0.1)).toBe(false);
  }
});

test("one amount many times, and numbers beyond all bits", () => {
  const totals = totalsOf(Array.from({ length: 1_000 }, () => 7));
  for (let count = 0; count <= 1_000; count++) expect(totals?.has(7 * count)).toBe(true);
  for (const total of [-7, 6, 8, 7_007, 2 ** 40, NaN, Infinity]) {
    expect(totals?.has(total)).toBe(false);
  }
});

test("too many totals that are not whole", () => {
  const amounts = Array.from({ length: 40 }, (_, at) => 1 + 1 / (3 + at));
  expect(totalsOf(amounts)).toBeUndefined();
});
