/** What the executions of an exploration are made of, by the names on the command line. */
import type { ExecutionParts, Explored } from "../explore/execution.js";
import { importModule } from "../real/load-program.js";
import { simulatedWorld } from "../simulation/simulated-world.js";
import type { Plan } from "./plan.js";

/** For the check of one history. */
const CHECK_MS = 10_000;
/** An execution that goes on for longer hangs. */
const MAX_VIRTUAL_MS = 3_600_000;

/** Puts the parts together. */
export function explorePartsOf({ make }: Plan, explored: Explored): ExecutionParts {
  const { seed } = explored.test;
  return {
    ...explored,
    system: () => make.system(),
    workload: make.workload,
    world: (queue) =>
      simulatedWorld({ seed, maxVirtualMs: MAX_VIRTUAL_MS, load: importModule, queue }),
    checkMs: CHECK_MS,
  };
}
