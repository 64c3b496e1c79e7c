import { describe, expect, test } from "vitest";
import type { Value } from "../history/value.js";
import { simulatedWorld } from "../simulation/simulated-world.js";
import { withSystem } from "../testing/backend-fixture.js";
import { OperationError } from "./client.js";
import { storeSystem, type Store, type StoreSystemOptions } from "./store-system.js";

const world = () => simulatedWorld({ seed: 1 });

function mine(store: Partial<Store> = {}, options: Partial<StoreSystemOptions> = {}) {
  return storeSystem({
    name: "mine",
    worlds: ["simulated"],
    methods: ["cas"],
    open: async () => {
      const map = new Map<string, Value>();
      return {
        get: (key) => map.get(key),
        put: (key, value) => void map.set(key, value),
        cas: () => false,
        ...store,
      };
    },
    ...options,
  });
}

describe("a store's system", () => {
  test("has the functions of its methods, and runs for real unless it says otherwise", () => {
    const open = async () => ({ get: () => null, put: () => undefined });
    const system = storeSystem({ name: "s", open, methods: ["append", "delete"] });
    expect(system.functions).toEqual(["read", "write", "get", "put", "append", "delete"]);
    expect(system.worlds).toEqual(["real"]);
    expect(mine().functions).toEqual(["read", "write", "cas", "get", "put"]);
  });

  test("is one store for all clients of a run, and another for the next run", async () => {
    const system = mine();
    for (let run = 0; run < 2; run++) {
      await withSystem({ system, world }, async ({ connect, succeed }) => {
        const [a, b] = [await connect(), await connect()];
        expect(await succeed(a, { f: "read", value: null })).toBe(null);
        await succeed(a, { f: "write", value: 1 });
        expect(await succeed(b, { f: "read", value: null })).toBe(1);
      });
    }
  });

  test("is closed once, after the clients", async () => {
    let closed = 0;
    const system = mine({ close: () => void closed++ });
    await withSystem({ system, world }, async ({ connect }) => {
      await (await connect()).close();
      expect(closed).toBe(0);
    });
    expect(closed).toBe(1);
  });

  test("keeps the keys apart", async () => {
    const keys: string[] = [];
    const system = mine({ put: (key) => void keys.push(key) });
    await withSystem({ system, world }, async ({ connect, succeed }) => {
      const client = await connect();
      for (const key of ["1", 1, "json:1", { a: 1 }, null]) {
        await succeed(client, { f: "put", key, value: 0 });
      }
      await succeed(client, { f: "write", value: 0 });
    });
    expect(keys).toEqual([
      "1",
      "json:1",
      'json:"json:1"',
      'json:{"a":1}',
      "json:null",
      "json:null",
    ]);
  });

  test("takes errors for indeterminate, unless the store says that nothing happened", async () => {
    const errors: Error[] = [new Error("lost"), new OperationError("fail", "full", "no room")];
    const system = mine({
      put: async () => {
        throw errors.shift() ?? new Error("no more");
      },
    });
    await withSystem({ system, world }, async ({ connect, perform }) => {
      const client = await connect();
      const write = { f: "write", value: 1 } as const;
      expect(await perform(client, write)).toEqual({
        type: "info",
        error: ["unclassified", "lost"],
      });
      expect(await perform(client, write)).toEqual({ type: "fail", error: ["full", "no room"] });
      const cas = await perform(client, { f: "cas", value: [1, 2] });
      expect(cas).toEqual({ type: "fail", error: ["mismatch", "the value is not 1"] });
    });
  });

  test("has the clock of its world", async () => {
    const system = mine(
      {},
      {
        open: async ({ clock }) => ({
          get: async () => {
            await clock.sleep(100);
            return clock.nowNs();
          },
          put: () => undefined,
          cas: () => false,
        }),
      },
    );
    await withSystem({ system, world }, async ({ connect, succeed }) => {
      const seen = await succeed(await connect(), { f: "read", value: null });
      expect(seen).toBeGreaterThanOrEqual(100e6);
    });
  });
});
