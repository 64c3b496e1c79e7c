/**
 * The durable map against a disk that does the worst that the `Disk` port allows: it crashes at
 * every single call, and a loss of power keeps an arbitrary part of what was not synced. (The
 * method of Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014.)
 */
import { describe, expect, test } from "vitest";
import type { Value } from "../../src/history/value.js";
import { createRandom, type Random } from "../../src/random.js";
import { DiskError, type Disk } from "../../src/world/disk.js";
import { DurableMapError, openDurableMap, type DurableMap } from "./durable-map.js";

describe("crashes", () => {
  for (const crash of ["kill", "power", "kill, then power"] as const) {
    test(`at any call, by ${crash}: what was acknowledged is there, and nothing else than what was tried`, async () => {
      let crashes = 0;
      for (let seed = 0; seed < 8; seed++) {
        for (let call = 1; ; call++) {
          const disk = createCrashDisk(createRandom(seed).fork(`${call}`));
          if (!(await crashAndCheck(disk, { call, crash }))) break;
          crashes++;
        }
      }
      // Fails when the script became too short to say anything.
      expect(crashes).toBeGreaterThan(400);
    });
  }

  test("a crash during recovery is recovered from", async () => {
    for (let seed = 0; seed < 400; seed++) {
      const random = createRandom(seed);
      const disk = createCrashDisk(random);
      const acknowledged = new Map<string, Value>();
      const tried = new Map<string, Value[]>();
      for (let round = 0; round < 12; round++) {
        disk.crashAfter(1 + random.below(25));
        const map = await settled(openDurableMap(disk.mount(), { checkpointBytes: 200 }));
        if (map !== "crashed") {
          const values = await contents(map);
          if (values !== "crashed") checkContents(values, acknowledged, tried);
          for (let i = 0; i < 6; i++) {
            const key = `k${random.below(3)}`;
            const value = `${round}.${i}`;
            tried.set(key, [...(tried.get(key) ?? []), value]);
            if ((await settled(put(map, key, value))) === "crashed") break;
            acknowledged.set(key, value);
            tried.set(key, []);
          }
        }
        disk.crash(random.chance(0.5) ? "kill" : "power");
      }
    }
  });

  test("a read shows nothing that a loss of power can undo", async () => {
    const disk = createCrashDisk(createRandom(1));
    const map = await openDurableMap(disk.mount());
    const release = disk.holdSyncs();
    void put(map, "k", 1).catch(() => undefined);
    let seen: Value | undefined;
    void get(map, "k").then((value) => (seen = value));
    await turns();
    expect(seen).toBeUndefined();
    release();
    await turns();
    expect(seen).toBe(1);
  });

  test("what a kill left in the page cache is durable before it is shown", async () => {
    let survived = 0;
    for (let seed = 0; seed < 50; seed++) {
      const disk = createCrashDisk(createRandom(seed));
      const map = await openDurableMap(disk.mount());
      disk.holdSyncs();
      void put(map, "k", 1).catch(() => undefined);
      await turns();
      disk.crash("kill");
      const shown = await get(await openDurableMap(disk.mount()), "k");
      disk.crash("power");
      expect(await get(await openDurableMap(disk.mount()), "k")).toBe(shown);
      if (shown === 1) survived++;
    }
    expect(survived).toBe(50);
  });
});

describe("damage", () => {
  test("in the middle of the log is an error that says where", async () => {
    const disk = createCrashDisk(createRandom(1));
    const map = await openDurableMap(disk.mount());
    for (let i = 0; i < 3; i++) await put(map, `k${i}`, i);
    const [log] = (await disk.mount().list()).filter((name) => name.startsWith("log-")) as [string];
    const bytes = (await disk.mount().read(log)) as Uint8Array;
    bytes[14] = (bytes[14] as number) ^ 0xff;
    await disk.mount().write(log, bytes);
    await expect(openDurableMap(disk.mount())).rejects.toThrow(`${log} is damaged at byte 0`);
  });

  test("of the checkpoint is an error", async () => {
    const disk = createCrashDisk(createRandom(1));
    await put(await openDurableMap(disk.mount()), "k", 1);
    const bytes = (await disk.mount().read("checkpoint")) as Uint8Array;
    await disk.mount().write("checkpoint", bytes.slice(0, -1));
    await expect(openDurableMap(disk.mount())).rejects.toThrow("checkpoint is damaged");
  });

  test("a missing log or checkpoint is an error, and never an empty store", async () => {
    const disk = createCrashDisk(createRandom(1));
    await put(await openDurableMap(disk.mount()), "k", 1);
    const [log] = (await disk.mount().list()).filter((name) => name.startsWith("log-")) as [string];
    const bytes = (await disk.mount().read(log)) as Uint8Array;
    await disk.mount().remove(log);
    await expect(openDurableMap(disk.mount())).rejects.toThrow("is missing");
    await disk.mount().write(log, bytes);
    await disk.mount().remove("checkpoint");
    await expect(openDurableMap(disk.mount())).rejects.toThrow("checkpoint is missing");
  });

  test("a torn last entry is cut off, and the store goes on behind it", async () => {
    const disk = createCrashDisk(createRandom(1));
    const map = await openDurableMap(disk.mount());
    await put(map, "k", 1);
    await put(map, "k", 2);
    const [log] = (await disk.mount().list()).filter((name) => name.startsWith("log-")) as [string];
    await disk.mount().write(log, ((await disk.mount().read(log)) as Uint8Array).slice(0, -3));
    const again = await openDurableMap(disk.mount());
    expect(await get(again, "k")).toBe(1);
    await put(again, "k", 3);
    expect(await get(await openDurableMap(disk.mount()), "k")).toBe(3);
  });
});

describe("a disk call that fails", () => {
  test("makes what was under way indeterminate and all that follows a refusal, until the next start", async () => {
    for (const call of ["append", "sync"] as const) {
      const disk = createCrashDisk(createRandom(1));
      const map = await openDurableMap(disk.mount());
      await put(map, "k", 1);
      disk.failOnce(call);
      await expect(put(map, "k", 2)).rejects.toMatchObject({ code: "indeterminate" });
      await expect(put(map, "k", 3)).rejects.toMatchObject({ code: "stopped" });
      await expect(get(map, "k")).rejects.toBeInstanceOf(DurableMapError);
      const again = await openDurableMap(disk.mount());
      const shown = await get(again, "k");
      expect([1, 2]).toContain(shown);
      // What the restart shows has to be on the disk, whatever the failed sync left where.
      disk.crash("power");
      expect(await get(await openDurableMap(disk.mount()), "k")).toBe(shown);
    }
  });
});

describe("generations", () => {
  test("keep the log short and lose nothing", async () => {
    const disk = createCrashDisk(createRandom(1));
    const map = await openDurableMap(disk.mount(), { checkpointBytes: 500 });
    for (let i = 0; i < 300; i++) await put(map, `k${i % 7}`, i);
    const logs = (await disk.mount().list()).filter((name) => name.startsWith("log-"));
    expect(logs).toHaveLength(1);
    expect(((await disk.mount().read(logs[0] as string)) as Uint8Array).length).toBeLessThan(600);
    disk.crash("power");
    const again = await openDurableMap(disk.mount());
    for (let i = 293; i < 300; i++) expect(await get(again, `k${i % 7}`)).toBe(i);
  });

  test("removals survive too", async () => {
    const disk = createCrashDisk(createRandom(1));
    const map = await openDurableMap(disk.mount());
    await put(map, "k", 1);
    await map.transact(() => ({ changes: [{ key: "k", value: undefined }], result: null }));
    disk.crash("power");
    expect(await contents(await openDurableMap(disk.mount()))).toEqual(new Map());
  });
});

test("transactions at once share a sync", async () => {
  const disk = createCrashDisk(createRandom(1));
  const map = await openDurableMap(disk.mount());
  const before = disk.syncs();
  await Promise.all(Array.from({ length: 100 }, async (_, i) => put(map, `k${i}`, i)));
  expect(disk.syncs() - before).toBeLessThanOrEqual(2);
});

test("without syncs the variant loses acknowledged writes with the power, and keeps them at a kill", async () => {
  let lost = 0;
  for (let seed = 0; seed < 30; seed++) {
    for (const crash of ["kill", "power"] as const) {
      const disk = createCrashDisk(createRandom(seed));
      const map = await openDurableMap(disk.mount(), { syncs: false });
      await put(map, "k", 1);
      disk.crash(crash);
      const shown = await get(await openDurableMap(disk.mount(), { syncs: false }), "k");
      if (crash === "kill") expect(shown).toBe(1);
      else if (shown !== 1) lost++;
    }
  }
  expect(lost).toBeGreaterThan(5);
});

/** Runs a script that crashes at this call; false when the script ended before it came to it. */
async function crashAndCheck(
  disk: CrashDisk,
  options: { readonly call: number; readonly crash: "kill" | "power" | "kill, then power" },
): Promise<boolean> {
  const { call, crash } = options;
  const acknowledged = new Map<string, Value>();
  const tried = new Map<string, Value[]>();
  disk.crashAfter(call);
  const map = await settled(openDurableMap(disk.mount(), { checkpointBytes: 120 }));
  let crashed = map === "crashed";
  for (let i = 0; !crashed && i < 8; i++) {
    const pair = [`k${i % 3}`, `k${(i + 1) % 3}`];
    // Two at once, so that batches hold more than one.
    const results = await Promise.all(
      pair.map(async (key, j) => {
        tried.set(key, [...(tried.get(key) ?? []), `${i}.${j}`]);
        return settled(put(map as DurableMap, key, `${i}.${j}`));
      }),
    );
    for (const [j, result] of results.entries()) {
      if (result === "crashed") crashed = true;
      else acknowledged.set(pair[j] as string, `${i}.${j}`);
    }
    if (!crashed) tried.clear();
  }
  if (!crashed) return false;
  if (crash === "power") disk.crash("power");
  else disk.crash("kill");
  const shown = await contents(await openDurableMap(disk.mount()));
  if (shown === "crashed") throw new Error("nothing crashes here");
  checkContents(shown, acknowledged, tried);
  if (crash === "kill, then power") {
    disk.crash("power");
    expect(await contents(await openDurableMap(disk.mount()))).toEqual(shown);
  }
  return true;
}

/** Each key holds what was acknowledged last, or one that was tried after it. */
function checkContents(
  shown: ReadonlyMap<string, Value>,
  acknowledged: Map<string, Value>,
  tried: Map<string, Value[]>,
): void {
  for (const key of new Set([...shown.keys(), ...acknowledged.keys()])) {
    const possible = [acknowledged.get(key), ...(tried.get(key) ?? [])];
    expect(possible).toContain(shown.get(key));
    // What was shown is what counts from now on.
    const value = shown.get(key);
    if (value !== undefined) acknowledged.set(key, value);
    tried.set(key, []);
  }
}

async function put(map: DurableMap, key: string, value: Value): Promise<void> {
  await map.transact(() => ({ changes: [{ key, value }], result: undefined }));
}

async function get(map: DurableMap, key: string): Promise<Value | undefined> {
  return map.transact((state) => ({ changes: [], result: state.get(key) }));
}

async function contents(map: DurableMap): Promise<ReadonlyMap<string, Value> | "crashed"> {
  return settled(map.transact((state) => ({ changes: [], result: new Map(state) })));
}

async function settled<T>(promise: Promise<T>): Promise<T | "crashed"> {
  return promise.catch((error: unknown) => {
    if (error instanceof DurableMapError || error instanceof DiskError) {
      if (error.message.includes("crashed")) return "crashed";
    }
    throw error;
  });
}

async function turns(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

interface CrashDisk {
  /** The disk as the current incarnation sees it: none of its calls returns after a crash. */
  mount(): Disk;
  /**
   * From this call on (the first is 1) nothing works until `crash`; the call itself may be half
   * done.
   */
  crashAfter(calls: number): void;
  crash(kind: "kill" | "power"): void;
  /** Syncs wait until the returned function is called. */
  holdSyncs(): () => void;
  failOnce(call: "append" | "sync"): void;
  syncs(): number;
}

interface Inode {
  bytes: Uint8Array;
  durable: Uint8Array;
}

/** The `Disk` port, by the letter. */
function createCrashDisk(random: Random): CrashDisk {
  let names = new Map<string, Inode>();
  let durableNames = new Map<string, Inode>();
  let callsLeft = Infinity;
  let syncs = 0;
  let held: Promise<void> | undefined;
  let failing: "append" | "sync" | undefined;
  let incarnation = 0;

  /** The calls of an incarnation that is dead never return. */
  const stillAlive = async (own: number): Promise<void> => {
    if (own !== incarnation) await new Promise(() => undefined);
  };

  const inode = (file: string): Inode => {
    const found = names.get(file);
    if (found === undefined) throw new DiskError("not-found", `no file ${file}`);
    return found;
  };
  const fill = (file: string, bytes: Uint8Array): void => {
    const found = names.get(file);
    if (found === undefined) names.set(file, { bytes, durable: new Uint8Array(0) });
    else found.bytes = bytes;
  };
  const added = (file: string, bytes: Uint8Array): Uint8Array =>
    Uint8Array.from([...(names.get(file)?.bytes ?? []), ...bytes]);

  /**
   * What a loss of power leaves of a file: the synced bytes, the written ones, or a torn mixture.
   */
  const surviving = ({ bytes, durable }: Inode): Uint8Array => {
    const choice = random.below(4);
    if (choice === 0) return durable;
    if (choice === 1) return bytes;
    const same = durable.every((byte, i) => byte === bytes[i]) ? durable.length : 0;
    const torn = bytes.slice(0, same + random.below(bytes.length - same + 1));
    if (choice === 2) return same === durable.length ? torn : durable;
    for (let i = same; i < torn.length; i++) if (random.chance(0.2)) torn[i] = random.below(256);
    return same === durable.length ? torn : durable;
  };

  const mount = (own: number): Disk => {
    /**
     * Carries out a call at once and whole; at the crash it is done, `half` done, or not, and never
     * succeeds.
     */
    const call = async <T>(act: () => T, half: () => unknown = act): Promise<T> => {
      await stillAlive(own);
      await Promise.resolve();
      await stillAlive(own);
      callsLeft--;
      if (callsLeft > 0) return act();
      if (callsLeft === 0 && random.chance(0.5)) half();
      throw new DiskError("io", "crashed");
    };
    return {
      directory: undefined,
      read: async (file) => call(() => names.get(file)?.bytes.slice()),
      write: async (file, bytes) =>
        call(
          () => fill(file, bytes.slice()),
          () => fill(file, bytes.slice(0, random.below(bytes.length + 1))),
        ),
      append: async (file, bytes) => {
        const half = (): void => {
          fill(file, added(file, bytes.slice(0, random.below(bytes.length + 1))));
        };
        await call(() => {
          if (failing !== "append") {
            fill(file, added(file, bytes));
            return;
          }
          failing = undefined;
          half();
          throw new DiskError("no-space", "the disk is full");
        }, half);
      },
      truncate: async (file, sizeBytes) =>
        call(() => {
          inode(file).bytes = inode(file).bytes.slice(0, sizeBytes);
        }),
      rename: async (from, to) =>
        call(() => {
          names.set(to, inode(from));
          names.delete(from);
        }),
      remove: async (file) =>
        call(() => {
          names.delete(file);
        }),
      list: async () => call(() => [...names.keys()].sort()),
      sync: async (file) => {
        await held;
        await stillAlive(own);
        await call(() => {
          if (failing === "sync") {
            failing = undefined;
            // As Linux does: the error is told once, the pages count as clean, the disk has
            // nothing.
            throw new DiskError("io", "the sync failed");
          }
          syncs++;
          inode(file).durable = inode(file).bytes.slice();
        });
      },
      syncDirectory: async () =>
        call(() => {
          syncs++;
          durableNames = new Map(names);
        }),
    };
  };

  return {
    mount: () => mount(incarnation),
    crashAfter: (calls) => {
      callsLeft = calls;
    },
    crash: (kind) => {
      callsLeft = Infinity;
      incarnation++;
      held = undefined;
      if (kind === "kill") return;
      // Each name on its own points to what it pointed to at some time since the last sync of the
      // directory.
      const after = new Map<string, Inode>();
      for (const name of new Set([...names.keys(), ...durableNames.keys()])) {
        const kept = (random.chance(0.5) ? names : durableNames).get(name);
        if (kept !== undefined) after.set(name, kept);
      }
      for (const node of new Set(after.values())) {
        node.bytes = surviving(node);
        node.durable = node.bytes;
      }
      names = after;
      durableNames = new Map(after);
    },
    holdSyncs: () => {
      let release = (): void => undefined;
      held = new Promise((resolve) => (release = resolve));
      return release;
    },
    failOnce: (name) => {
      failing = name;
    },
    syncs: () => syncs,
  };
}
