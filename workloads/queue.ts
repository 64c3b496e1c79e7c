/** Queues: what goes in comes out, once, and nothing else does; finally they are drained. */
import { totalQueue } from "../checkers/total-queue.js";
import { repeat } from "../src/generator/index.js";
import type { Workload } from "../src/runner/workload.js";
import { objectWorkload, type ObjectWorkloadOptions } from "./objects.js";

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for numbers below 1.
 */
export function queue(options: ObjectWorkloadOptions = {}): Workload {
  return objectWorkload(
    {
      name: "queue",
      description: "enqueues and dequeues, and a drain at the end; what goes in comes out, once",
      object: "queue",
      functions: ["enqueue", "dequeue", "drain"],
      observes: ["dequeue", "drain"],
      finalRead: "drain",
      generator: () =>
        repeat(({ index, random }) =>
          random.chance(0.5) ? { f: "dequeue", value: null } : { f: "enqueue", value: index },
        ),
      checker: () => totalQueue(),
    },
    options,
  );
}
