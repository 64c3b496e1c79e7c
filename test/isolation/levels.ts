/**
 * What each database of the house keeps, and what the next level asks for beyond it: the workloads
 * that have to be valid, and those that some run has to refute.
 */
import { locking } from "../../backends/locking.js";
import { mvcc } from "../../backends/mvcc.js";
import { createBudget } from "../../src/checker/checker.js";
import { runTest, type RunOutcome } from "../../src/runner/run.js";
import type { System } from "../../src/runner/system.js";
import type { Workload } from "../../src/runner/workload.js";
import { simulatedWorld } from "../../src/simulation/simulated-world.js";
import { bank } from "../../workloads/bank.js";
import { listAppend } from "../../workloads/list-append.js";
import { longFork } from "../../workloads/long-fork.js";
import { predicate } from "../../workloads/predicate.js";
import { rwRegister } from "../../workloads/rw-register.js";
import { setAppend } from "../../workloads/set-append.js";
import { writeSkew } from "../../workloads/write-skew.js";

/** A database at a level. */
export interface Kept {
  readonly system: () => System;
  readonly keeps: readonly (() => Workload)[];
  /** Workloads of levels above, each with an anomaly that a run has to find. */
  readonly refuted: readonly (readonly [() => Workload, kind: string])[];
}

const micro = (level: string): readonly (() => Workload)[] =>
  [listAppend, rwRegister, setAppend, writeSkew, predicate].map((make) => () => make({ level }));

/** Every database at each of its levels. */
export const KEPT: readonly Kept[] = [
  {
    system: () => locking({ isolation: "read-uncommitted" }),
    keeps: micro("read-uncommitted"),
    refuted: [
      [() => listAppend({ level: "read-committed" }), "G1a"],
      [() => listAppend({ level: "read-committed" }), "G1b"],
      [() => listAppend({ level: "read-committed" }), "G1c"],
      [() => rwRegister({ level: "read-committed" }), "G1a"],
      [() => setAppend({ level: "read-committed" }), "G1a"],
      [() => predicate({ level: "read-committed" }), "G1a"],
      [() => predicate({ level: "read-committed" }), "G1b"],
      [() => writeSkew({ level: "read-committed" }), "G1a"],
      [() => bank(), "wrong-total"],
    ],
  },
  {
    system: () => locking({ isolation: "read-committed" }),
    keeps: micro("read-committed"),
    refuted: [
      [() => listAppend({ level: "repeatable-read" }), "lost-update"],
      [() => listAppend({ level: "snapshot-isolation" }), "G-single-item"],
      [() => setAppend({ level: "repeatable-read" }), "G-single-item"],
      [() => predicate({ level: "repeatable-read" }), "G-single-item"],
      [() => writeSkew({ level: "repeatable-read" }), "G2-item"],
      [() => bank(), "wrong-total"],
    ],
  },
  {
    system: () => locking({ isolation: "cursor-stability" }),
    keeps: micro("cursor-stability"),
    refuted: [
      [() => listAppend({ level: "consistent-view" }), "G-single-item"],
      [() => listAppend({ level: "read-atomic" }), "fractured-read"],
      [() => writeSkew({ level: "repeatable-read" }), "G2-item"],
      [() => bank(), "wrong-total"],
    ],
  },
  {
    system: () => locking({ isolation: "repeatable-read" }),
    keeps: [...micro("repeatable-read"), bank, longFork],
    refuted: [
      [() => predicate({ level: "snapshot-isolation" }), "G-single"],
      [() => predicate({ level: "serializable" }), "G2"],
    ],
  },
  {
    system: () => locking(),
    keeps: [...micro("strict-serializable"), bank, longFork],
    refuted: [],
  },
  {
    system: () => mvcc({ isolation: "read-committed" }),
    keeps: micro("read-committed"),
    refuted: [
      [() => listAppend({ level: "snapshot-isolation" }), "G-single-item"],
      [() => rwRegister({ level: "snapshot-isolation" }), "lost-update"],
      [() => setAppend({ level: "snapshot-isolation" }), "G-single-item"],
      [() => predicate({ level: "snapshot-isolation" }), "G-single"],
      [() => writeSkew({ level: "repeatable-read" }), "G2-item"],
      [() => bank(), "wrong-total"],
    ],
  },
  {
    system: () => mvcc({ isolation: "cursor-stability" }),
    keeps: micro("cursor-stability"),
    refuted: [
      [() => listAppend({ level: "consistent-view" }), "G-single-item"],
      [() => writeSkew({ level: "repeatable-read" }), "G2-item"],
      [() => bank(), "wrong-total"],
    ],
  },
  {
    system: () => mvcc({ isolation: "snapshot-isolation" }),
    keeps: [...micro("strong-snapshot-isolation"), bank, longFork],
    refuted: [
      [() => listAppend({ level: "serializable" }), "G2-item"],
      [() => writeSkew({ level: "serializable" }), "G2-item"],
      [() => setAppend({ level: "serializable" }), "G2-item"],
      [() => predicate({ level: "serializable" }), "G2"],
    ],
  },
  {
    system: () => mvcc({ isolation: "serializable" }),
    keeps: [...micro("serializable"), bank, longFork],
    refuted: [
      [() => listAppend(), "G-single-item-realtime"],
      [() => rwRegister(), "G-single-item-realtime"],
      [() => setAppend(), "G-single-item-realtime"],
      [() => predicate(), "G-single-realtime"],
    ],
  },
  {
    system: () => mvcc(),
    keeps: [...micro("strict-serializable"), bank, longFork],
    refuted: [],
  },
];

/** One run in the simulated world, of five seconds if it is not said. */
export async function runOn(
  system: System,
  workload: Workload,
  run: number | { readonly seed: number; readonly timeLimitMs: number },
): Promise<RunOutcome> {
  const { seed, timeLimitMs } = typeof run === "number" ? { seed: run, timeLimitMs: 5_000 } : run;
  return runTest({
    test: {
      version: 1,
      workload: workload.name,
      system: system.name,
      world: "simulated",
      nemeses: [],
      seed,
      nodeCount: 1,
      concurrency: 10,
      timeLimitMs,
      ratePerSecond: 100,
      operationTimeoutMs: 1_000,
      nemesisIntervalMs: 1_000,
    },
    system,
    workload,
    nemeses: [],
    world: simulatedWorld({ seed }),
    budget: createBudget({ timeMs: 20_000 }),
    replay: "",
  });
}
