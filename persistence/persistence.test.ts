/**
 * Every store of states that ships, and one that somebody wrote in three methods, against the
 * contract suite; and toys, each wrong in one way, that the suite has to refuse.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  isStateError,
  StateError,
  statePersistence,
  type StatePersistence,
  type StateStore,
  type Value,
} from "../src/index.js";
import { persistenceContract, type PersistenceContractOptions } from "../src/testing/index.js";
import {
  filePersistence,
  memoryPersistence,
  sqlitePersistence,
  type FileOptions,
} from "./index.js";

/** Somebody's own store, in three methods. */
function threeMethods(): StateStore {
  const states = new Map<string, { text: string; version: number }>();
  let versions = 0;
  const versionOf = (key: string): number => states.get(key)?.version ?? 0;
  const check = (key: string, expected = versionOf(key)): void => {
    if (expected === versionOf(key)) return;
    throw new StateError("conflict", "somebody was faster", { key, version: versionOf(key) });
  };
  return {
    saveState: async (key, value, { expected } = {}) => {
      check(key, expected);
      states.set(key, { text: JSON.stringify(value), version: ++versions });
      return versions;
    },
    loadState: async (key) => {
      const state = states.get(key);
      if (state === undefined) throw new StateError("not-found", "no such state", { key });
      return { value: JSON.parse(state.text) as Value, version: state.version };
    },
    deleteState: async (key, { expected } = {}) => {
      check(key, expected);
      if (!states.delete(key)) throw new StateError("not-found", "no such state", { key });
    },
  };
}

const folder = mkdtempSync(join(tmpdir(), "ordeal-states-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let places = 0;

/** Each store gets a place of its own, and is opened again at the same one. */
function placed(
  openAt: (place: string) => Promise<StatePersistence>,
): Pick<PersistenceContractOptions, "open" | "reopen"> {
  const placeOf = new WeakMap<StatePersistence, string>();
  const openThere = async (place: string): Promise<StatePersistence> => {
    const store = await openAt(place);
    placeOf.set(store, place);
    return store;
  };
  return {
    open: () => openThere(join(folder, `store-${places++}`)),
    reopen: (closed) => openThere(placeOf.get(closed) as string),
  };
}

const files = (options?: FileOptions): PersistenceContractOptions => ({
  ...placed((place) => filePersistence(place, options)),
  // Each step is a sync of a real disk.
  seedCount: 5,
});

const STORES: { readonly [name: string]: PersistenceContractOptions } = {
  memory: { open: async () => memoryPersistence() },
  file: files(),
  "file, with a checkpoint after every few changes": files({ checkpointBytes: 100 }),
  "file, synced every second": files({ fsync: { everyMs: 1000 } }),
  sqlite: { ...placed((place) => sqlitePersistence(`${place}.db`)), seedCount: 5 },
  "three methods": { open: async () => statePersistence(threeMethods()) },
};

describe.each(Object.entries(STORES))("%s", (_, options) => {
  for (const { name, skipped, run } of persistenceContract(options)) {
    if (skipped === undefined) test(name, run);
    else test.skip(`${name} (${skipped})`, () => undefined);
  }
});

/** The cases that a store breaks. */
async function broken(open: () => StateStore): Promise<readonly string[]> {
  const names: string[] = [];
  const contract = persistenceContract({ open: async () => statePersistence(open()) });
  for (const { name, run } of contract) {
    await run().catch(() => names.push(name));
  }
  return names;
}

type Toy = (right: StatePersistence) => Partial<StateStore>;

describe("the suite refuses", () => {
  test("nothing that is right", async () => {
    expect(await broken(threeMethods)).toEqual([]);
  });

  const toys: readonly (readonly [string, string, Toy])[] = [
    [
      "a store that ignores conditions",
      "saves on a condition",
      (right) => ({ saveState: async (key, value) => right.saveState(key, value) }),
    ],
    [
      "a deletion that ignores conditions",
      "deletes on a condition",
      (right) => ({ deleteState: async (key) => right.deleteState(key) }),
    ],
    [
      "a store that checks conditions too early",
      "lets one of many that save at once win",
      (right) => ({
        saveState: async (key, value, { expected } = {}) => {
          const found = await right.loadState(key).catch(() => ({ version: 0 }));
          await Promise.resolve();
          if (expected !== undefined && found.version !== expected)
            throw new StateError("conflict", "late", { key, version: found.version });
          return right.saveState(key, value);
        },
      }),
    ],
    [
      "a store that does not mind the case of keys",
      "keeps keys apart, whatever text they are",
      (right) => ({
        saveState: async (key, value, options) =>
          right.saveState(key.toLowerCase(), value, options),
        loadState: async (key) => right.loadState(key.toLowerCase()),
      }),
    ],
    [
      "a deletion that says nothing of what is not there",
      "has no state that was never saved",
      (right) => ({
        deleteState: async (key, options) => {
          await right.deleteState(key, options).catch((error: unknown) => {
            if (!isStateError(error, "not-found")) throw error;
          });
        },
      }),
    ],
    [
      "a listing in the order of UTF-16",
      "lists what is there, in the order of code points",
      (right) => ({
        listStates: async (options) =>
          (await right.listStates(options)).toSorted((a, b) => (a.key < b.key ? -1 : 1)),
      }),
    ],
    [
      "a listing that forgets the page",
      "lists page by page, each state once",
      (right) => ({
        listStates: async ({ prefix = "", limit = 1000 } = {}) =>
          right.listStates({ prefix, limit }),
      }),
    ],
    [
      "a batch that stops half-way",
      "does nothing of a batch when a condition fails, whichever",
      (right) => ({
        batch: async (changes) => {
          const versions: number[] = [];
          for (const change of changes) versions.push(...(await right.batch([change])));
          return versions;
        },
      }),
    ],
  ];

  test.each(toys)("%s", async (_, name, toy) => {
    expect(
      await broken(() => {
        const right = memoryPersistence();
        return { ...right, ...toy(right) };
      }),
    ).toContain(name);
  });

  test("versions that begin anew after a deletion", async () => {
    expect(
      await broken(() => {
        const states = new Map<string, { value: Value; version: number }>();
        const versionOf = (key: string): number => states.get(key)?.version ?? 0;
        return {
          saveState: async (key, value, { expected } = {}) => {
            if (expected !== undefined && expected !== versionOf(key))
              throw new StateError("conflict", "another version", {
                key,
                version: versionOf(key),
              });
            const version = versionOf(key) + 1;
            states.set(key, { value: structuredClone(value), version });
            return version;
          },
          loadState: async (key) => {
            const state = states.get(key);
            if (state === undefined) throw new StateError("not-found", "none", { key });
            return structuredClone(state);
          },
          deleteState: async (key, { expected } = {}) => {
            if (expected !== undefined && expected !== versionOf(key))
              throw new StateError("conflict", "another version", { key });
            if (!states.delete(key)) throw new StateError("not-found", "none", { key });
          },
        };
      }),
    ).toContain("gives a key greater versions all the time, also after deletions");
  });

  test("values that are handed out and taken in as they are", async () => {
    expect(
      await broken(() => {
        const right = memoryPersistence();
        const values = new Map<string, Value>();
        return {
          ...right,
          saveState: async (key, value, options) => {
            values.set(key, value);
            return right.saveState(key, value, options);
          },
          loadState: async (key) => ({
            ...(await right.loadState(key)),
            value: values.get(key) as Value,
          }),
        };
      }),
    ).toContain("hands out copies");
  });
});

describe("what a store of one's own throws", () => {
  const failing = (thrown: Error): StatePersistence => {
    const fail = async (): Promise<never> => {
      throw thrown;
    };
    return statePersistence({
      saveState: fail,
      loadState: fail,
      deleteState: fail,
      listStates: fail,
    });
  };

  test("is as certain as it can be, and keeps its cause", async () => {
    const cause = new Error("socket hang up");
    const store = failing(cause);
    await expect(store.saveState("a", 1)).rejects.toMatchObject({ code: "indeterminate", cause });
    await expect(store.deleteState("a")).rejects.toMatchObject({ code: "indeterminate", cause });
    await expect(store.loadState("a")).rejects.toMatchObject({ code: "unavailable", cause });
    await expect(store.listStates()).rejects.toMatchObject({ code: "unavailable", cause });
  });

  test("is passed on when it is classified", async () => {
    const store = failing(new StateError("corrupt", "bad bytes"));
    await expect(store.loadState("a")).rejects.toMatchObject({ code: "corrupt" });
    await expect(store.saveState("a", 1)).rejects.toMatchObject({ code: "corrupt" });
  });

  test("half a derived batch is indeterminate, and says how much is done", async () => {
    const right = threeMethods();
    const store = statePersistence({
      ...right,
      saveState: async (key, value, options) => {
        if (key === "b") throw new Error("socket hang up");
        return right.saveState(key, value, options);
      },
    });
    const batch = store.batch([
      { kind: "save", key: "a", value: 1 },
      { kind: "save", key: "b", value: 2 },
    ]);
    await expect(batch).rejects.toMatchObject({ code: "indeterminate", key: "b" });
    await expect(batch).rejects.toThrow("1 of 2 changes are done");
  });

  test("a key that cannot be entered leaves the state alone", async () => {
    const right = threeMethods();
    const store = statePersistence({
      ...right,
      saveState: async (key, value, options) => {
        if (key.startsWith("~ordeal/")) throw new Error("socket hang up");
        return right.saveState(key, value, options);
      },
    });
    await expect(store.saveState("a", 1)).rejects.toMatchObject({ code: "unavailable" });
    await expect(store.loadState("a")).rejects.toMatchObject({ code: "not-found" });
  });
});
