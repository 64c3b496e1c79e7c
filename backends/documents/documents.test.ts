/**
 * Libraries of shared documents under partitions and doubled messages: their replicas come to the
 * same. `ORDEAL_DOCUMENT_SEEDS=340 npx vitest run backends/documents` runs so many seeds of each
 * workload.
 */
import { describe, expect, test } from "vitest";
import * as Y from "yjs";
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

test("where an update of Yjs was lost, a key that was written anew is gone until the rest is there", () => {
  const [one, other] = [new Y.Doc(), new Y.Doc()];
  const updates: Uint8Array[] = [];
  one.on("update", (update: Uint8Array) => updates.push(update));
  const change = (name: string, value: number): Uint8Array => {
    one.getMap("map").set(name, value);
    return updates.pop() as Uint8Array;
  };
  Y.applyUpdate(other, change("key", 1));
  other.getMap("map").set("key", 2);
  Y.applyUpdate(one, Y.encodeStateAsUpdate(other));
  change("lost on its way", 0);
  Y.applyUpdate(other, change("key", 3));
  expect(other.getMap("map").get("key")).toBeUndefined();
  Y.applyUpdate(other, Y.encodeStateAsUpdate(one, Y.encodeStateVector(other)));
  expect(other.getMap("map").get("key")).toBe(3);
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
