/**
 * The known bugs of replicated systems are found, and the same runs of the systems without them
 * find nothing. `ORDEAL_MUTANT_SEEDS=N` runs N seeds of each healthy twin instead of two, and looks
 * for the bugs that take many seeds too; that takes minutes.
 */
import { describe, expect, test } from "vitest";
import { SCENARIOS } from "../bench/mutants/all.js";
import { detect, runUnder } from "../bench/mutants/scenario.js";
import { healthyTwins } from "../bench/mutants/twins.js";

const ASKED = Number(process.env["ORDEAL_MUTANT_SEEDS"] ?? 0);
const TWIN_SEEDS = Math.max(ASKED, 2);
/** Bugs that need more seeds than this are looked for only when asked to. */
const QUICK_SEEDS = ASKED > 0 ? Infinity : 40;
const MINUTES = 60_000;

describe("each bug is found", () => {
  for (const scenario of SCENARIOS) {
    const { name } = scenario.mutant();
    const { seeds, elusive = false } = scenario;
    test.skipIf(elusive || seeds > QUICK_SEEDS)(
      `${name}, within ${seeds} seeds`,
      async () => {
        const { seed } = await detect(scenario, { seeds });
        expect(seed, `none of ${seeds} seeds found it`).toBeDefined();
      },
      20 * MINUTES,
    );
  }
});

describe("nothing is found in their healthy twins", () => {
  for (const { name, twin, circumstances } of healthyTwins()) {
    test(
      `${name}, ${TWIN_SEEDS} seeds`,
      async () => {
        for (let seed = 1; seed <= TWIN_SEEDS; seed++) {
          const { result } = await runUnder(circumstances, twin(), seed);
          const { verdict, reason } = result.verdict;
          expect(`${seed}: ${verdict} ${reason}`).toMatch(/: valid /);
        }
      },
      60 * MINUTES,
    );
  }
});

test("a system of each kind has bugs to find, and each has its name once", () => {
  const names = SCENARIOS.map(({ mutant }) => mutant().name);
  expect(new Set(names).size).toBe(names.length);
  const systems = new Set(SCENARIOS.map(({ twin }) => twin().name));
  expect(systems.size).toBeGreaterThanOrEqual(5);
});
