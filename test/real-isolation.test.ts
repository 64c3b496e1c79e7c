/**
 * Databases in child processes, ours and those that others wrote, through the workloads of
 * transactions: what a level keeps is found kept, and what it does not exclude is found.
 */
import { describe, expect, test } from "vitest";
import { locking } from "../backends/locking.js";
import { mvcc } from "../backends/mvcc.js";
import { postgresTransactions } from "../backends/postgres-transactions.js";
import { sqliteTransactions } from "../backends/sqlite-transactions.js";
import { runTest } from "../src/runner/run.js";
import type { System } from "../src/runner/system.js";
import type { Workload } from "../src/runner/workload.js";
import { realWorld } from "../src/real/real-world.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { bank } from "../workloads/bank.js";
import { listAppend } from "../workloads/list-append.js";
import { predicate } from "../workloads/predicate.js";
import { rwRegister } from "../workloads/rw-register.js";
import { writeSkew } from "../workloads/write-skew.js";
import { describeWithPostgres } from "./real/postgres.js";

async function run(system: System, workload: Workload, seed = 1): Promise<Verdict> {
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
  return result.verdict;
}

/** Nothing was found, and much was looked at. */
async function keeps(system: System, workload: Workload): Promise<void> {
  const { verdict, reason } = await run(system, workload);
  expect(`${verdict} ${reason}`).toMatch(/^valid /);
}

/** What threads do is up to the machine: a few runs may be needed. */
async function finds(system: System, workload: Workload, kind: string): Promise<void> {
  for (let seed = 1; seed < 10; seed++) {
    const { anomalies } = await run(system, workload, seed);
    if (anomalies.some((anomaly) => anomaly.kind === kind)) return;
  }
  throw new Error(`no run of ${workload.name} on ${system.name} had ${kind}`);
}

const strict = [listAppend, rwRegister, writeSkew, predicate, bank];
const SECONDS = 120_000;

describe("databases of the house in child processes", () => {
  test(
    "keep what they keep in the simulation",
    async () => {
      await keeps(locking(), listAppend());
      await keeps(mvcc(), rwRegister());
      await finds(mvcc({ isolation: "snapshot-isolation" }), predicate(), "G2");
    },
    SECONDS,
  );
});

describe("SQLite", () => {
  test.each(strict.map((make) => [make().name, make] as const))(
    "with a write-ahead log keeps %s",
    async (_, make) => keeps(sqliteTransactions(), make()),
    SECONDS,
  );

  const uncommitted = (): System => sqliteTransactions({ isolation: "read-uncommitted" });

  test(
    "with a shared cache is read uncommitted",
    async () => {
      await keeps(uncommitted(), listAppend({ level: "read-uncommitted" }));
      await finds(uncommitted(), listAppend({ level: "read-committed" }), "G1a");
      await finds(uncommitted(), bank(), "wrong-total");
    },
    SECONDS,
  );
});

describeWithPostgres("PostgreSQL", () => {
  test(
    "serializable is serializable",
    async () => {
      await keeps(postgresTransactions(), listAppend({ level: "serializable" }));
      await keeps(postgresTransactions(), writeSkew({ level: "serializable" }));
      await keeps(postgresTransactions(), predicate());
    },
    SECONDS,
  );

  test(
    "repeatable read is snapshot isolation",
    async () => {
      const system = (): System => postgresTransactions({ isolation: "repeatable-read" });
      await keeps(system(), listAppend({ level: "snapshot-isolation" }));
      await keeps(system(), bank());
      await finds(system(), writeSkew({ level: "serializable" }), "G2-item");
      await finds(system(), predicate(), "G2");
    },
    SECONDS,
  );

  test(
    "read committed is read committed",
    async () => {
      const system = (): System => postgresTransactions({ isolation: "read-committed" });
      await keeps(system(), listAppend({ level: "read-committed" }));
      await finds(system(), rwRegister({ level: "snapshot-isolation" }), "lost-update");
      await finds(system(), bank(), "wrong-total");
    },
    SECONDS,
  );
});
