/**
 * Writes one after the other, and reads of all of them: no read may see a later write and miss one
 * that had ended before it began.
 */
import { causalReverse as causalReverseChecker } from "../checkers/causal-reverse.js";
import { repeat } from "../src/generator/index.js";
import type { Workload } from "../src/runner/workload.js";
import { objectWorkload, type ObjectWorkloadOptions } from "./objects.js";

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for numbers below 1.
 */
export function causalReverse(options: ObjectWorkloadOptions = {}): Workload {
  return objectWorkload(
    {
      name: "causal-reverse",
      description: "adds one after the other; no read sees a later one and misses an earlier one",
      object: "set",
      functions: ["add", "read"],
      observes: ["read"],
      finalRead: "read",
      generator: () =>
        repeat(({ index, random }) =>
          random.chance(0.5) ? { f: "read", value: null } : { f: "add", value: index },
        ),
      checker: () => causalReverseChecker(),
    },
    options,
  );
}
