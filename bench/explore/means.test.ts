import { describe, expect, test } from "vitest";
import { geometricMean, inCpuSeconds, inTrials } from "./means.js";
import type { Search } from "./search.js";

function search(given: Partial<Search>): Search {
  return {
    bug: "raft:double-vote",
    strategy: "uniform",
    search: 2,
    trials: 30,
    found: null,
    virtualSeconds: 300,
    cpuSeconds: 3,
    messages: 9_000,
    ...given,
  };
}

describe("how long a search took", () => {
  test("is what it had until it found the bug, and twice all of it if it did not", () => {
    expect(inTrials(search({ found: 7 }))).toBe(7);
    expect(inTrials(search({}))).toBe(60);
    expect(inCpuSeconds(search({ found: 7, cpuSeconds: 0.7 }))).toBe(0.7);
    expect(inCpuSeconds(search({}))).toBe(6);
  });

  test("is what it had for each find, where it went on to its end", () => {
    expect(inTrials(search({ found: 7, finds: 2 }))).toBe(12);
    expect(inTrials(search({ finds: 0 }))).toBe(60);
    expect(inCpuSeconds(search({ found: 7, finds: 1 }))).toBe(2);
  });

  test("is compared in pairs of strategies, bug by bug", () => {
    const searches = ["a", "b", "c"].flatMap((bug, place) =>
      [2, 3].flatMap((number) => [
        search({ bug, search: number, found: 4 * (place + 1) }),
        search({ bug, search: number, strategy: "guided", found: 2 * (place + 1) }),
      ]),
    );
    const { value, from, to } = geometricMean(searches, inTrials, { of: "guided", by: "uniform" });
    for (const each of [value, from, to]) expect(each).toBeCloseTo(0.5, 10);
    const alone = geometricMean(searches, inTrials, { of: "uniform" });
    expect(alone.value).toBeCloseTo(4 * 6 ** (1 / 3), 10);
    expect([alone.from < alone.value, alone.to > alone.value]).toEqual([true, true]);
  });
});
