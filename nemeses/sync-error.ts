/**
 * Failing syncs: a node that asks its disk to make something durable is told that it could not.
 * Finds programs that acknowledge all the same, or go on as if nothing was (PostgreSQL, 2018: the
 * "fsyncgate").
 */
import type { Nemesis } from "../src/runner/nemesis.js";
import { diskFault } from "./disk-fault.js";
import type { NodeFaultOptions } from "./node-fault.js";

/** Lets syncs fail (`start-sync-error`) until they are restored (`stop-sync-error`). */
export function syncError(options: NodeFaultOptions = {}): Nemesis {
  return diskFault(
    { name: "sync-error", description: "lets every fsync of nodes fail", kills: true },
    options,
  );
}
