/**
 * Libraries of shared documents under partitions and doubled messages: their replicas come to the
 * same. `ORDEAL_DOCUMENT_SEEDS=340 npx vitest run backends/documents` runs so many seeds of each
 * workload.
 */
import { describe, expect, test } from "vitest";
import { runUnder, type Circumstances } from "../../bench/mutants/scenario.js";
import { partition } from "../../nemeses/partition.js";
import type { System } from "../../src/runner/system.js";
import type { Workload } from "../../src/runner/workload.js";
import { eventual } from "../../workloads/eventual.js";
import { settledCounter, settledSet } from "../../workloads/settled.js";
import { automerge } from "../automerge.js";
import { yjs } from "../yjs.js";

const SEEDS = Number(process.env["ORDEAL_DOCUMENT_SEEDS"] ?? 4);
const MINUTES = 60_000;

const parted = (workload: () => Workload): Circumstances => ({
  nemeses: () => [partition()],
  workload,
  intervalMs: 300,
  rate: 50,
  lengthMs: 5_000,
  world: { network: { duplicationProbability: 0.1 } },
});

const SYSTEMS: readonly (() => System)[] = [() => yjs(), () => automerge()];
const WORKLOADS: readonly (() => Workload)[] = [() => eventual(), settledSet, settledCounter];

describe.each(SYSTEMS.map((make) => [make().name, make] as const))("%s", (_, make) => {
  test.each(WORKLOADS.map((workload) => [workload().name, workload] as const))(
    "comes to the same under partitions and doubled messages: %s",
    async (_name, workload) => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const { result } = await runUnder(parted(workload), make(), seed);
        const { verdict, reason } = result.verdict;
        expect(`${seed}: ${verdict} ${reason}`).toMatch(/: valid /);
      }
    },
    30 * MINUTES,
  );

  test("is the same twice with the same seed", async () => {
    const eventsOf = async (): Promise<readonly object[]> => {
      const { history } = await runUnder(parted(settledSet), make(), 7);
      return Array.from({ length: history.length }, (_each, index) => history.event(index));
    };
    expect(await eventsOf()).toEqual(await eventsOf());
  });
});

test("documents that began apart are not one: what was put into all but one of them is lost", async () => {
  const verdicts = new Set<string>();
  for (let seed = 1; seed <= 5; seed++) {
    const system = automerge({ variant: "own-beginning" });
    const { result } = await runUnder(parted(settledCounter), system, seed);
    verdicts.add(result.verdict.anomalies[0]?.kind ?? result.verdict.verdict);
  }
  expect(verdicts).toContain("counter-below-bounds");
});
