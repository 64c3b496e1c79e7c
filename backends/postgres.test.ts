/** PostgreSQL as a system under test: a server, killed with its node, and bugs of its users. */
import { expect, test, vi } from "vitest";
import type { Client } from "../src/runner/client.js";
import { OperationError } from "../src/runner/client.js";
import type { System } from "../src/runner/system.js";
import { realWorld } from "../src/real/real-world.js";
import { backendContract } from "../src/testing/index.js";
import type { Cluster } from "../src/world/world.js";
import { durabilityOf } from "../test/real/durability.js";
import { describeWithPostgres } from "../test/real/postgres.js";
import { startPostgres } from "./postgres/server.js";
import { postgres } from "./postgres.js";

async function withSystem(
  system: System,
  use: (parts: { connect: () => Promise<Client>; cluster: Cluster }) => Promise<void>,
): Promise<void> {
  const world = realWorld({ seed: 1 });
  try {
    const cluster = await world.deploy(system.deployment(1), { onLog: () => undefined });
    let names = 0;
    const connect = (): Promise<Client> =>
      system.connect({
        endpoint: cluster.endpoint(`c${names++}`),
        nodes: cluster.nodes,
        preferred: "n1",
        timeoutMs: 20_000,
      });
    await use({ connect, cluster });
    await cluster.stop();
  } finally {
    await world.close();
  }
}

/** How many of 120 appends, of six clients at once, are in the text in the end. */
async function appended(system: System): Promise<number> {
  let found = -1;
  await withSystem(system, async ({ connect }) => {
    const clients = await Promise.all(Array.from({ length: 6 }, connect));
    const append = async (client: Client): Promise<void> => {
      for (let i = 0; i < 20; i++) await client.invoke({ f: "append", key: "k", value: "x" });
    };
    await Promise.all(clients.map((client) => append(client)));
    const text = await clients[0]?.invoke({ f: "get", key: "k", value: null });
    found = (text as string).length;
  });
  return found;
}

/** Those of the contract that a database can break; starting servers takes time. */
const CASES = [
  "200 operations in a row answer what the model says",
  "a node that is down refuses, and at once",
  "compare-and-set is atomic among clients",
];

describeWithPostgres("postgres in a child process", () => {
  const contract = backendContract({
    system: postgres(),
    world: () => realWorld({ seed: 1 }),
    timeoutMs: 5000,
  });
  test.each(CASES)("%s", async (name) => {
    const found = contract.find((each) => each.name === name);
    expect(found).toMatchObject({ name });
    expect(found?.skipped).toBe(undefined);
    await found?.run();
  });

  test("does what the functions of a store say, also after a kill", async () => {
    await withSystem(postgres(), async ({ connect, cluster }) => {
      const client = await connect();
      await client.invoke({ f: "write", value: { b: [1, "it's"], a: null } });
      expect(await client.invoke({ f: "read", value: null })).toEqual({ a: null, b: [1, "it's"] });
      const failing = client.invoke({ f: "cas", value: [4, 6] });
      await expect(failing).rejects.toThrow(OperationError);
      await expect(failing).rejects.toMatchObject({ outcome: "fail", code: "mismatch" });
      await client.invoke({ f: "append", key: "k", value: "ab" });
      await client.invoke({ f: "set", key: "s", value: ["add", 3] });
      await cluster.processes.kill("n1");
      await cluster.processes.start("n1");
      expect(await client.invoke({ f: "get", key: "k", value: null })).toBe("ab");
      await client.invoke({ f: "delete", key: "k", value: null });
      expect(await client.invoke({ f: "get", key: "k", value: null })).toBe(null);
    });
  });

  test("keeps every acknowledged write over kill -9 of all its processes", async () => {
    const { acknowledged, violations } = await durabilityOf(() => postgres(), {
      kills: 3,
      seed: 1,
    });
    expect(violations).toEqual([]);
    expect(acknowledged).toBeGreaterThan(40);
  });

  test("is seen to lose them when commits do not wait for the disk", async () => {
    const make = (): System => postgres({ variant: "async-commit" });
    const { violations } = await durabilityOf(make, { kills: 5, seed: 1 });
    expect(violations).not.toEqual([]);
  });

  test("loses no append, but for the user who holds nothing between reading and writing", async () => {
    expect(await appended(postgres())).toBe(120);
    expect(await appended(postgres({ variant: "lost-update" }))).toBeLessThan(120);
  });

  test("takes the URL from the environment", () => {
    vi.stubEnv("ORDEAL_POSTGRES_URL", "postgresql://somewhere/db");
    const { program } = postgres().deployment(1);
    vi.unstubAllEnvs();
    expect(program.options["url"]).toBe("postgresql://somewhere/db");
    expect(postgres().deployment(1).program.options["url"]).toBe(null);
  });

  test("uses a server that runs already, which no fault reaches", async () => {
    const world = realWorld({ seed: 1 });
    const server = await startPostgres({ clock: world.clock });
    try {
      const system = postgres({ url: server.url() });
      expect(system.availability?.("kill").available).toBe(false);
      expect(system.promise.under).toEqual([]);
      for (let round = 0; round < 2; round++) {
        await withSystem(system, async ({ connect }) => {
          const client = await connect();
          // Each run begins with an empty table.
          expect(await client.invoke({ f: "read", value: null })).toBe(null);
          await client.invoke({ f: "write", value: 1 });
          expect(await client.invoke({ f: "read", value: null })).toBe(1);
        });
      }
    } finally {
      await server.stop();
      await world.close();
    }
  });
});
