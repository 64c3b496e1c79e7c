/**
 * Slow disks: everything that nodes do with their disks takes fifty times as long. Finds heartbeats
 * that wait for a sync, and time-outs that take a slow node for a dead one.
 */
import type { Nemesis } from "../src/runner/nemesis.js";
import { diskFault } from "./disk-fault.js";
import type { NodeFaultOptions } from "./node-fault.js";

/** Slows disks (`start-slow-disk`) until they are restored (`stop-slow-disk`). */
export function slowDisk(options: NodeFaultOptions = {}): Nemesis {
  return diskFault(
    { name: "slow-disk", description: "makes the disks of nodes slow, fifty times", kills: false },
    options,
  );
}
