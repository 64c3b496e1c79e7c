/** Lists with runs against plain lists. */
import { expect, test } from "vitest";
import { createRandom } from "../random.js";
import type { Value } from "../history/value.js";
import { isRun, lengthOf, runsOf, sliceOf, withEntry, type Runs } from "./runs.js";

/** Entries that look like what runs are made of are entries all the same. */
const ENTRIES: readonly Value[] = [null, null, null, 1, "a", { nulls: 2 }, { entry: 1 }, [null]];

function listOf(seed: number): Value[] {
  const random = createRandom(seed);
  return Array.from({ length: random.below(9) }, () => random.pick(ENTRIES));
}

test("a list has one form, whatever way it came about", () => {
  for (let seed = 0; seed < 500; seed++) {
    const list = listOf(seed);
    let grown: Runs = [];
    for (const entry of list) grown = withEntry(grown, entry);
    expect(grown).toEqual(runsOf(list));
    expect(lengthOf(grown)).toBe(list.length);
    const random = createRandom(seed);
    const from = random.below(10);
    const to = random.below(12);
    expect(sliceOf(grown, from, to)).toEqual(runsOf(list.slice(from, Math.max(from, to))));
    expect(sliceOf(grown, from)).toEqual(runsOf(list.slice(from)));
  }
});

test("different lists have different forms", () => {
  const forms = new Map<string, string>();
  for (let seed = 0; seed < 2_000; seed++) {
    const list = listOf(seed);
    const form = JSON.stringify(runsOf(list));
    expect(forms.get(form) ?? JSON.stringify(list)).toBe(JSON.stringify(list));
    forms.set(form, JSON.stringify(list));
  }
});

test("runs are short", () => {
  expect(runsOf([null, null, 1, null])).toEqual([{ nulls: 2 }, 1, { nulls: 1 }]);
  expect(runsOf([{ nulls: 2 }])).toEqual([{ entry: { nulls: 2 } }]);
  expect(isRun({ nulls: 2 })).toBe(true);
  expect(isRun({ entry: { nulls: 2 } })).toBe(false);
});
