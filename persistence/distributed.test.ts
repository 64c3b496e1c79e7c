/**
 * Stores on several nodes: every algorithm against the contract suite, in the simulation; what a
 * strategy cannot have; what is said when nodes do not answer; and one on real processes.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { STATE_ALGORITHMS, strategiesOf, synchronized } from "../backends/synchronized.js";
import { simulatedWorld } from "../src/simulation/simulated-world.js";
import type { StatePersistence } from "../src/state/persistence.js";
import { persistenceContract } from "../src/testing/index.js";
import type { Cluster } from "../src/world/world.js";
import { distributedPersistence, distributedPersistenceOn, type ClusterOptions } from "./index.js";

const OPTIONS: readonly ClusterOptions[] = STATE_ALGORITHMS.flatMap((algorithm) =>
  strategiesOf(algorithm).map((strategy) => ({ strategy, algorithm })),
);

/** A store in a simulated world of its own, which runs until the store is closed. */
async function openSimulated(
  options: ClusterOptions,
  use: (cluster: Cluster) => Promise<void> = async () => undefined,
): Promise<StatePersistence> {
  const world = simulatedWorld({ seed: 1 });
  return new Promise((resolve, reject) => {
    const main = async (): Promise<void> => {
      const system = synchronized(options);
      const cluster = await world.deploy(system.deployment(system.nodes.default), {
        onLog: () => undefined,
      });
      const store = distributedPersistenceOn(cluster, options);
      const closing = new AbortController();
      const close = async (): Promise<void> => {
        // The world goes on for as long as calls are under way.
        await store.close().finally(() => closing.abort());
      };
      await use(cluster);
      resolve({ ...store, close });
      while (!closing.signal.aborted) await world.clock.sleep(50);
      await cluster.stop();
    };
    world.run(main).then(
      () => world.close(),
      (error: unknown) => reject(error as Error),
    );
  });
}

/** After calls at once, a load need not show what each of them has saved. */
const NEEDS_CURRENT_LOADS = "loses no update of many that retry";

describe.each(OPTIONS)("$strategy $algorithm", (options) => {
  const contract = persistenceContract({
    open: async () => openSimulated(options),
    seedCount: 10,
  });
  const isStale = options.strategy === "eventual" && options.algorithm !== "gossip";
  for (const { name, skipped, run } of contract) {
    const why = isStale && name === NEEDS_CURRENT_LOADS ? "its loads may be stale" : skipped;
    if (why === undefined) test(name, run);
    else test.skip(`${name} (${why})`, () => undefined);
  }
});

describe("what cannot be", () => {
  test("is refused, with the reason and what can", () => {
    expect(() => synchronized({ strategy: "strong", algorithm: "gossip" })).toThrow(
      "gossip cannot be strong: it answers before any other node knows; what can is raft, multi-paxos",
    );
    expect(() => synchronized({ strategy: "weak", algorithm: "raft" })).toThrow(
      "raft cannot be weak",
    );
    expect(() => synchronized({ algorithm: "toString" as "raft" })).toThrow("no such algorithm");
    expect(() => synchronized({ strategy: "storng" as "strong" })).toThrow(
      "there is no strategy storng; there are strong, eventual, weak",
    );
  });

  test("an algorithm that keeps no states with versions", async () => {
    const opening = distributedPersistence({ algorithm: "quorum" as "raft" });
    await expect(opening).rejects.toThrow(
      "quorum keeps no states with versions; raft, multi-paxos",
    );
  });

  test("a number of nodes, and a node to ask, that there is not", async () => {
    for (const options of [{ nodeCount: 0 }, { nodeCount: 2.5 }, { node: "n9" }]) {
      const opening = distributedPersistence(options);
      await expect(opening).rejects.toMatchObject({ code: "bad-argument" });
    }
  });
});

describe("when nodes do not answer", () => {
  const downAt = (which: "majority" | "asked") => async (cluster: Cluster) => {
    const nodes = which === "asked" ? ["n1"] : cluster.nodes.slice(0, 3);
    for (const node of nodes) await cluster.processes.kill(node);
  };

  test("a majority that is down makes a strong store unavailable, and it says so in time", async () => {
    const options = { strategy: "strong", algorithm: "raft", timeoutMs: 1_000 } as const;
    const store = await openSimulated(options, downAt("majority"));
    await expect(store.loadState("a")).rejects.toMatchObject({ code: "unavailable" });
    const saved = store.saveState("a", 1);
    await expect(saved).rejects.toMatchObject({
      code: expect.stringMatching(/^(unavailable|indeterminate)$/) as string,
    });
    await store.close();
  });

  test("a strong store goes to another node, a weaker one waits for its own", async () => {
    const strong = await openSimulated({ algorithm: "multi-paxos" }, downAt("asked"));
    await expect(strong.saveState("a", 1)).resolves.toBe(1);
    await strong.close();
    const weak = await openSimulated({ strategy: "weak", timeoutMs: 1_000 }, downAt("asked"));
    await expect(weak.saveState("a", 1)).rejects.toMatchObject({ code: "unavailable" });
    await weak.close();
  });

  test("two-phase commit needs all of them, and says that nothing happened", async () => {
    const options = { algorithm: "two-phase-commit", timeoutMs: 1_000 } as const;
    const store = await openSimulated(options, downAt("asked"));
    await expect(store.saveState("a", 1)).rejects.toMatchObject({ code: "unavailable" });
    await expect(store.loadState("a")).rejects.toMatchObject({ code: "not-found" });
    await store.close();
  });
});

describe("on real processes", () => {
  const folder = mkdtempSync(join(tmpdir(), "ordeal-distributed-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("states are there again when the store is opened again", { timeout: 60_000 }, async () => {
    const options = { nodeCount: 3, directory: folder };
    const store = await distributedPersistence(options);
    expect(store.consistency).toBe("linearizable");
    const first = await store.saveState("order/17", { status: "pending" });
    await store.saveState("order/17", { status: "running" }, { expected: first });
    const late = store.saveState("order/17", { status: "cancelled" }, { expected: first });
    await expect(late).rejects.toMatchObject({ code: "conflict", version: first + 1 });
    const second = distributedPersistence(options);
    await expect(second).rejects.toMatchObject({ code: "unavailable" });
    await expect(second).rejects.toThrow("open already");
    await store.close();
    const again = await distributedPersistence(options);
    expect(await again.loadState("order/17")).toEqual({
      value: { status: "running" },
      version: first + 1,
    });
    await again.close();
  });
});
