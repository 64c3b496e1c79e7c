/**
 * Sets: elements are added, some are removed, and the set is read; no element may be lost, made up,
 * doubled, or come back.
 */
import { setFull } from "../checkers/set-full.js";
import { repeat } from "../src/generator/index.js";
import type { Workload } from "../src/runner/workload.js";
import { objectWorkload, type ObjectWorkloadOptions } from "./objects.js";

/** Of so many operations one removes an element that was added a while ago. */
const REMOVE_EVERY = 20;

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for numbers below 1.
 */
export function set(options: ObjectWorkloadOptions = {}): Workload {
  return objectWorkload(
    {
      name: "set",
      description: "adds, removes and reads of sets; nothing is lost, made up, doubled or back",
      object: "set",
      functions: ["add", "remove", "read"],
      observes: ["read"],
      finalRead: "read",
      generator: () =>
        repeat(({ index, random }) => {
          if (index % REMOVE_EVERY === REMOVE_EVERY - 1) {
            return { f: "remove", value: random.below(index) };
          }
          return random.chance(0.4) ? { f: "read", value: null } : { f: "add", value: index };
        }),
      checker: () => setFull({ linearizable: true }),
    },
    options,
  );
}
