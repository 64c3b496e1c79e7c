/** What the executions of an exploration are made of, by the names on the command line. */
import type { ExecutionParts, Explored } from "../explore/execution.js";
import { importModule } from "../real/load-program.js";
import { simulatedWorld } from "../simulation/simulated-world.js";
import { makeSystem, makeWorkload } from "./catalog.js";
import type { Plan } from "./plan.js";

/** For the check of one history. */
const CHECK_MS = 10_000;
/** An execution that goes on for longer hangs. */
const MAX_VIRTUAL_MS = 3_600_000;

/** Puts the parts together. */
export function explorePartsOf(
  { system, workload, user }: Plan,
  explored: Explored,
): ExecutionParts {
  const isOwn = user?.system === system;
  const { seed } = explored.test;
  return {
    ...explored,
    system: () => (isOwn ? system : makeSystem(system.name)),
    workload: () => (user === undefined ? makeWorkload(workload.name) : workload),
    world: (queue) =>
      simulatedWorld({ seed, maxVirtualMs: MAX_VIRTUAL_MS, load: importModule, queue }),
    checkMs: CHECK_MS,
  };
}
