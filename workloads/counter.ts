/** Counters: each read lies within the bounds of the additions around it. */
import { counter as counterChecker } from "../checkers/counter.js";
import { repeat } from "../src/generator/index.js";
import type { Workload } from "../src/runner/workload.js";
import { objectWorkload, type ObjectWorkloadOptions } from "./objects.js";

const LARGEST = 5;

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for numbers below 1.
 */
export function counter(options: ObjectWorkloadOptions = {}): Workload {
  return objectWorkload(
    {
      name: "counter",
      description: "additions to counters and reads, each within the bounds of the additions",
      object: "counter",
      functions: ["add", "read"],
      observes: ["read"],
      finalRead: "read",
      generator: () =>
        repeat(({ random }) =>
          random.chance(0.4)
            ? { f: "read", value: null }
            : { f: "add", value: 1 + random.below(LARGEST) },
        ),
      checker: () => counterChecker(),
    },
    options,
  );
}
