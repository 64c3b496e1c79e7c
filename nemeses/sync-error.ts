/**
 * Failing syncs: a node that asks its disk to make something durable is told that it could not.
 * Finds programs that acknowledge all the same, or that try again and believe what they are told
 * then: what a failed sync was about is taken for clean, and lost with the power though a later
 * sync succeeds (PostgreSQL, 2018: the "fsyncgate"; Rebello et al., "Can Applications Recover from
 * fsync Failures?", USENIX ATC 2020). The simulated disk can be told to be kinder
 * (`failedSyncForgets`).
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
