/**
 * The file store on disks that fail, lie and rot, in simulation: errors at any call, also while it
 * recovers; syncs that failed and are not to be trusted any more; bits that flip.
 */
import { expect, test } from "vitest";
import { createRandom, type Random } from "../../src/random.js";
import { checkpointRecovery, isStateError, logReplay, StateError } from "../../src/index.js";
import { Machine } from "../../test/crashing-machine.js";
import { DiskError } from "../../src/world/disk.js";
import { filePersistenceOn, type FileOptions, type FilePersistence } from "../file.js";

const SMALL: FileOptions = { checkpointBytes: 300 };
const KEYS = ["a", "b", "c", "d"];

/** What each key may hold: what was acknowledged last, or was tried and left open since. */
class Expected {
  readonly #values = new Map<string, (number | undefined)[]>(KEYS.map((key) => [key, [undefined]]));

  tried(key: string, value: number | undefined): void {
    this.#values.get(key)?.push(value);
  }

  certain(key: string, value: number | undefined): void {
    this.#values.set(key, [value]);
  }

  refused(key: string): void {
    this.#values.get(key)?.pop();
  }

  async check(store: FilePersistence): Promise<void> {
    for (const [key, possible] of this.#values) {
      const found = await valueOf(store, key);
      expect(possible, key).toContain(found);
      this.certain(key, found);
    }
  }
}

async function valueOf(store: FilePersistence, key: string): Promise<number | undefined> {
  try {
    return (await store.loadState(key)).value as number;
  } catch (error) {
    if (isStateError(error, "not-found")) return undefined;
    throw error;
  }
}

async function use(
  store: FilePersistence,
  { random, expected, steps }: { random: Random; expected: Expected; steps: number },
): Promise<void> {
  for (let step = 0; step < steps; step++) {
    const key = random.pick(KEYS);
    const value = random.chance(0.2) ? undefined : random.below(1e9);
    expected.tried(key, value);
    try {
      if (value === undefined) await store.deleteState(key);
      else await store.saveState(key, value);
      expected.certain(key, value);
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      if (error.code === "not-found") expected.certain(key, undefined);
      else if (error.code === "unavailable") expected.refused(key);
      else expect(error.code).toBe("indeterminate");
    }
  }
}

test("errors of any call, crashes in between: nothing acknowledged is lost, ever", async () => {
  let failedOpenings = 0;
  let stops = 0;
  for (let seed = 0; seed < 150; seed++) {
    const random = createRandom(seed).fork("errors");
    const machine = new Machine(random.fork("machine"));
    const expected = new Expected();
    const options = seed % 3 === 0 ? { ...SMALL, recovery: logReplay() } : SMALL;
    for (let life = 0; life < 8; life++) {
      machine.failWith(random.pick([0, 0.01, 0.05]), random.pick([0, 0.5, 1]));
      try {
        const store = await machine.open(options);
        await use(store, { random, expected, steps: 30 });
        if (await isStopped(store)) stops++;
      } catch (error) {
        // A disk that fails while it is read is no reason to take anything for lost.
        expect(error).toMatchObject({ code: "unavailable" });
        failedOpenings++;
      }
      machine.crash(random.chance(0.5) ? "power" : "kill");
      machine.failWith(0);
      if (random.chance(0.5)) {
        await expected.check(await machine.open(options));
        machine.crash(random.chance(0.5) ? "power" : "kill");
      }
    }
    await expected.check(await machine.open(options));
  }
  expect(failedOpenings).toBeGreaterThan(50);
  expect(stops).toBeGreaterThan(100);
});

async function isStopped(store: FilePersistence): Promise<boolean> {
  try {
    await store.listStates();
    return false;
  } catch (error) {
    return isStateError(error, "unavailable");
  }
}

test("a disk that has no room left at any sync of its directory loses nothing", async () => {
  for (let number = 1; number <= 30; number++) {
    const machine = new Machine(createRandom(number));
    const disk = machine.disk();
    let syncs = 0;
    // It has made the new name durable, and fails nevertheless.
    const syncDirectory = async (): Promise<void> => {
      await disk.syncDirectory();
      if (++syncs === number) throw new DiskError("no-space", "no room");
    };
    const { clock } = machine.time;
    const opening = filePersistenceOn({ disk: { ...disk, syncDirectory }, clock }, SMALL);
    const store = await opening.catch(() => undefined);
    let acknowledged: number | undefined;
    for (let value = 0; value < 60; value++) {
      try {
        await store?.saveState("a", value);
        if (store !== undefined) acknowledged = value;
      } catch (error) {
        expect(error).toMatchObject({ code: "unavailable" });
      }
    }
    machine.crash("kill");
    expect(await valueOf(await machine.open(SMALL), "a")).toBe(acknowledged);
  }
});

test("what a failed sync may have lost is not shown as durable after a restart", async () => {
  for (let seed = 0; seed < 60; seed++) {
    const machine = new Machine(createRandom(seed));
    const store = await machine.open();
    await store.saveState("a", 1);
    machine.failNext("sync");
    await expect(store.saveState("a", 2)).rejects.toMatchObject({ code: "indeterminate" });
    machine.crash("kill");
    // The restarted store sees the pages of the one before, and a sync of them would succeed.
    const shown = await valueOf(await machine.open(), "a");
    machine.crash("power");
    expect(shown).toBe(2);
    expect(await valueOf(await machine.open(), "a")).toBe(shown);
  }
});

test("a bit that flips anywhere is told, or harmless; only the very last group can be missing", async () => {
  const outcomes = { corrupt: 0, harmless: 0, lastGroup: 0 };
  for (let seed = 0; seed < 600; seed++) {
    const random = createRandom(seed).fork("rot");
    const machine = new Machine(random.fork("machine"));
    const options = {
      checkpointBytes: random.pick([300, 800, 1e6]),
      recovery: random.chance(0.3) ? logReplay() : checkpointRecovery(),
    };
    const store = await machine.open(options);
    const states = [new Map<string, number>()];
    for (let steps = 2 + random.below(40); steps > 0; steps--) {
      const [key, value] = [random.pick(KEYS), random.below(1e9)];
      await store.saveState(key, value);
      states.push(new Map(states.at(-1)).set(key, value));
    }
    await store.close();
    const name = random.pick(await machine.disk().list());
    await machine.flip(name, random);
    let again: FilePersistence;
    try {
      again = await machine.open(options);
    } catch (error) {
      expect(error).toMatchObject({ code: "corrupt" });
      expect((error as Error).message).toContain(name);
      outcomes.corrupt++;
      continue;
    }
    const found = new Map<string, number>();
    for (const key of KEYS) {
      const value = await valueOf(again, key);
      if (value !== undefined) found.set(key, value);
    }
    if (isSame(found, states.at(-1))) outcomes.harmless++;
    else {
      // It cannot be told from a torn end, but it is not passed over in silence.
      expect(isSame(found, states.at(-2))).toBe(true);
      expect(again.recovery.damage.join()).toContain(`${name} is damaged`);
      outcomes.lastGroup++;
    }
  }
  expect(outcomes.corrupt).toBeGreaterThan(20);
  expect(outcomes.harmless).toBeGreaterThan(100);
  expect(outcomes.lastGroup).toBeGreaterThan(5);
});

function isSame(
  a: ReadonlyMap<string, number>,
  b: ReadonlyMap<string, number> | undefined,
): boolean {
  return (
    b !== undefined && a.size === b.size && [...a].every(([key, value]) => b.get(key) === value)
  );
}
