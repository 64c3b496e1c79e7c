/** Logs against brute force: offsets, whole reads, slices and sizes, in every mixture. */
import { describe, expect, test } from "vitest";
import type { Value } from "../../../src/history/value.js";
import { log } from "../../../src/model/log.js";
import { expectAgreement, type Counts } from "../../../test/oracle/differential.js";
import type { CallShape, Moment } from "../../../test/oracle/random-history.js";

function expectDecided({ valid, invalid, searches }: Counts): void {
  const all = valid + invalid;
  expect(valid / all).toBeGreaterThan(0.1);
  expect(invalid / all).toBeGreaterThan(0.1);
  expect((searches["log-places"] ?? 0) / all).toBeGreaterThan(0.95);
}

const offsets = [null, 0, 1, 2, 3, 4];

/** Entries of all sorts, also such as look like what a state of the model holds. */
const entries: readonly Value[] = [1, "a", { nulls: 2 }, { entry: "a" }, [1]];

const append: CallShape = {
  f: "append",
  weight: 3,
  input: ({ fresh, dice }) => entries[fresh() - 1] ?? `more ${fresh()}:${dice(100)}`,
  outputs: ({ dice }) => (dice(3) === 0 ? offsets : [null]),
};
const offsetting: CallShape = { ...append, outputs: () => offsets };
const read: CallShape = { f: "read", weight: 2, input: () => null, outputs: (it) => lists(it, 4) };
const slice: CallShape = {
  f: "read",
  input: ({ dice }) => (dice(3) === 0 ? { from: 1 } : { from: dice(3), limit: dice(3) }),
  outputs: (it) => lists(it, 3),
};
const size: CallShape = { f: "size", input: () => null, outputs: () => [0, 1, 2, 3, 4, 5] };

/** Lists of known entries, each at most once; and now and then one that is none. */
function lists({ known, dice }: Moment, lengthMax: number): readonly Value[] {
  const there = entries.slice(0, Math.max(known() > 0 ? 1 : 0, dice(5)));
  const all: Value[][] = [[]];
  for (const list of all) {
    if (list.length === Math.min(lengthMax, there.length)) continue;
    for (const entry of there) if (!list.includes(entry)) all.push([...list, entry]);
  }
  if (dice(12) === 0) all.push(["foreign"], [1, 1]);
  return dice(40) === 0 ? [...all, null] : all;
}

describe("logs", { timeout: 3_600_000 }, () => {
  test.each([
    ["offsets", [offsetting, size], 8],
    ["whole reads", [append, read], 8],
    ["slices", [append, { ...slice, weight: 2 }, size], 8],
    ["everything", [append, offsetting, read, slice, size], 8],
  ] as const)("%s", async (_, calls, operationsMax) => {
    const counts = await expectAgreement((dice) => ({
      model: log(),
      operationsMax,
      processesMax: 5,
      indeterminate: dice(2) === 0 ? 4 : 8,
      calls,
    }));
    expectDecided(counts);
  });
});
