/** That the faults of links, clocks and disks take effect, and end. */
import { describe, expect, test } from "vitest";
import type { Message } from "../world/network.js";
import type { Cluster, NodeContext, NodeProgram, World } from "../world/world.js";
import { simulatedWorld, type DiskOptions } from "./simulated-world.js";

/** The nodes of the world of a test, as their programs were given them. */
type Nodes = ReadonlyMap<string, NodeContext>;

interface Bench {
  readonly world: World;
  readonly cluster: Cluster & Required<Pick<Cluster, "quality" | "clocks" | "disks">>;
  readonly nodes: Nodes;
}

async function onNodes(
  main: (bench: Bench) => Promise<void>,
  disk: Partial<DiskOptions> = {},
): Promise<void> {
  const nodes = new Map<string, NodeContext>();
  const program = (): NodeProgram => ({
    start: async (node) => void nodes.set(node.id, node),
  });
  const world = simulatedWorld({
    seed: 1,
    load: async () => ({ program }),
    clock: { skewMsMax: 0, driftPpmMax: 0 },
    network: { latencyMsMin: 1, latencyMsMean: 0 },
    disk,
  });
  await world.run(async () => {
    const cluster = await world.deploy(
      { program: { module: "test", export: "program", options: {} }, nodeCount: 3 },
      { onLog: () => undefined },
    );
    const { quality, clocks, disks } = cluster;
    if (quality === undefined || clocks === undefined || disks === undefined)
      throw new Error("the simulation has them all");
    await main({ world, cluster: { ...cluster, quality, clocks, disks }, nodes });
  });
  await world.close();
}

const nodeIn = (nodes: Nodes, id: string): NodeContext => nodes.get(id) as NodeContext;

describe("bad links", () => {
  const PERFECT = { delayMs: 0, spreadMs: 0, lossProbability: 0, duplicationProbability: 0 };

  /** Sends 0, 1, 2 … to n2, and says what arrives, and how much later. */
  async function sent({ world, nodes }: Bench, from: string): Promise<readonly [number, number][]> {
    const arrived: [number, number][] = [];
    const beginNs = world.clock.nowNs();
    nodeIn(nodes, "n2").network.onMessage((_, message: Message) =>
      arrived.push([message as number, (world.clock.nowNs() - beginNs) / 1e6]),
    );
    for (let number = 0; number < 40; number++) nodeIn(nodes, from).network.send("n2", number);
    await world.clock.sleep(1_000);
    return arrived;
  }

  test("are late, overtake, lose and double, in their direction and until they are restored", async () => {
    await onNodes(async (bench) => {
      const { quality } = bench.cluster;
      await quality.degrade("n1", "n2", { ...PERFECT, delayMs: 100 });
      expect(quality.degraded()).toEqual(["n1>n2"]);
      for (const [, afterMs] of await sent(bench, "n1")) expect(afterMs).toBe(101);
      for (const [, afterMs] of await sent(bench, "n3")) expect(afterMs).toBe(1);

      await quality.degrade("n1", "n2", { ...PERFECT, spreadMs: 50 });
      const spread = (await sent(bench, "n1")).map(([number]) => number);
      expect(spread).toHaveLength(40);
      expect(spread).not.toEqual(spread.toSorted((a, b) => a - b));

      await quality.degrade("n1", "n2", { ...PERFECT, lossProbability: 0.5 });
      const left = (await sent(bench, "n1")).length;
      expect(left).toBeGreaterThan(5);
      expect(left).toBeLessThan(35);

      await quality.degrade("n1", "n2", { ...PERFECT, duplicationProbability: 1 });
      expect(await sent(bench, "n1")).toHaveLength(80);

      await quality.restore();
      expect(quality.degraded()).toEqual([]);
      const whole = await sent(bench, "n1");
      expect(whole.map(([number]) => number)).toEqual(whole.map((_, place) => place));
      expect(whole).toHaveLength(40);
      await expect(quality.degrade("n1", "n1", PERFECT)).rejects.toThrow(/to itself/);
    });
  });
});

describe("wrong clocks", () => {
  test("jump by what they are told; the monotonic clock does not notice", async () => {
    await onNodes(async ({ world, cluster: { clocks }, nodes }) => {
      const { clock } = nodeIn(nodes, "n1");
      const other = nodeIn(nodes, "n2").clock;
      const [wallMs, nowNs] = [clock.wallMs(), clock.nowNs()];
      await clocks.jump("n1", 5_000);
      expect([clock.wallMs() - wallMs, clock.nowNs() - nowNs]).toEqual([5_000, 0]);
      await clocks.jump("n1", -7_000);
      expect(clock.wallMs() - wallMs).toBe(-2_000);
      expect(clocks.wrong()).toEqual(["n1"]);
      expect(clock.wallMs() - other.wallMs()).toBe(-2_000);
      await clocks.restore();
      await world.clock.sleep(10);
      expect([clock.wallMs() - other.wallMs(), clocks.wrong()]).toEqual([0, []]);
    });
  });

  test("run fast, and never back", async () => {
    await onNodes(async ({ world, cluster: { clocks, processes }, nodes }) => {
      const { clock } = nodeIn(nodes, "n1");
      const other = nodeIn(nodes, "n2").clock;
      await clocks.drift("n1", 2);
      const begunNs = clock.nowNs();
      let rangAtNs = 0;
      clock.timer(100, () => (rangAtNs = world.clock.nowNs()));
      const atNs = world.clock.nowNs();
      await world.clock.sleep(100);
      expect(clock.nowNs() - begunNs).toBe(200e6);
      expect(rangAtNs - atNs).toBe(50e6);
      expect(clock.wallMs() - other.wallMs()).toBe(100);
      // The clock is the machine's, not the process's.
      await processes.kill("n1");
      await processes.start("n1");
      const again = nodeIn(nodes, "n1").clock;
      const beforeNs = again.nowNs();
      await clocks.restore();
      expect(again.nowNs()).toBe(beforeNs);
      expect(again.wallMs()).toBe(other.wallMs());
      await world.clock.sleep(100);
      expect(again.nowNs() - beforeNs).toBe(100e6);
    });
  });
});

describe("bad disks", () => {
  const bytes = (...list: readonly number[]): Uint8Array => Uint8Array.from(list);

  test("are slow", async () => {
    await onNodes(async ({ world, cluster: { disks }, nodes }) => {
      const { disk } = nodeIn(nodes, "n1");
      const timeOf = async (): Promise<number> => {
        const beginNs = world.clock.nowNs();
        for (let i = 0; i < 50; i++) await disk.append("log", bytes(i));
        return world.clock.nowNs() - beginNs;
      };
      const usualNs = await timeOf();
      await disks.strike("n1", "slow-disk");
      expect((await timeOf()) / usualNs).toBeGreaterThan(20);
      await disks.restore("slow-disk");
      expect((await timeOf()) / usualNs).toBeLessThan(3);
    });
  });

  test("are full: nothing grows, what is there is read and may shrink", async () => {
    await onNodes(async ({ cluster: { disks }, nodes }) => {
      const { disk } = nodeIn(nodes, "n1");
      await disk.write("a", bytes(1, 2, 3));
      await disks.strike("n1", "full-disk");
      expect(disks.struck("full-disk")).toEqual(["n1"]);
      await expect(disk.append("a", bytes(4))).rejects.toMatchObject({ code: "no-space" });
      await expect(disk.write("b", bytes(4))).rejects.toMatchObject({ code: "no-space" });
      await disk.write("a", bytes(7, 8));
      expect(await disk.read("a")).toEqual(bytes(7, 8));
      await nodeIn(nodes, "n2").disk.append("a", bytes(1));
      await disks.restore("full-disk");
      await disk.append("a", bytes(9));
      expect(await disk.read("a")).toEqual(bytes(7, 8, 9));
    });
  });

  test("fail to sync: what a failed sync was about is lost with the power", async () => {
    await onNodes(async ({ cluster: { disks, processes }, nodes }) => {
      const { disk } = nodeIn(nodes, "n1");
      await disk.write("a", bytes(1));
      await disk.sync("a");
      await disk.syncDirectory();
      const outcomes = new Set<string>();
      for (let trial = 0; trial < 20; trial++) {
        const port = nodeIn(nodes, "n1").disk;
        await disks.strike("n1", "sync-error");
        await port.append("a", bytes(2));
        await expect(port.sync("a")).rejects.toMatchObject({ code: "io" });
        await expect(port.syncDirectory()).rejects.toMatchObject({ code: "io" });
        await disks.restore("sync-error");
        await processes.powerOff("n1");
        await processes.start("n1");
        const after = nodeIn(nodes, "n1").disk;
        outcomes.add([...((await after.read("a")) ?? [])].join(""));
        await after.write("a", bytes(1));
        await after.sync("a");
      }
      expect([...outcomes]).toEqual(["1"]);
    });
  });

  test.each([
    [true, "1"],
    [false, "12"],
  ])(
    "whether a later sync makes up for one that failed is an option (%s)",
    async (failedSyncForgets, left) => {
      await onNodes(
        async ({ cluster: { disks, processes }, nodes }) => {
          const { disk } = nodeIn(nodes, "n1");
          await disk.write("a", bytes(1));
          await disk.sync("a");
          await disk.syncDirectory();
          await disks.strike("n1", "sync-error");
          await disk.append("a", bytes(2));
          await expect(disk.sync("a")).rejects.toMatchObject({ code: "io" });
          await disks.restore("sync-error");
          await disk.sync("a");
          expect(await disk.read("a")).toEqual(bytes(1, 2));
          await processes.powerOff("n1");
          await processes.start("n1");
          expect([...((await nodeIn(nodes, "n1").disk.read("a")) ?? [])].join("")).toBe(left);
        },
        { failedSyncForgets },
      );
    },
  );

  test("that rot are not mended where something else was written", async () => {
    await onNodes(async ({ cluster: { disks }, nodes }) => {
      const { disk } = nodeIn(nodes, "n1");
      for (const change of [
        async (rotten: Uint8Array) => disk.write("a", rotten),
        async (rotten: Uint8Array) => {
          await disk.truncate("a", 0);
          await disk.append("a", rotten);
        },
      ]) {
        await disk.write("a", bytes(0, 0));
        await disk.sync("a");
        await disks.rot("n1", 0.5);
        const rotten = (await disk.read("a")) as Uint8Array;
        await change(rotten);
        await disks.restore("bit-rot");
        expect(await disk.read("a")).toEqual(rotten);
      }
    });
  });

  test("rot by one bit of what is durable, and are mended, also after a loss of power", async () => {
    await onNodes(async ({ cluster: { disks, processes }, nodes }) => {
      const right = bytes(0, 0, 0, 0, 0, 0, 0, 0);
      expect(await disks.rot("n1", 0.5)).toBeUndefined();
      for (const share of [0, 0.3, 0.999, 1]) {
        const { disk } = nodeIn(nodes, "n1");
        await disk.write("a", right);
        await disk.sync("a");
        await disk.syncDirectory();
        await disk.append("a", bytes(9));
        const file = await disks.rot("n1", share);
        if (share === 1) {
          // There is no bit behind the last.
          expect(file).toBeUndefined();
          continue;
        }
        expect([file, disks.struck("bit-rot")]).toEqual(["a", ["n1"]]);
        const rotten = (await disk.read("a")) as Uint8Array;
        const inverted = [...rotten].reduce((sum, byte) => sum + (byte === 9 ? 0 : byte), 0);
        expect(Math.log2(inverted) % 1).toBe(0);
        await processes.powerOff("n1");
        await disks.restore("bit-rot");
        await processes.start("n1");
        const left = (await nodeIn(nodes, "n1").disk.read("a")) as Uint8Array;
        expect(left.slice(0, 8)).toEqual(right);
        expect(disks.struck("bit-rot")).toEqual([]);
      }
    });
  });
});
