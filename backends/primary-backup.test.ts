import { describe, expect, test } from "vitest";
import { simulatedWorld } from "../src/simulation/simulated-world.js";
import { withSystem, type Fixture } from "../src/testing/backend-fixture.js";
import { runUnder } from "../bench/mutants/scenario.js";
import { partition } from "../nemeses/partition.js";
import type { Workload } from "../src/runner/workload.js";
import { counter } from "../workloads/counter.js";
import { register } from "../workloads/register.js";
import { primaryBackup } from "./primary-backup.js";

const read = { f: "read", value: null } as const;

async function running(body: (fixture: Fixture) => Promise<void>): Promise<void> {
  for (let seed = 0; seed < 5; seed++) {
    const world = () => simulatedWorld({ seed });
    await withSystem({ system: primaryBackup(), world, timeoutMs: 1_000 }, body);
  }
}

async function isolate({ cluster }: Fixture, victim: string): Promise<void> {
  for (const node of cluster.nodes) {
    if (node === victim) continue;
    await cluster.links.cut(victim, node);
    await cluster.links.cut(node, victim);
  }
}

describe("primary and backups", () => {
  test("an acknowledged write is lost when the primary was cut off", async () => {
    await running(async (fixture) => {
      const { cluster, world, connect, succeed } = fixture;
      await succeed(await connect("n1"), { f: "write", value: "old" });
      await world.clock.sleep(500);
      await isolate(fixture, "n1");
      await succeed(await connect("n1"), { f: "write", value: "lost" });
      await world.clock.sleep(3_000);
      // The backups have everything up to the cut, and a primary of their own.
      expect(await succeed(await connect("n2"), read)).toBe("old");
      // The old primary does not know yet.
      expect(await succeed(await connect("n1"), read)).toBe("lost");
      await cluster.links.heal();
      await world.clock.sleep(3_000);
      for (const node of cluster.nodes) {
        expect(await succeed(await connect(node), read)).toBe("old");
      }
    });
  });

  test("a dead primary is replaced, and follows when it comes back", async () => {
    await running(async ({ cluster, world, connect, succeed }) => {
      await succeed(await connect("n3"), { f: "write", value: 1 });
      await world.clock.sleep(500);
      await cluster.processes.kill("n1");
      await world.clock.sleep(3_000);
      expect(await succeed(await connect("n3"), read)).toBe(1);
      await succeed(await connect("n2"), { f: "write", value: 2 });
      await cluster.processes.start("n1");
      await world.clock.sleep(3_000);
      expect(await succeed(await connect("n1"), read)).toBe(2);
    });
  });

  test("a primary that starts anew is followed, also when its backups know more", async () => {
    await running(async ({ cluster, world, connect, succeed }) => {
      for (let i = 0; i < 10; i++) await succeed(await connect("n1"), { f: "write", value: i });
      await world.clock.sleep(200);
      await cluster.processes.kill("n1");
      await cluster.processes.start("n1");
      await succeed(await connect("n1"), { f: "write", value: "new" });
      await world.clock.sleep(300);
      await cluster.processes.kill("n1");
      await world.clock.sleep(3_000);
      expect(await succeed(await connect("n2"), read)).toBe("new");
    });
  });

  test("nothing is lost in an orderly life of many writes", async () => {
    await running(async ({ cluster, world, connect, succeed }) => {
      for (let i = 0; i < 50; i++) {
        const node = cluster.nodes[i % 3];
        await succeed(await connect(node), { f: "append", key: "log", value: `${i};` });
      }
      await world.clock.sleep(500);
      await cluster.processes.kill("n1");
      await world.clock.sleep(3_000);
      const text = await succeed(await connect("n3"), { f: "get", key: "log", value: null });
      expect(text).toBe(Array.from({ length: 50 }, (_, i) => `${i};`).join(""));
    });
  });
});

describe("synchronous replication", () => {
  const kinds = async (
    replication: "asynchronous" | "synchronous",
    workload: () => Workload,
  ): Promise<ReadonlySet<string>> => {
    const found = new Set<string>();
    for (let seed = 1; seed <= 6; seed++) {
      const circumstances = { nemeses: () => [partition()], workload, intervalMs: 1_500 };
      const { result } = await runUnder(circumstances, primaryBackup({ replication }), seed);
      for (const { kind } of result.verdict.anomalies) found.add(kind);
    }
    return found;
  };

  test("loses no acknowledged addition, which asynchronous replication does", async () => {
    expect(await kinds("synchronous", () => counter())).toEqual(new Set());
    expect(await kinds("asynchronous", () => counter())).toContain("counter-below-bounds");
  });

  test("is not linearizable: what was read may be gone", async () => {
    expect(await kinds("synchronous", () => register())).toEqual(new Set(["not-linearizable"]));
  });
});
