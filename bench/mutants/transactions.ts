/** The bugs of `locking` and `mvcc`, each with the workload that shows it. */
import { locking, LOCKING_VARIANTS, type LockingVariant } from "../../backends/locking.js";
import { mvcc, MVCC_VARIANTS, type MvccVariant } from "../../backends/mvcc.js";
import { LOCKING_VARIANT_LEVELS } from "../../backends/transactions/locking-variants.js";
import { MVCC_VARIANT_LEVELS } from "../../backends/transactions/mvcc-variants.js";
import type { Workload } from "../../src/runner/workload.js";
import { bank } from "../../workloads/bank.js";
import { listAppend } from "../../workloads/list-append.js";
import { longFork } from "../../workloads/long-fork.js";
import { predicate } from "../../workloads/predicate.js";
import { rwRegister } from "../../workloads/rw-register.js";
import { writeSkew } from "../../workloads/write-skew.js";
import type { Circumstances, Scenario } from "./scenario.js";

/** Nothing goes wrong: transactions get in each other's way by themselves. */
const calm = (workload: () => Workload): Circumstances => ({
  nemeses: () => [],
  workload,
  rate: 100,
  lengthMs: 5_000,
  concurrency: 10,
});

/** The level that a healthy twin keeps is what its workload asks for. */
const LISTS = calm(() => listAppend());
const COMMITTED = calm(() => listAppend({ level: "read-committed" }));
const SNAPSHOTS = calm(() => listAppend({ level: "snapshot-isolation" }));
const SKEW = calm(() => writeSkew({ level: "serializable" }));
const REGISTERS = calm(() => rwRegister({ level: "snapshot-isolation" }));
const PREDICATE = calm(() => predicate({ level: "serializable" }));
const CURSORS = calm(() => listAppend({ level: "cursor-stability" }));
const REGISTER_CURSORS = calm(() => rwRegister({ level: "cursor-stability" }));
const BANK = calm(bank);
const FORKS = calm(longFork);

const LOCKING: readonly (readonly [LockingVariant, Circumstances])[] = [
  ["dirty-reads", COMMITTED],
  ["dirty-writes", LISTS],
  ["undo-forgotten", LISTS],
  ["short-read-locks", BANK],
  ["upgrade-gap", BANK],
  ["phantoms", PREDICATE],
  ["cursor-released-early", REGISTER_CURSORS],
  ["left-rows-unchecked", CURSORS],
];

const MVCC: readonly (readonly [MvccVariant, Circumstances])[] = [
  ["last-committer-wins", REGISTERS],
  ["late-snapshot", SNAPSHOTS],
  ["fractured-snapshot", SNAPSHOTS],
  ["installed-too-soon", REGISTERS],
  ["own-writes-unseen", SNAPSHOTS],
  ["long-fork", FORKS],
  ["ssi-later-writes-missed", SKEW],
  ["ssi-readers-forgotten", SKEW],
  ["ssi-phantoms", PREDICATE],
  ["stale-snapshot", LISTS],
  ["cursor-unchecked", REGISTER_CURSORS],
  ["cursor-follows-rereads", CURSORS],
];

/** So many seeds, at most, find each. */
const SEEDS = 10;

/** All of them. */
export const TRANSACTION_SCENARIOS: readonly Scenario[] = [
  ...LOCKING.map(([variant, circumstances]) => ({
    mutant: () => locking({ variant }),
    twin: () => locking({ isolation: LOCKING_VARIANT_LEVELS[variant] }),
    source: LOCKING_VARIANTS[variant].source,
    circumstances,
    seeds: SEEDS,
  })),
  ...MVCC.map(([variant, circumstances]) => ({
    mutant: () => mvcc({ variant }),
    twin: () => mvcc({ isolation: MVCC_VARIANT_LEVELS[variant] }),
    source: MVCC_VARIANTS[variant].source,
    circumstances,
    seeds: SEEDS,
  })),
];
