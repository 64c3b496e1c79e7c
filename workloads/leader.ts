/** Elections: processes stand for the next term, and ask who leads; no term has two leaders. */
import { leader as leaderChecker } from "../checkers/leader.js";
import { repeat } from "../src/generator/index.js";
import type { Workload } from "../src/runner/workload.js";
import { objectWorkload, type ObjectWorkloadOptions } from "./objects.js";

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for numbers below 1.
 */
export function leader(options: ObjectWorkloadOptions = {}): Workload {
  return objectWorkload(
    {
      name: "leader",
      description: "elections, and questions who leads; no term has two leaders",
      object: "election",
      functions: ["elect", "leader"],
      observes: ["elect", "leader"],
      finalRead: "leader",
      generator: () =>
        repeat(({ process, random }) =>
          random.chance(0.5)
            ? { f: "leader", value: null }
            : { f: "elect", value: `candidate ${process}` },
        ),
      checker: () => leaderChecker(),
    },
    options,
  );
}
