/**
 * Crash and restart: processes die without notice (SIGKILL) and come back with what they had
 * written to their disks. Finds state that was acknowledged before it was written, and recovery
 * that forgets or invents.
 */
import type { Nemesis } from "../src/runner/nemesis.js";
import { nodeFault, type NodeFaultOptions } from "./node-fault.js";

/** Kills some nodes (`start-crash`), and starts all that are down (`stop-crash`). */
export function crash(options: NodeFaultOptions = {}): Nemesis {
  return nodeFault(
    {
      name: "crash",
      description:
        "kills nodes (SIGKILL: memory is lost, written data stays) and starts them again",
      need: "kill",
      strike: async (processes, node) => processes.kill(node),
      mend: async (processes, node) => processes.start(node),
      struck: "down",
    },
    options,
  );
}
