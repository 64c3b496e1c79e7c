import { describe, expect, it } from "vitest";
import type { Value } from "../src/history/value.js";
import { createRandom } from "../src/random.js";
import type { Nemesis } from "../src/runner/nemesis.js";
import { createFakeCluster, type FakeCluster } from "../src/testing/fake-cluster.js";
import { nemesisContract } from "../src/testing/nemesis-contract.js";
import {
  bitRot,
  clock,
  compose,
  crash,
  fullDisk,
  membership,
  network,
  partition,
  pause,
  powerLoss,
  slowDisk,
  syncError,
  type PartitionShape,
} from "./index.js";

const shapes: readonly PartitionShape[] = [
  "halves",
  "isolate-one",
  "one-way",
  "bridge",
  "majorities-ring",
];

describe.each([
  ["partition", partition(), 5],
  ["partition of two", partition(), 2],
  ...shapes.map((shape) => [shape, partition({ shapes: [shape] }), 4] as const),
  ["crash", crash(), 5],
  ["crash of one", crash(), 1],
  ["crash of any", crash({ majority: false }), 3],
  ["pause", pause(), 4],
  ["power-loss", powerLoss(), 3],
  ["membership", membership(), 5],
  ["network", network(), 5],
  ["network of two", network({ troubles: ["loss"] }), 2],
  ["clock", clock(), 5],
  ["clock that only drifts", clock({ jumpMsMax: 0 }), 1],
  ["slow-disk", slowDisk(), 5],
  ["full-disk", fullDisk(), 5],
  ["sync-error", syncError({ majority: false }), 3],
  ["bit-rot", bitRot(), 5],
  ["all", compose([partition(), crash(), pause()]), 5],
] as const)("%s", (_, nemesis, nodeCount) => {
  for (const { name, run } of nemesisContract({ nemesis, nodeCount })) it(name, run);
});

async function begin(
  nemesis: Nemesis,
  options: { readonly nodeCount: number; readonly seed: number; readonly fake?: FakeCluster },
): Promise<{ readonly fake: FakeCluster; readonly value: { readonly [name: string]: Value } }> {
  const fake = options.fake ?? createFakeCluster(options.nodeCount);
  const context = { cluster: fake.cluster, random: createRandom(options.seed) };
  const f = nemesis.functions[0] as string;
  const value = await nemesis.invoke({ f, value: null }, context);
  return { fake, value: value as { readonly [name: string]: Value } };
}

/** Which nodes each node can hear, itself included. */
function hears(fake: FakeCluster): readonly (readonly string[])[] {
  const { nodes, links } = fake.cluster;
  const cuts = new Set(links.cuts());
  return nodes.map((to) => nodes.filter((from) => !cuts.has(`${from}>${to}`)));
}

describe("membership", () => {
  it("says when it could not put a node back", async () => {
    const fake = createFakeCluster(3);
    const context = {
      cluster: fake.cluster,
      random: createRandom(1),
      members: { ...fake.members, list: async () => ["n1", "n3"], change: async () => false },
    };
    await expect(membership().heal(context)).rejects.toThrow(/n2 could not be made a member again/);
  });
});

describe("partition", () => {
  const seeds = Array.from({ length: 60 }, (_, seed) => seed);
  const drawn = async (shape: PartitionShape, nodeCount: number) =>
    Promise.all(
      seeds.map(async (seed) => begin(partition({ shapes: [shape] }), { nodeCount, seed })),
    );

  it.each([2, 3, 4, 5, 7])(
    "halves of %i nodes are two groups that do not meet",
    async (nodeCount) => {
      const small = Math.floor(nodeCount / 2);
      for (const { fake } of await drawn("halves", nodeCount)) {
        const sizes = hears(fake).map((group) => group.length);
        expect(sizes.filter((size) => size === small).length).toBeGreaterThanOrEqual(small);
        expect(fake.cluster.links.cuts()).toHaveLength(2 * small * (nodeCount - small));
      }
    },
  );

  it("halves differ from draw to draw", async () => {
    const states = (await drawn("halves", 5)).map(({ fake }) => fake.state());
    expect(new Set(states).size).toBe(10);
  });

  it("isolates one, and each node is that one at times", async () => {
    const alone = (await drawn("isolate-one", 5)).map(({ fake }) => {
      const groups = hears(fake).filter((group) => group.length === 1);
      expect(groups).toHaveLength(1);
      return groups.flat()[0];
    });
    expect(new Set(alone).size).toBe(5);
  });

  it("one-way cuts lose one direction only", async () => {
    const states = await drawn("one-way", 4);
    for (const { fake } of states) {
      const cuts = fake.cluster.links.cuts();
      expect(cuts.length).toBeGreaterThan(0);
      for (const cut of cuts) expect(cuts).not.toContain(cut.split(">").reverse().join(">"));
    }
    expect(new Set(states.map(({ value }) => (value["from"] as Value[]).length))).toEqual(
      new Set([1, 2, 3]),
    );
  });

  it("a bridge hears everybody, and nobody else does", async () => {
    for (const { fake, value } of await drawn("bridge", 5)) {
      const all = hears(fake).filter((group) => group.length === 5);
      expect(all).toHaveLength(1);
      expect(hears(fake)[fake.cluster.nodes.indexOf(value["bridge"] as string)]).toHaveLength(5);
    }
  });

  it.each([4, 5, 6, 7, 9])(
    "majorities of %i in a ring are majorities, all different",
    async (nodeCount) => {
      for (const { fake } of await drawn("majorities-ring", nodeCount)) {
        const groups = hears(fake);
        for (const group of groups) {
          expect(group.length).toBeGreaterThan(nodeCount / 2);
          expect(group.length).toBeLessThan(nodeCount);
        }
        expect(new Set(groups.map((group) => group.join())).size).toBe(nodeCount);
      }
    },
  );

  it("draws every shape that fits, and only those", async () => {
    const shapesOf = async (nodeCount: number): Promise<ReadonlySet<Value | undefined>> =>
      new Set(
        (await Promise.all(seeds.map(async (seed) => begin(partition(), { nodeCount, seed })))).map(
          ({ value }) => value["shape"],
        ),
      );
    expect(await shapesOf(5)).toEqual(new Set(shapes));
    expect(await shapesOf(3)).toEqual(new Set(["halves", "isolate-one", "one-way", "bridge"]));
    expect(await shapesOf(2)).toEqual(new Set(["halves", "isolate-one", "one-way"]));
  });

  it("says what it did in words that a reader understands", async () => {
    const { value } = await begin(partition({ shapes: ["isolate-one"] }), {
      nodeCount: 3,
      seed: 1,
    });
    expect(value).toMatchInlineSnapshot(`
      {
        "cuts": [
          "n1>n2",
          "n1>n3",
          "n2>n1",
          "n3>n1",
        ],
        "groups": [
          [
            "n1",
          ],
          [
            "n2",
            "n3",
          ],
        ],
        "shape": "isolate-one",
      }
    `);
  });

  it("is refused where there is nothing to part", () => {
    expect(partition().available(1)).toEqual({
      available: false,
      reason: expect.stringContaining("needs 2 nodes and there is 1"),
      alternative: expect.stringContaining("crash"),
    });
    expect(partition({ shapes: ["majorities-ring"] }).available(3).available).toBe(false);
    expect(partition({ shapes: ["majorities-ring", "halves"] }).available(3).available).toBe(true);
    expect(() => partition({ shapes: [] })).toThrow("at least one");
    expect(() => partition({ shapes: ["stripes" as PartitionShape] })).toThrow(
      "halves, isolate-one",
    );
  });

  it("refuses links and shapes that are not there", async () => {
    const { cluster } = createFakeCluster(3);
    const context = { cluster, random: createRandom(0) };
    const invoke = async (value: Value) =>
      partition().invoke({ f: "start-partition", value }, context);
    await expect(invoke({ cuts: ["n1>n9"] })).rejects.toThrow("no link n1>n9");
    await expect(invoke({ shape: "majorities-ring" })).rejects.toThrow("no partition of 3 nodes");
    await invoke({ shape: "bridge" });
    expect(cluster.links.cuts()).toHaveLength(2);
  });

  it("a partition that cannot be made whole is not made at all", async () => {
    const fake = createFakeCluster(3);
    fake.failAt(3);
    const context = { cluster: fake.cluster, random: createRandom(0) };
    const invoked = partition().invoke({ f: "start-partition", value: null }, context);
    await expect(invoked).rejects.toThrow("the network could not be parted: call 3 fails");
    expect(fake.cluster.links.cuts()).toEqual([]);
  });
});

describe("faults of nodes", () => {
  const struckBy = async (nemesis: Nemesis, nodeCount: number): Promise<ReadonlySet<number>> => {
    const sizes = new Set<number>();
    for (let seed = 0; seed < 80; seed++) {
      const { fake, value } = await begin(nemesis, { nodeCount, seed });
      const { nodes, processes } = fake.cluster;
      const struck = nodes.filter((node) => processes.status(node) !== "up");
      expect(value).toEqual({ nodes: struck });
      sizes.add(struck.length);
    }
    return sizes;
  };

  it.each([
    [1, [1]],
    [2, [1]],
    [3, [1]],
    [4, [1]],
    [5, [1, 2]],
    [7, [1, 2, 3]],
  ])("of %i nodes strike %j and leave a majority", async (nodeCount, sizes) => {
    for (const nemesis of [crash(), pause(), powerLoss()]) {
      expect(await struckBy(nemesis, nodeCount)).toEqual(new Set(sizes));
    }
  });

  it("strike any set when they need not leave a majority", async () => {
    expect(await struckBy(crash({ majority: false }), 4)).toEqual(new Set([1, 2, 3, 4]));
  });

  it("leave a majority together", async () => {
    for (let seed = 0; seed < 50; seed++) {
      const fake = createFakeCluster(5);
      await begin(crash(), { nodeCount: 5, seed, fake });
      await begin(pause(), { nodeCount: 5, seed, fake }).catch((error: unknown) => {
        expect(error).toEqual(
          expect.objectContaining({
            message: expect.stringContaining("2 of 5 nodes are down or paused already"),
          }),
        );
      });
      const { nodes, processes } = fake.cluster;
      expect(nodes.filter((node) => processes.status(node) !== "up").length).toBeLessThanOrEqual(2);
    }
  });

  it("name the nodes that do not come back, and bring up the others", async () => {
    const fake = createFakeCluster(5);
    const context = { cluster: fake.cluster, random: createRandom(0) };
    const nemesis = crash();
    await nemesis.invoke({ f: "start-crash", value: { nodes: ["n1", "n2", "n4"] } }, context);
    fake.failAt(2);
    await expect(nemesis.invoke({ f: "stop-crash", value: null }, context)).rejects.toThrow(
      "n2 did not come up again: call 2 fails, as the test wants",
    );
    expect(fake.cluster.processes.status("n4")).toBe("up");
    expect(fake.cluster.processes.status("n2")).toBe("down");
    await nemesis.heal(context);
    expect(fake.cluster.processes.status("n2")).toBe("up");
  });

  it("leave alone what others have done", async () => {
    const fake = createFakeCluster(5);
    const context = { cluster: fake.cluster, random: createRandom(0) };
    await pause().invoke({ f: "start-pause", value: { nodes: ["n1"] } }, context);
    await crash().invoke({ f: "start-crash", value: { nodes: ["n2"] } }, context);
    await crash().heal(context);
    expect(fake.cluster.processes.status("n1")).toBe("paused");
    await pause().heal(context);
    expect(fake.cluster.processes.status("n1")).toBe("up");
  });

  it("refuse nodes that are not there", async () => {
    const { cluster } = createFakeCluster(3);
    const context = { cluster, random: createRandom(0) };
    const invoke = async (value: Value) => crash().invoke({ f: "start-crash", value }, context);
    await expect(invoke({ nodes: ["n7"] })).rejects.toThrow("no node n7");
    await expect(invoke(7)).rejects.toThrow('{"nodes": [...]}');
  });
});

describe("compose", () => {
  it("adds up what its parts are and need", () => {
    const all = compose([partition(), crash()]);
    expect(all.name).toBe("partition+crash");
    expect(all.needs).toEqual(["cut-link", "kill"]);
    expect(all.available(1)).toEqual(partition().available(1));
    expect(compose([]).available(1)).toEqual({ available: true });
    expect(() => compose([crash(), crash()])).toThrow("both crash and crash claim start-crash");
  });

  it("heals every part, even when one cannot be healed", async () => {
    const fake = createFakeCluster(5);
    const context = { cluster: fake.cluster, random: createRandom(0) };
    const all = compose([partition(), crash()]);
    await all.invoke({ f: "start-partition", value: null }, context);
    await all.invoke({ f: "start-crash", value: { nodes: ["n3"] } }, context);
    fake.failAt(1);
    await expect(all.heal(context)).rejects.toThrow("partition: call 1 fails");
    expect(fake.cluster.processes.status("n3")).toBe("up");
  });
});

describe("the contract can fail", () => {
  const outcome = async (nemesis: Nemesis): Promise<string> => {
    for (const { name, run } of nemesisContract({ nemesis })) {
      try {
        await run();
      } catch {
        return name;
      }
    }
    return "holds";
  };

  it.each([
    ["holds", {}],
    ["has a beginning and an end for every fault", { functions: ["start-crash"] }],
    ["begins have an effect, and need no more than it says", { needs: [] }],
    ["begins have an effect, and need no more than it says", { invoke: async () => null }],
    [
      "healing mends everything, and healing twice is healing once",
      { heal: async () => undefined },
    ],
    [
      "schedules its own functions, in turn and without end",
      { schedule: (options) => pause().schedule(options) },
    ],
    [
      "schedules its own functions, in turn and without end",
      { schedule: () => crash().schedule({ intervalMs: 300 }) },
    ],
    [
      "refuses functions that are not its own",
      {
        invoke: async ({ f, value }, context) =>
          crash().functions.includes(f) ? crash().invoke({ f, value }, context) : null,
      },
    ],
  ] satisfies [string, Partial<Nemesis>][])("%s", async (first, change) => {
    expect(await outcome({ ...crash(), ...change })).toBe(first);
  });
});
