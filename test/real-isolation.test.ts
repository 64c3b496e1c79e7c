/**
 * Databases in child processes, ours and those that others wrote, through the workloads of
 * transactions: what a level keeps is found kept, and what it does not exclude is found.
 */
import { describe, expect, test } from "vitest";
import { locking } from "../backends/locking.js";
import { mvcc } from "../backends/mvcc.js";
import { postgresTransactions } from "../backends/postgres-transactions.js";
import { sqliteTransactions } from "../backends/sqlite-transactions.js";
import { runTest, type RunOutcome } from "../src/runner/run.js";
import type { System } from "../src/runner/system.js";
import type { Workload } from "../src/runner/workload.js";
import { realWorld } from "../src/real/real-world.js";
import { bank } from "../workloads/bank.js";
import { listAppend } from "../workloads/list-append.js";
import { longFork } from "../workloads/long-fork.js";
import { predicate } from "../workloads/predicate.js";
import { rwRegister } from "../workloads/rw-register.js";
import { setAppend } from "../workloads/set-append.js";
import { writeSkew } from "../workloads/write-skew.js";
import { describeWithPostgres } from "./real/postgres.js";

async function run(
  system: System,
  workload: Workload,
  seed: number,
): Promise<RunOutcome["result"]> {
  const { result } = await runTest({
    test: {
      version: 1,
      workload: workload.name,
      system: system.name,
      world: "real",
      nemeses: [],
      seed,
      nodeCount: 1,
      concurrency: 8,
      timeLimitMs: 2_000,
      ratePerSecond: 100,
      operationTimeoutMs: 5_000,
      nemesisIntervalMs: 1_000,
    },
    system,
    workload,
    nemeses: [],
    world: realWorld({ seed }),
    replay: "",
  });
  return result;
}

/** So many transactions are judged, in at most so many runs: a busy machine lets few end. */
const OK_MIN = 50;
const RUNS_MAX = 12;

/** Nothing was found, and whatever transactions did is decided. */
async function keeps(system: System, workload: Workload): Promise<void> {
  let ok = 0;
  for (let seed = 1; seed <= RUNS_MAX && ok < OK_MIN; seed++) {
    const { verdict, counts } = await run(system, workload, seed);
    ok += counts.ok;
    if (counts.ok > 0) expect(`${verdict.verdict} ${verdict.reason}`).toMatch(/^valid /);
  }
  expect(ok, `${workload.name} on ${system.name}`).toBeGreaterThanOrEqual(OK_MIN);
}

/** What threads do is up to the machine: a few runs may be needed. */
async function finds(system: System, workload: Workload, kind: string): Promise<void> {
  for (let seed = 1; seed < 10; seed++) {
    const { verdict } = await run(system, workload, seed);
    if (verdict.anomalies.some((anomaly) => anomaly.kind === kind)) return;
  }
  throw new Error(`no run of ${workload.name} on ${system.name} had ${kind}`);
}

const SECONDS = 240_000;

/** What holds of a database at this level, and of no weaker one. */
const at = (level: string): readonly (() => Workload)[] =>
  [listAppend, rwRegister, setAppend, writeSkew, predicate].map((make) => () => make({ level }));

/** Totals and forks contradict what is weaker than snapshots. */
const snapshots: readonly (() => Workload)[] = [bank, longFork];

function testKept(system: () => System, workloads: readonly (() => Workload)[]): void {
  test.each(workloads.map((make) => [make().name, make] as const))(
    "keeps %s",
    async (_, make) => keeps(system(), make()),
    SECONDS,
  );
}

function testFound(
  system: () => System,
  found: readonly (readonly [() => Workload, kind: string])[],
): void {
  test.each(found.map(([make, kind]) => [make().name, kind, make] as const))(
    "does not keep %s: %s",
    async (_, kind, make) => finds(system(), make(), kind),
    SECONDS,
  );
}

describe("databases of the house in child processes", () => {
  test(
    "keep what they keep in the simulation",
    async () => {
      await keeps(locking(), listAppend());
      await keeps(mvcc(), rwRegister());
      await finds(
        mvcc({ isolation: "snapshot-isolation" }),
        predicate({ level: "serializable" }),
        "G2",
      );
    },
    SECONDS,
  );
});

describe("SQLite with a write-ahead log is strict serializable", () => {
  testKept(sqliteTransactions, [...at("strict-serializable"), ...snapshots]);
});

describe("SQLite with a shared cache is read uncommitted", () => {
  const system = (): System => sqliteTransactions({ isolation: "read-uncommitted" });
  testKept(system, at("read-uncommitted"));
  testFound(system, [
    [() => listAppend({ level: "read-committed" }), "G1a"],
    [() => rwRegister({ level: "read-committed" }), "G1a"],
    [() => setAppend({ level: "read-committed" }), "G1a"],
    [() => predicate({ level: "read-committed" }), "G1a"],
    [bank, "wrong-total"],
  ]);
});

describe("a client of SQLite tries again what lost", () => {
  test(
    "and the history is as it should be",
    async () => keeps(sqliteTransactions(), listAppend({ retries: 5 })),
    SECONDS,
  );
});

describeWithPostgres("PostgreSQL: serializable is serializable", () => {
  testKept(postgresTransactions, [...at("serializable"), ...snapshots]);
  test(
    "also when clients try again what lost",
    async () => keeps(postgresTransactions(), predicate({ level: "serializable", retries: 5 })),
    SECONDS,
  );
});

describeWithPostgres("PostgreSQL: repeatable read is snapshot isolation", () => {
  const system = (): System => postgresTransactions({ isolation: "repeatable-read" });
  testKept(system, [...at("snapshot-isolation"), ...snapshots]);
  testFound(system, [
    [() => listAppend({ level: "serializable" }), "G2-item"],
    [() => setAppend({ level: "serializable" }), "G2-item"],
    [() => writeSkew({ level: "serializable" }), "G2-item"],
    [() => predicate({ level: "serializable" }), "G2"],
  ]);
});

describeWithPostgres("PostgreSQL: read committed is read committed", () => {
  const system = (): System => postgresTransactions({ isolation: "read-committed" });
  testKept(system, at("read-committed"));
  testFound(system, [
    [() => listAppend({ level: "snapshot-isolation" }), "G-single-item"],
    [() => rwRegister({ level: "snapshot-isolation" }), "lost-update"],
    [() => setAppend({ level: "snapshot-isolation" }), "G-single-item"],
    [() => predicate({ level: "snapshot-isolation" }), "G-single"],
    [bank, "wrong-total"],
  ]);
});
