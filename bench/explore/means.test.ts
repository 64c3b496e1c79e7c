import { describe, expect, test } from "vitest";
import { createRandom } from "../../src/random.js";
import { findsOf, geometricMean, inCpuSeconds, inTrials } from "./means.js";
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
  test("is what it had until it found the bug, or all of it if it did not", () => {
    expect([inTrials(search({ found: 7 })), findsOf(search({ found: 7 }))]).toEqual([7, 1]);
    expect([inTrials(search({})), findsOf(search({}))]).toEqual([30, 0]);
    const going = search({ found: 7, finds: 2 });
    expect([inTrials(going), findsOf(going), inCpuSeconds(going)]).toEqual([30, 2, 3]);
  });

  test("is divided by what was found, over all searches for a bug", () => {
    const searches = [search({ found: 7 }), search({ search: 3 }), search({ search: 4, found: 3 })];
    const { value } = geometricMean(searches, inTrials, { of: "uniform" });
    expect(value).toBeCloseTo(40 / 2.5, 10);
  });

  test("is not biased by when searches are given up", () => {
    // Finds come with a probability of 1 in 50 a trial; searches end after 10 or after 500.
    const random = createRandom(2);
    for (const trials of [10, 500]) {
      const searches = Array.from({ length: 6_000 / Math.sqrt(trials) }, (_, number) => {
        let found: number | null = null;
        for (let trial = 1; trial <= trials && found === null; trial++) {
          if (random.chance(0.02)) found = trial;
        }
        return search({ search: number, trials, found });
      });
      const { value, from, to } = geometricMean(searches, inTrials, { of: "uniform" });
      expect(value / 50).toBeCloseTo(1, 0);
      expect([from < 50, to > 50]).toEqual([true, true]);
    }
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
    expect(alone.value).toBeCloseTo((2 / 2.5) * 4 * 6 ** (1 / 3), 10);
    expect([alone.from < alone.value, alone.to > alone.value]).toEqual([true, true]);
  });
});
