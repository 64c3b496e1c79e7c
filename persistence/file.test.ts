/**
 * The file store on a disk that does the worst that the `Disk` port allows: it crashes at any call,
 * also in the middle of a recovery, and a loss of power keeps an arbitrary part of what was not
 * synced.
 */
import { describe, expect, test } from "vitest";
import { createRandom, type Random } from "../src/random.js";
import {
  checkpointRecovery,
  isStateError,
  logReplay,
  reconstruction,
  type RecoveryStrategy,
  type StateErrorCode,
} from "../src/index.js";
import { Machine } from "../test/crashing-machine.js";
import type { FileOptions, FilePersistence } from "./file.js";

const SMALL: FileOptions = { checkpointBytes: 300 };

describe("crashes", () => {
  const copying = (): RecoveryStrategy =>
    reconstruction({ dependenciesOf: () => [], rebuild: (_, saved) => saved });
  for (const recovery of [checkpointRecovery, logReplay, copying]) {
    for (const kind of ["kill", "power", "either"] as const) {
      const options: FileOptions = { ...SMALL, recovery: recovery() };
      const name = `by ${kind}, recovered by ${options.recovery?.name}`;
      test(`${name}: what was acknowledged is there, and nothing else than what was tried`, async () => {
        let crashes = 0;
        let recoveriesCut = 0;
        for (let seed = 0; seed < 120; seed++) {
          const story = new Story(createRandom(seed).fork(kind), options);
          for (let round = 0; round < 6; round++) await story.round(kind);
          crashes += story.crashes;
          recoveriesCut += story.recoveriesCut;
        }
        expect(crashes).toBeGreaterThan(500);
        expect(recoveriesCut).toBeGreaterThan(60);
      });
    }
  }

  test("without fsync, a loss of power loses what was acknowledged, and a kill does not", async () => {
    const lost = { kill: 0, power: 0 };
    for (let seed = 0; seed < 60; seed++) {
      for (const kind of ["kill", "power"] as const) {
        const machine = new Machine(createRandom(seed));
        const store = await machine.open({ fsync: "never" });
        await store.saveState("a", 1);
        machine.crash(kind);
        if ((await valueOf(await machine.open({ fsync: "never" }), "a")) !== 1) lost[kind]++;
      }
    }
    expect(lost.kill).toBe(0);
    expect(lost.power).toBeGreaterThan(20);
  });

  test("with fsync every so often, only what was answered since is lost", async () => {
    let lost = 0;
    const options: FileOptions = { fsync: { everyMs: 100 }, checkpointBytes: 500 };
    for (let seed = 0; seed < 60; seed++) {
      const machine = new Machine(createRandom(seed));
      const store = await machine.open(options);
      for (let i = 0; i < 20; i++) await store.saveState(`a${i}`, i);
      machine.time.pass();
      await turns();
      await store.saveState("b", 2);
      machine.crash("power");
      const again = await machine.open(options);
      for (let i = 0; i < 20; i++) expect(await valueOf(again, `a${i}`)).toBe(i);
      if ((await valueOf(again, "b")) !== 2) lost++;
    }
    expect(lost).toBeGreaterThan(5);
  });

  test("nothing is shown that a loss of power can undo", async () => {
    const machine = new Machine(createRandom(1));
    const store = await machine.open();
    await store.saveState("a", 1);
    const release = machine.holdSyncs();
    const saved = store.saveState("a", 2);
    await turns();
    expect(await valueOf(store, "a")).toBe(1);
    release();
    await saved;
    expect(await valueOf(store, "a")).toBe(2);
  });

  test("changes at once share a sync", async () => {
    const machine = new Machine(createRandom(1));
    const store = await machine.open();
    const before = machine.syncs;
    await Promise.all(Array.from({ length: 100 }, async (_, i) => store.saveState(`k${i}`, i)));
    expect(machine.syncs - before).toBeLessThanOrEqual(2);
  });
});

describe("damage", () => {
  test("of the newest checkpoint costs a longer replay from the one before, and nothing else", async () => {
    for (let seed = 0; seed < 100; seed++) {
      const random = createRandom(seed);
      const { machine, states } = await filled(random);
      const newest = await machine.newest("checkpoint");
      await machine.flip(newest, random);
      const store = await machine.open(SMALL);
      expect(store.recovery.damage.join()).toContain(`${newest} is damaged`);
      expect(store.recovery.checkpoint).toBeGreaterThan(0);
      expect(await contentsOf(store)).toEqual(states);
      // The store goes on as before, and the next loss of power is as harmless.
      await store.saveState("more", seed);
      machine.crash("power");
      const again = await machine.open(SMALL);
      expect(await contentsOf(again)).toEqual({ ...states, more: seed });
    }
  });

  test("of both checkpoints is an error, and never an empty store", async () => {
    const { machine } = await filled(createRandom(1));
    for (const name of await machine.names("checkpoint")) await machine.flip(name);
    await expect(machine.open(SMALL)).rejects.toMatchObject({ code: "corrupt" });
    for (const name of await machine.names("checkpoint")) await machine.disk().remove(name);
    await expect(machine.open(SMALL)).rejects.toThrow("missing from the log");
  });

  test("of a group that was durable is an error that says where", async () => {
    const machine = new Machine(createRandom(1));
    const store = await machine.open();
    for (let i = 0; i < 3; i++) await store.saveState(`k${i}`, i);
    const name = await machine.newest("segment");
    const bytes = (await machine.disk().read(name)) as Uint8Array;
    const second = Buffer.from(bytes).indexOf('"k1"');
    bytes[second + 2] = (bytes[second + 2] as number) ^ 0xff;
    await machine.disk().write(name, bytes);
    await expect(machine.open()).rejects.toThrow(`${name} is damaged at byte`);
  });

  test("a missing segment is an error that names the changes", async () => {
    const { machine } = await filled(createRandom(1), { ...SMALL, recovery: logReplay() });
    const names = await machine.names("segment");
    expect(names.length).toBeGreaterThan(3);
    await machine.disk().remove(names[1] as string);
    const opening = machine.open({ ...SMALL, recovery: logReplay() });
    await expect(opening).rejects.toMatchObject({ code: "corrupt" });
    await expect(opening).rejects.toThrow(/changes \d+ to \d+ are missing from the log/);
    // The checkpoint does not need it.
    await expect(machine.open(SMALL)).resolves.toBeDefined();
  });
});

describe("a disk that fails", () => {
  test("being full refuses for certain, serves on, and saves again once there is room", async () => {
    for (let seed = 0; seed < 20; seed++) {
      const machine = new Machine(createRandom(seed), 4000);
      await machine.disk().write("ballast", new Uint8Array(1500));
      const store = await machine.open({ checkpointBytes: 600 });
      const states: { [key: string]: unknown } = {};
      let refused = 0;
      for (let i = 0; i < 120; i++) {
        const code = await codeOf(store.saveState(`key-${i}`, "x".repeat(i % 50)));
        if (code === undefined) states[`key-${i}`] = "x".repeat(i % 50);
        else {
          expect(code).toBe("unavailable");
          refused++;
        }
      }
      expect(refused).toBeGreaterThan(10);
      expect(await contentsOf(store)).toEqual(states);
      await machine.disk().remove("ballast");
      await store.saveState("after", 1);
      machine.crash("power");
      await machine.disk().remove("ballast");
      expect(await contentsOf(await machine.open())).toEqual({ ...states, after: 1 });
    }
  });

  test("leaves it open what happened, and is not trusted until the store is opened anew", async () => {
    for (const call of ["append", "sync"] as const) {
      const machine = new Machine(createRandom(1));
      const store = await machine.open();
      await store.saveState("a", 1);
      machine.failNext(call);
      await expect(store.saveState("a", 2)).rejects.toMatchObject({ code: "indeterminate" });
      await expect(store.saveState("a", 3)).rejects.toMatchObject({ code: "unavailable" });
      await expect(store.loadState("a")).rejects.toMatchObject({ code: "unavailable" });
      const shown = await valueOf(await machine.open(), "a");
      expect([1, 2]).toContain(shown);
      // What the restart shows has to be on the disk, whatever the failed sync left where.
      machine.crash("power");
      expect(await valueOf(await machine.open(), "a")).toBe(shown);
    }
  });
});

describe("recovery", () => {
  test("by checkpoint and by the whole log come to the same states and versions", async () => {
    for (let seed = 0; seed < 30; seed++) {
      const whole: FileOptions = { ...SMALL, recovery: logReplay() };
      const { machine } = await filled(createRandom(seed), whole);
      const replayed = await machine.open(whole);
      const found = await machine.open({ ...whole, recovery: keepingAll() });
      expect(replayed.recovery.replayed).toBeGreaterThan(found.recovery.replayed);
      expect(found.recovery.checkpoint).toBeGreaterThan(0);
      expect(await found.listStates()).toEqual(await replayed.listStates());
      expect(await contentsOf(found)).toEqual(await contentsOf(replayed));
    }
  });

  test("replays no more than the distance of checkpoints, however long the log was", async () => {
    const machine = new Machine(createRandom(1));
    const store = await machine.open({ checkpointBytes: 2000 });
    let most = 0;
    for (let i = 0; i < 2000; i++) {
      await store.saveState(`k${i % 5}`, i);
      if (i % 97 !== 0) continue;
      most = Math.max(most, (await machine.open({ checkpointBytes: 2000 })).recovery.replayed);
    }
    // A change takes at least 30 bytes here.
    expect(most).toBeLessThan(2000 / 30);
    expect(await machine.names("checkpoint")).toHaveLength(2);
  });

  test("rebuilds what depends on other states, and keeps what it was built from", async () => {
    const sum = reconstruction({
      dependenciesOf: (_, saved) => (saved as { from?: string[] }).from ?? [],
      rebuild: (_, saved, needed) =>
        [...needed.values()].reduce<number>(
          (total, each) => total + (each as number),
          (saved as { add: number }).add,
        ),
    });
    const machine = new Machine(createRandom(1));
    const store = await machine.open();
    await store.saveState("total", { add: 1, from: ["left", "right"] });
    await store.saveState("left", { add: 10, from: ["base"] });
    await store.saveState("right", { add: 100, from: ["base"] });
    await store.saveState("base", { add: 1000 });
    for (let round = 0; round < 2; round++) {
      const again = await machine.open({ recovery: sum });
      expect(Object.fromEntries(again.recovery.rebuilt)).toEqual({
        base: 1000,
        left: 1010,
        right: 1100,
        total: 2111,
      });
      expect(await valueOf(again, "base")).toEqual({ add: 1000 });
    }
  });
});

/** Checkpoints, on a store that keeps all of its log. */
function keepingAll(): ReturnType<typeof checkpointRecovery> {
  return { ...checkpointRecovery(), needsWholeLog: true };
}

/** What one key may hold: what was acknowledged last, and what was tried since. */
interface Expected {
  acknowledged: unknown;
  version: number;
  tried: unknown[];
}

/** A store that lives through many crashes. */
class Story {
  crashes = 0;
  recoveriesCut = 0;
  readonly #random: Random;
  readonly #machine: Machine;
  readonly #options: FileOptions;
  readonly #expected = new Map<string, Expected>();
  #count = 0;

  constructor(random: Random, options: FileOptions) {
    this.#random = random;
    this.#machine = new Machine(random.fork("machine"));
    this.#options = options;
  }

  async round(kind: "kill" | "power" | "either"): Promise<void> {
    this.#machine.crashAfter(1 + this.#random.below(60));
    const store = await this.#machine.unlessCrashed(this.#machine.open(this.#options));
    if (store === undefined) this.recoveriesCut++;
    else {
      await this.#check(store);
      await this.#work(store);
    }
    if (this.#machine.isDown) this.crashes++;
    const either = this.#random.chance(0.5) ? "kill" : "power";
    this.#machine.crash(kind === "either" ? either : kind);
    if (!this.#random.chance(0.3)) return;
    await this.#check(await this.#machine.open(this.#options));
    this.#machine.crash("kill");
  }

  async #work(store: FilePersistence): Promise<void> {
    for (let step = 0; step < 12 && !this.#machine.isDown; step++) {
      const calls = Array.from({ length: 1 + this.#random.below(3) }, () => this.#call(store));
      await this.#machine.unlessCrashed(Promise.all(calls));
    }
  }

  /** Each key is changed by one call at a time. */
  async #call(store: FilePersistence): Promise<void> {
    const key = `k${this.#count++ % 5}`;
    const known = this.#expected.get(key) ?? { acknowledged: undefined, version: 0, tried: [] };
    this.#expected.set(key, known);
    const value = this.#random.chance(0.25) ? undefined : this.#count;
    known.tried.push(value);
    if (value !== undefined) known.version = await store.saveState(key, value);
    else expect([undefined, "not-found"]).toContain(await codeOf(store.deleteState(key)));
    known.acknowledged = value;
    known.tried = [];
  }

  async #check(store: FilePersistence): Promise<void> {
    const listed = new Map((await store.listStates()).map((each) => [each.key, each.version]));
    const { strategy, rebuilt } = store.recovery;
    for (const [key, known] of this.#expected) {
      const found = await valueOf(store, key);
      if (strategy === "reconstruction") expect(rebuilt.get(key)).toBe(found);
      expect([known.acknowledged, ...known.tried]).toContain(found);
      if (found !== undefined) expect(listed.get(key)).toBeGreaterThanOrEqual(known.version);
      known.acknowledged = found;
      known.tried = [];
    }
    expect(listed.size).toBeLessThanOrEqual(this.#expected.size);
  }
}

/** A store that has been through some checkpoints, and what is in it. */
async function filled(
  random: Random,
  options: FileOptions = SMALL,
): Promise<{ readonly machine: Machine; readonly states: { readonly [key: string]: unknown } }> {
  const machine = new Machine(random);
  const store = await machine.open(options);
  for (let i = 0; i < 60; i++) {
    const key = `k${random.below(6)}`;
    if (random.chance(0.2)) await codeOf(store.deleteState(key));
    else await store.saveState(key, i);
  }
  await store.close();
  expect((await machine.names("checkpoint")).length).toBe(2);
  return { machine, states: await contentsOf(await machine.open(options)) };
}

async function contentsOf(store: FilePersistence): Promise<{ [key: string]: unknown }> {
  const contents: { [key: string]: unknown } = {};
  for (const { key } of await store.listStates()) contents[key] = await valueOf(store, key);
  return contents;
}

async function valueOf(store: FilePersistence, key: string): Promise<unknown> {
  try {
    return (await store.loadState(key)).value;
  } catch (error) {
    if (isStateError(error, "not-found")) return undefined;
    throw error;
  }
}

async function codeOf(call: Promise<unknown>): Promise<StateErrorCode | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    return (error as { code: StateErrorCode }).code;
  }
}

async function turns(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}
