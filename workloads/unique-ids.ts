/** Unique ids: no two operations are given the same one. */
import { uniqueIds as uniqueIdsChecker } from "../checkers/unique-ids.js";
import { repeat } from "../src/generator/index.js";
import type { Workload } from "../src/runner/workload.js";
import { objectWorkload, type ObjectWorkloadOptions } from "./objects.js";

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for numbers below 1.
 */
export function uniqueIds(options: ObjectWorkloadOptions = {}): Workload {
  return objectWorkload(
    {
      name: "unique-ids",
      description: "ids from generators; no id is given twice",
      object: "ids",
      functions: ["generate"],
      observes: ["generate"],
      finalRead: "generate",
      generator: () => repeat({ f: "generate", value: null }),
      checker: () => uniqueIdsChecker(),
    },
    options,
  );
}
