/**
 * Pause and resume: processes stand still (SIGSTOP), as in a long garbage collection or a stalled
 * virtual machine, and go on without knowing it. Finds leases and leaderships that outlive their
 * time.
 */
import type { Nemesis } from "../src/runner/nemesis.js";
import { nodeFault, type NodeFaultOptions } from "./node-fault.js";

/** Pauses some nodes (`start-pause`), and resumes all that are paused (`stop-pause`). */
export function pause(options: NodeFaultOptions = {}): Nemesis {
  return nodeFault(
    {
      name: "pause",
      description: "makes nodes stand still (SIGSTOP) and lets them go on (SIGCONT)",
      need: "pause",
      strike: async (processes, node) => processes.pause(node),
      mend: async (processes, node) => processes.resume(node),
      struck: "paused",
    },
    options,
  );
}
