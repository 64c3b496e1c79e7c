/**
 * The stores of states on nodes: the event-sourced one against the contract suite, also when it is
 * opened again; each as a system against the contract of backends; and histories of workflows over
 * crashes.
 */
import { describe, expect, test } from "vitest";
import { crash } from "../nemeses/crash.js";
import { pause } from "../nemeses/pause.js";
import { powerLoss } from "../nemeses/power-loss.js";
import type { Nemesis } from "../src/runner/nemesis.js";
import { runTest } from "../src/runner/run.js";
import type { System } from "../src/runner/system.js";
import { createFileStore } from "../src/simulation/disk.js";
import { simulatedWorld } from "../src/simulation/simulated-world.js";
import type { StatePersistence } from "../src/state/persistence.js";
import { backendContract, persistenceContract } from "../src/testing/index.js";
import type { Clock } from "../src/world/clock.js";
import type { Disk } from "../src/world/disk.js";
import { eventSourced } from "./hosted/event-sourced.js";
import { workflow } from "../workloads/workflow.js";
import { filePersistenceOn, fileStates, memoryStates } from "./index.js";

const clock: Clock = {
  nowNs: () => 0,
  wallMs: () => 0,
  sleep: async () => undefined,
  timer: () => ({ cancel: () => undefined }),
};

type Files = ReturnType<typeof createFileStore>;

/** The files as a disk that answers at once. */
function diskOn(files: Files): Disk {
  return {
    directory: undefined,
    read: async (file) => files.read(file),
    write: async (file, bytes) => files.write(file, bytes),
    append: async (file, bytes) => files.append(file, bytes),
    truncate: async (file, sizeBytes) => files.truncate(file, sizeBytes),
    rename: async (from, to) => files.rename(from, to),
    remove: async (file) => files.remove(file),
    list: async () => files.list(),
    sync: async (file) => files.sync(file),
    syncDirectory: async () => files.syncDirectory(),
  };
}

describe("event-sourced", () => {
  const filesOf = new WeakMap<StatePersistence, Files>();
  const openOn = async (files: Files): Promise<StatePersistence> => {
    const store = await eventSourced({ disk: diskOn(files), clock }, { checkpointBytes: 500 });
    filesOf.set(store, files);
    return store;
  };
  const contract = persistenceContract({
    open: () => openOn(createFileStore({ capacityBytes: Infinity })),
    reopen: (closed) => openOn(filesOf.get(closed) as Files),
    seedCount: 10,
  });
  for (const { name, run } of contract) {
    // Its keys share the length of a key with the numbers of their events.
    if (!name.startsWith("keeps keys apart")) test(name, run);
  }
});

test("an event that is lost is an error, and not an older state", async () => {
  const files = createFileStore({ capacityBytes: Infinity });
  const place = { disk: diskOn(files), clock };
  const store = await eventSourced(place, {});
  for (let i = 1; i <= 3; i++) await store.saveState("a", i);
  await store.close();
  const log = await filePersistenceOn(place);
  await log.deleteState("a#2");
  await log.close();
  await expect(eventSourced(place, {})).rejects.toThrow('"a#3" depends on "a#2", which is missing');
});

const SYSTEMS = [
  memoryStates(),
  fileStates(),
  fileStates({ recovery: "log-replay" }),
  fileStates({ recovery: "reconstruction" }),
  fileStates({ fsync: "late" }),
  fileStates({ fsync: "never" }),
];

describe.each(SYSTEMS)("$name", (system) => {
  const contract = backendContract({ system, world: () => simulatedWorld({ seed: 1 }) });
  for (const { name, skipped, run } of contract) {
    if (skipped === undefined) test(name, run);
  }
});

/** A workflow under faults; the verdict and its reason. */
async function judged(system: System, nemeses: readonly Nemesis[], seed: number): Promise<string> {
  const load = workflow();
  const { result } = await runTest({
    test: {
      version: 1,
      workload: load.name,
      system: system.name,
      world: "simulated",
      nemeses: nemeses.map(({ name }) => name),
      seed,
      nodeCount: 1,
      concurrency: 10,
      timeLimitMs: 10_000,
      ratePerSecond: 100,
      operationTimeoutMs: 1_000,
      nemesisIntervalMs: 1_000,
    },
    system,
    workload: load,
    nemeses,
    world: simulatedWorld({ seed }),
    replay: "",
  });
  return `${result.verdict.verdict}: ${result.verdict.reason}`;
}

describe("workflows over crashes", () => {
  test.each(SYSTEMS)("$name keeps what it promises", async (system) => {
    const { under } = system.promise;
    const nemeses = [
      ...(under.includes("kill") ? [crash()] : []),
      ...(under.includes("power-loss") ? [powerLoss()] : []),
      pause(),
    ];
    for (let seed = 1; seed <= 5; seed++) {
      expect(await judged(system, nemeses, seed), `seed ${seed}`).toMatch(/^valid/);
    }
  });

  const broken: readonly (readonly [System, Nemesis, string])[] = [
    [memoryStates(), crash(), "nobody had asked to delete it"],
    [fileStates({ fsync: "never" }), powerLoss(), "nobody had asked to delete it"],
    [fileStates({ recovery: "reconstruction", fsync: "never" }), powerLoss(), "nobody had asked"],
  ];
  test.each(broken)("what $name loses is found", async (system, nemesis, reason) => {
    expect(await judged(system, [nemesis], 1)).toMatch(new RegExp(`^invalid.*${reason}`));
  });
});
