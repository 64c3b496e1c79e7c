/** Counters that are only added to: nobody may see one smaller than it was seen before. */
import { monotonic as monotonicChecker } from "../checkers/monotonic.js";
import { repeat } from "../src/generator/index.js";
import type { Workload } from "../src/runner/workload.js";
import { objectWorkload, type ObjectWorkloadOptions } from "./objects.js";

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for numbers below 1.
 */
export function monotonic(options: ObjectWorkloadOptions = {}): Workload {
  return objectWorkload(
    {
      name: "monotonic",
      description: "counters that only grow; no read goes back behind one that ended before",
      object: "counter",
      functions: ["add", "read"],
      observes: ["read"],
      finalRead: "read",
      generator: () =>
        repeat(({ random }) =>
          random.chance(0.6) ? { f: "read", value: null } : { f: "add", value: 1 },
        ),
      checker: () => monotonicChecker(),
    },
    options,
  );
}
