/**
 * Loss of power: machines die, and what was not synced to their disks is lost or torn. Finds
 * missing `fsync`s, and recovery that trusts half-written records.
 */
import type { Nemesis } from "../src/runner/nemesis.js";
import { nodeFault, type NodeFaultOptions } from "./node-fault.js";

/**
 * Cuts the power of some nodes (`start-power-loss`), and starts all that are down
 * (`stop-power-loss`).
 */
export function powerLoss(options: NodeFaultOptions = {}): Nemesis {
  return nodeFault(
    {
      name: "power-loss",
      description: "cuts the power of nodes (unsynced data is lost or torn) and starts them again",
      need: "power-loss",
      strike: async (processes, node) => processes.powerOff(node),
      mend: async (processes, node) => processes.start(node),
      struck: "down",
    },
    options,
  );
}
