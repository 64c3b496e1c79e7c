/**
 * Full disks: nothing that nodes store may grow. Finds acknowledged writes that were never stored,
 * and recovery that trusts what was cut off.
 */
import type { Nemesis } from "../src/runner/nemesis.js";
import { diskFault } from "./disk-fault.js";
import type { NodeFaultOptions } from "./node-fault.js";

/** Fills disks (`start-full-disk`) until they are restored (`stop-full-disk`). */
export function fullDisk(options: NodeFaultOptions = {}): Nemesis {
  return diskFault(
    {
      name: "full-disk",
      description: "lets the disks of nodes be full: nothing may grow",
      kills: true,
    },
    options,
  );
}
