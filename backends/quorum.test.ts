import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonical, type Value } from "../src/history/value.js";
import { createRandom } from "../src/random.js";
import { simulatedWorld } from "../src/simulation/simulated-world.js";
import { withSystem, type Fixture } from "../src/testing/backend-fixture.js";
import type { NodeId } from "../src/world/network.js";
import { createRpc } from "../src/world/rpc.js";
import { quorum } from "./quorum.js";
import { compareTimestamps, type Timestamp } from "./quorum/versions.js";

const timestamps: fc.Arbitrary<Timestamp> = fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3));

describe("timestamps", () => {
  test("are ordered totally, by counter, node, incarnation", () => {
    fc.assert(
      fc.property(timestamps, timestamps, timestamps, (a, b, c) => {
        expect(Math.sign(compareTimestamps(a, b))).toBe(0 - Math.sign(compareTimestamps(b, a)));
        expect(compareTimestamps(a, b) === 0).toBe(canonical(a) === canonical(b));
        if (compareTimestamps(a, b) <= 0 && compareTimestamps(b, c) <= 0)
          expect(compareTimestamps(a, c)).toBeLessThanOrEqual(0);
      }),
    );
    const sorted = [
      [0, 9, 9],
      [1, 0, 9],
      [1, 1, 0],
      [1, 1, 1],
    ] as const;
    expect(sorted.toReversed().sort(compareTimestamps)).toEqual(sorted);
  });

  test("never name two values, at once or across the restarts of a coordinator", async () => {
    let restarts = 0;
    let versions = 0;
    const conflicts: string[] = [];
    for (let seed = 0; seed < 20; seed++) {
      await withSystem(
        { system: quorum(), world: () => simulatedWorld({ seed }), timeoutMs: 300 },
        async (fixture) => {
          const random = createRandom(seed);
          const { cluster, world } = fixture;
          const seen = new Map<string, Value>();
          const over = { now: false };
          // One after the other would wait for those that a crash cut short.
          const writes: Promise<unknown>[] = [];
          const write = async (value: Value): Promise<void> => {
            const client = await fixture.connect("n1");
            await fixture.perform(client, { f: "write", value });
            await client.close();
          };
          const writer = async (): Promise<void> => {
            for (let count = 0; !over.now; count++) {
              writes.push(write(count));
              await world.clock.sleep(random.exponential(2));
            }
          };
          const writing = writer();
          const observer = observe(fixture, over, (timestamp, value) => {
            const name = canonical(timestamp);
            const known = seen.get(name) ?? value;
            if (known !== value) conflicts.push(`${name}: ${canonical([known, value])}`);
            seen.set(name, value);
          });
          for (let round = 0; round < 15; round++) {
            await world.clock.sleep(random.exponential(30));
            // What n1 sends now reaches n2 alone, and may not reach its own disk: after the restart
            // a majority can answer that has none of it.
            for (const node of ["n3", "n4", "n5"]) await cluster.links.cut("n1", node);
            await world.clock.sleep(random.exponential(3));
            await (random.chance(0.5)
              ? cluster.processes.kill("n1")
              : cluster.processes.powerOff("n1"));
            await cluster.links.heal();
            await cluster.processes.start("n1");
            restarts++;
          }
          over.now = true;
          await Promise.all([writing, observer]);
          await Promise.all(writes);
          versions += seen.size;
        },
      );
    }
    expect(conflicts).toEqual([]);
    expect(restarts).toBe(300);
    expect(versions).toBeGreaterThan(300);
  });
});

test("a write that finds no majority fails for certain", async () => {
  await withSystem(
    { system: quorum(), world: () => simulatedWorld({ seed: 1 }), timeoutMs: 1_000 },
    async ({ cluster, connect, perform, recover }) => {
      const others = cluster.nodes.filter((node) => node !== "n1");
      const client = await connect("n1");
      for (const node of others) await cluster.links.cut("n1", node);
      const alone = await perform(client, { f: "write", value: "alone" });
      expect(alone).toMatchObject({ type: "fail", error: ["no-majority", expect.any(String)] });
      await cluster.links.heal();
      expect(await recover("n2", { f: "read", value: null })).toBe(null);
    },
  );
});

test("it goes on with a minority of nodes down, and cut links", async () => {
  await withSystem(
    { system: quorum(), world: () => simulatedWorld({ seed: 1 }), timeoutMs: 1_000 },
    async ({ cluster, connect, succeed }) => {
      await cluster.processes.kill("n4");
      await cluster.links.cut("n1", "n5");
      await cluster.links.cut("n5", "n1");
      const client = await connect("n1");
      await succeed(client, { f: "put", key: "k", value: 1 });
      expect(await succeed(await connect("n2"), { f: "get", key: "k", value: null })).toBe(1);
    },
  );
});

/** Asks the replicas themselves, over and over. */
async function observe(
  { cluster, world }: Fixture,
  over: { readonly now: boolean },
  see: (timestamp: Timestamp, value: Value) => void,
): Promise<void> {
  const { network, clock } = cluster.endpoint("observer");
  const rpc = createRpc(network, clock);
  const ask = async (node: NodeId): Promise<void> => {
    while (!over.now) {
      try {
        const answer = await rpc.call(node, ["query", "null"], { timeoutMs: 100 });
        const [counter, coordinator, incarnation, value] = answer as [
          number,
          number,
          number,
          Value,
        ];
        if (counter > 0) see([counter, coordinator, incarnation], value);
      } catch {
        // Down at the moment.
      }
      await world.clock.sleep(0.5);
    }
  };
  await Promise.all(cluster.nodes.map(async (node) => ask(node)));
}
