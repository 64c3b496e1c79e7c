/**
 * Counters and banks in databases at each isolation level: what they promise is found kept, and
 * what a level above asks for is found broken, in the simulation. `ORDEAL_ISOLATION_SEEDS=N` runs N
 * seeds of each instead of three.
 */
import { describe, expect, test } from "vitest";
import { locking } from "../backends/locking.js";
import { memory } from "../backends/memory.js";
import { mvcc } from "../backends/mvcc.js";
import { createBudget } from "../src/checker/checker.js";
import type { System } from "../src/runner/system.js";
import type { Workload } from "../src/runner/workload.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { increments, transfers } from "../workloads/index.js";
import { runOn } from "./isolation/levels.js";

const SEEDS = Number(process.env["ORDEAL_ISOLATION_SEEDS"] ?? 3);
const REFUTING_SEEDS = 5;
const MINUTES = 60_000;

interface Kept {
  readonly system: () => System;
  readonly keeps: readonly (() => Workload)[];
  /** Workloads of levels above, each with an anomaly that a run has to find. */
  readonly refuted: readonly (readonly [() => Workload, kind: string])[];
}

const adding = (level: string) => (): Workload => increments({ level });
const moving = (level: string) => (): Workload => transfers({ level });

const KEPT: readonly Kept[] = [
  {
    system: () => locking({ isolation: "read-uncommitted" }),
    keeps: [adding("read-uncommitted")],
    refuted: [[adding("read-committed"), "G1a"]],
  },
  {
    system: () => locking({ isolation: "read-committed" }),
    keeps: [adding("read-committed")],
    refuted: [
      [adding("snapshot-isolation"), "internal"],
      [adding("cursor-stability"), "lost-update"],
      [moving("snapshot-isolation"), "wrong-total"],
    ],
  },
  {
    system: () => locking({ isolation: "repeatable-read" }),
    keeps: [adding("repeatable-read"), moving("repeatable-read")],
    refuted: [],
  },
  {
    system: () => locking(),
    keeps: [adding("strict-serializable"), moving("strict-serializable")],
    refuted: [],
  },
  {
    system: () => mvcc({ isolation: "read-committed" }),
    keeps: [adding("read-committed")],
    refuted: [
      [adding("snapshot-isolation"), "internal"],
      [moving("serializable"), "wrong-total"],
    ],
  },
  {
    system: () => mvcc({ isolation: "snapshot-isolation" }),
    keeps: [adding("strong-snapshot-isolation"), moving("strong-snapshot-isolation")],
    refuted: [[adding("serializable"), "G2-item"]],
  },
  {
    system: () => mvcc({ isolation: "serializable" }),
    // Of banks it is not decided where the first to read may have lagged behind.
    keeps: [adding("serializable")],
    refuted: [
      [adding("strict-serializable"), "G-single-item-realtime"],
      [moving("strict-serializable"), "no-order"],
    ],
  },
  {
    system: () => mvcc(),
    keeps: [adding("strict-serializable"), moving("strict-serializable")],
    refuted: [],
  },
  { system: () => memory(), keeps: [moving("strict-serializable")], refuted: [] },
  {
    system: () => memory({ variant: "stale-reads" }),
    keeps: [],
    refuted: [[moving("strict-serializable"), "no-order"]],
  },
  {
    system: () => mvcc({ variant: "last-committer-wins" }),
    keeps: [],
    refuted: [
      [adding("snapshot-isolation"), "lost-update"],
      [moving("snapshot-isolation"), "wrong-total"],
    ],
  },
  {
    system: () => mvcc({ variant: "fractured-snapshot" }),
    keeps: [],
    refuted: [[adding("snapshot-isolation"), "no-order"]],
  },
  {
    system: () => mvcc({ variant: "ssi-readers-forgotten" }),
    keeps: [],
    refuted: [[adding("serializable"), "G2-item"]],
  },
  {
    system: () => locking({ variant: "undo-forgotten" }),
    keeps: [],
    refuted: [[adding("read-committed"), "G1a"]],
  },
];

describe.each(KEPT.map((kept) => [kept.system().name, kept] as const))("%s", (_, kept) => {
  const { system, keeps, refuted } = kept;
  if (keeps.length > 0) {
    test.each(keeps.map((make) => [make().name, make] as const))(
      `keeps %s, ${SEEDS} seeds`,
      async (__, make) => {
        for (let seed = 1; seed <= SEEDS; seed++) {
          const { result, history } = await runOn(system(), make(), seed);
          const { verdict, reason, certificate } = result.verdict;
          expect(`${seed}: ${verdict} ${reason}`).toMatch(/: valid /);
          if (certificate === undefined) throw new Error("there is no certificate");
          const verified = verifyCertificate({ certificate, history, budget: createBudget() });
          expect(verified).toMatchObject({ confirmed: true });
        }
      },
      60 * MINUTES,
    );
  }

  if (refuted.length > 0) {
    test.each(refuted.map(([make, kind]) => [make().name, kind, make] as const))(
      "does not keep %s: %s",
      async (__, kind, make) => {
        const kinds = new Set<string>();
        for (let seed = 1; seed <= REFUTING_SEEDS; seed++) {
          const { result, history } = await runOn(system(), make(), seed);
          for (const anomaly of result.verdict.anomalies) kinds.add(anomaly.kind);
          const { certificate } = result.verdict;
          if (certificate === undefined) continue;
          const verified = verifyCertificate({ certificate, history, budget: createBudget() });
          expect(verified).toMatchObject({ confirmed: true });
        }
        expect([...kinds]).toContain(kind);
      },
      10 * MINUTES,
    );
  }
});
