/**
 * The PostgreSQL store on a real server: the contract, several processes at once, what is certain
 * when a connection breaks at the worst moment, and kills of the server.
 */
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPostgres, type PostgresServer } from "../backends/postgres/server.js";
import { createRealClock, readEpoch } from "../src/real/clock.js";
import { persistenceContract } from "../src/testing/index.js";
import type { StatePersistence } from "../src/index.js";
import { describeWithPostgres } from "../test/real/postgres.js";
import { eventually } from "../test/real/processes.js";
import { postgresPersistence, type PostgresOptions } from "./index.js";

const clock = createRealClock(readEpoch());
let server: PostgresServer;
let tables = 0;
const newTable = (): string => `states_${tables++}`;
const open = (options: PostgresOptions = {}): Promise<StatePersistence> =>
  postgresPersistence(server.url(), { table: newTable(), ...options });

describeWithPostgres("states in PostgreSQL", () => {
  beforeAll(async () => {
    server = await startPostgres({ clock });
  });
  afterAll(async () => server.stop());

  const tableOf = new WeakMap<StatePersistence, string>();
  const openIn = async (table: string): Promise<StatePersistence> => {
    const store = await open({ table });
    tableOf.set(store, table);
    return store;
  };
  const contract = persistenceContract({
    open: () => openIn(newTable()),
    reopen: (closed) => openIn(tableOf.get(closed) as string),
    seedCount: 10,
  });
  for (const { name, skipped, run } of contract) {
    expect(skipped).toBe(undefined);
    test(name, run);
  }

  test("many on one table lose no update, and versions rise over deletions", async () => {
    const table = newTable();
    const stores = await Promise.all([1, 2, 3].map(() => open({ table, connections: 4 })));
    const seen = new Map<string, number[]>();
    // Each store saves and deletes the same few keys; what a key's versions were is written down in
    // the order in which they were answered for by conditions: each expects the one before.
    const work = async (store: StatePersistence, key: string): Promise<void> => {
      for (let round = 0; round < 40; round++) {
        const found = await store.loadState(key).catch(() => ({ version: 0 }));
        try {
          if (found.version > 0 && round % 3 === 2) {
            await store.deleteState(key, { expected: found.version });
            continue;
          }
          const version = await store.saveState(key, round, { expected: found.version });
          expect(version).toBeGreaterThan(found.version);
          const versions = seen.get(key) ?? [];
          seen.set(key, [...versions, version]);
        } catch (error) {
          expect(["conflict", "not-found"]).toContain((error as { code: string }).code);
        }
      }
    };
    const keys = ["a", "b", "c"];
    await Promise.all(stores.flatMap((store) => keys.map((key) => work(store, key))));
    for (const versions of seen.values()) expect(new Set(versions).size).toBe(versions.length);
    await Promise.all(stores.map((store) => store.close()));
  });

  test("saves without conditions, of one key by many, each get a version of their own", async () => {
    const table = newTable();
    const stores = await Promise.all([1, 2].map(() => open({ table })));
    const saves = stores.flatMap((store) =>
      Array.from({ length: 60 }, async (_, i) => {
        if (i % 5 === 4) await store.deleteState("k").catch(() => undefined);
        return store.saveState("k", i);
      }),
    );
    const versions = await Promise.all(saves);
    expect(new Set(versions).size).toBe(versions.length);
    const { version } = await (stores[0] as StatePersistence).loadState("k");
    expect(version).toBe(Math.max(...versions));
    await Promise.all(stores.map((store) => store.close()));
  });

  test("batches that lock each other out are done again, and none is done in part", async () => {
    const table = newTable();
    const stores = await Promise.all([1, 2, 3].map(() => open({ table })));
    const keys = ["a", "b", "c", "d"];
    const batches = stores.flatMap((store, who) =>
      Array.from({ length: 15 }, (_, round) => {
        const order = round % 2 === 0 ? keys : keys.toReversed();
        return store.batch(order.map((key) => ({ kind: "save", key, value: [who, round] })));
      }),
    );
    await Promise.all(batches);
    const [store] = stores as [StatePersistence];
    const values = await Promise.all(keys.map(async (key) => (await store.loadState(key)).value));
    expect(new Set(values.map((value) => JSON.stringify(value))).size).toBe(1);
    await Promise.all(stores.map((each) => each.close()));
  });

  test("a row that is no JSON is corrupt", async () => {
    const table = newTable();
    const store = await open({ table });
    await store.saveState("a", 1);
    await ask(`UPDATE ${table} SET value = 'not JSON'`);
    await expect(store.loadState("a")).rejects.toMatchObject({ code: "corrupt", key: "a" });
    await store.close();
  });

  test("what the server refuses did certainly not happen", async () => {
    const table = newTable();
    const store = await open({ table });
    const version = await store.saveState("a", 1);
    await ask(`ALTER TABLE ${table} ADD CHECK (value <> '2')`);
    await expect(store.saveState("a", 2)).rejects.toMatchObject({ code: "unavailable" });
    await expect(store.saveState("b", 2)).rejects.toMatchObject({ code: "unavailable" });
    expect(await store.loadState("a")).toEqual({ value: 1, version });
    await store.close();
  });

  test("a server that is not there, or not fit, is unavailable", async () => {
    const nowhere = postgresPersistence("postgresql://ordeal@127.0.0.1:1/postgres");
    await expect(nowhere).rejects.toMatchObject({ code: "unavailable" });
    const strict = new URL(server.url());
    strict.searchParams.set("options", "-c default_transaction_isolation=serializable");
    await expect(postgresPersistence(strict.href)).rejects.toThrow("sets the isolation");
    await ask("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    const latin = new URL(server.url());
    latin.pathname = "/latin";
    await expect(postgresPersistence(latin.href)).rejects.toThrow("LATIN1");
    await expect(open({ table: "a; drop" })).rejects.toMatchObject({ code: "bad-argument" });
  });

  test("says what it keeps", async () => {
    const async = await open({ synchronousCommit: false });
    expect(async.durability).toBe("volatile");
    await async.close();
    const store = await open();
    expect(store.durability).toBe("power-loss");
    await store.close();
  });

  test("a connection that breaks before the COMMIT changes nothing; in the COMMIT it is open", async () => {
    const table = newTable();
    const direct = await open({ table });
    const codes: string[] = [];
    const found: boolean[] = [];
    // Cut when that text has come by, before or after it went through.
    for (const [text, passes] of [
      ["INSERT INTO", false],
      ["INSERT INTO", true],
      ["COMMIT\0", false],
      ["COMMIT\0", true],
    ] as const) {
      const proxy = await startProxy(server.url());
      const store = await postgresPersistence(proxy.url, { table, timeoutMs: 5000 });
      proxy.cutAt(text, passes);
      const key = `k${codes.length}`;
      codes.push(await codeOf(store.saveState(key, 1)));
      // The server is done with it before we look.
      await clock.sleep(200);
      found.push((await codeOf(direct.loadState(key))) === "none");
      // The next call has a new connection.
      await store.saveState(`${key}/next`, 1);
      await store.close();
      proxy.close();
    }
    expect(codes).toEqual(["unavailable", "unavailable", "indeterminate", "indeterminate"]);
    expect(found).toEqual([false, false, false, true]);

    const version = await direct.saveState("one", 1);
    const proxy = await startProxy(server.url());
    const store = await postgresPersistence(proxy.url, { table });
    proxy.cutAt("UPDATE", true);
    expect(await codeOf(store.saveState("one", 2))).toBe("indeterminate");
    await clock.sleep(200);
    expect((await direct.loadState("one")).version).toBeGreaterThan(version);
    proxy.cutAt("SELECT value", true);
    expect(await codeOf(store.loadState("one"))).toBe("unavailable");
    await Promise.all([store.close(), direct.close()]);
    proxy.close();
  });

  test("a server that does not answer leaves it open after the time limit", async () => {
    const table = newTable();
    const direct = await open({ table });
    await direct.saveState("a", 1);
    const locker = new Client({ connectionString: server.url() });
    await locker.connect();
    await locker.query(`BEGIN; SELECT 1 FROM ${table} FOR UPDATE`);
    const store = await open({ table, timeoutMs: 300 });
    expect(await codeOf(store.saveState("a", 2))).toBe("indeterminate");
    expect((await store.loadState("a")).value).toBe(1);
    await locker.end();
    await Promise.all([store.close(), direct.close()]);
  });

  test("survives kills of the server with what it acknowledged", async () => {
    const table = newTable();
    const store = await open({ table });
    for (let kill = 0; kill < 3; kill++) {
      const saved = new Map<string, number>();
      const state = { isUp: true };
      const save = async (who: number): Promise<void> => {
        for (let i = 0; state.isUp; i++) {
          const key = `${kill}/${who}/${i}`;
          const code = await codeOf(store.saveState(key, i));
          if (code === "none") saved.set(key, i);
          else expect(["unavailable", "indeterminate"]).toContain(code);
        }
      };
      const savers = [0, 1, 2, 3].map((who) => save(who));
      // Strikes only when something is under way, however slow the machine is.
      await eventually(() => saved.size > 20);
      await server.kill();
      state.isUp = false;
      await Promise.all(savers);
      await server.start();
      expect(saved.size).toBeGreaterThan(20);
      for (const [key, value] of saved) expect((await store.loadState(key)).value).toBe(value);
    }
    await store.close();
  });
});

async function ask(sql: string): Promise<void> {
  const client = new Client({ connectionString: server.url() });
  await client.connect();
  await client.query(sql);
  await client.end();
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "none";
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
}

interface Proxy {
  readonly url: string;
  /** Cuts the connection on which that text comes by next, once. */
  cutAt(text: string, passes: boolean): void;
  close(): void;
}

/** Something between client and server that can break a connection at a chosen statement. */
async function startProxy(target: string): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  let cut: { readonly text: string; readonly passes: boolean } | undefined;
  const sockets = new Set<Socket>();
  const proxy: Server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    sockets.add(client).add(upstream);
    for (const socket of [client, upstream]) socket.on("error", () => undefined);
    client.on("data", (bytes) => {
      if (cut !== undefined && bytes.includes(cut.text)) {
        const { passes } = cut;
        cut = undefined;
        if (passes) upstream.end(bytes);
        else upstream.destroy();
        client.destroy();
      } else upstream.write(bytes);
    });
    upstream.on("data", (bytes) => client.write(bytes));
    client.on("close", () => upstream.end());
    upstream.on("close", () => client.end());
  });
  await new Promise<void>((resolve) => {
    proxy.listen(0, "127.0.0.1", resolve);
  });
  const url = new URL(target);
  url.port = String((proxy.address() as AddressInfo).port);
  return {
    url: url.href,
    cutAt: (text, passes) => (cut = { text, passes }),
    close: () => {
      for (const socket of sockets) socket.destroy();
      proxy.close();
    },
  };
}
