/**
 * How fast stores of states are, side by side in one run: the same durable saves (each on the disk
 * before it is answered) in files, SQLite and PostgreSQL, one at a time and many at once; and how
 * long the file store takes to come back, by the distance of its checkpoints:
 * `npm run bench -- states [--rounds N] [--directory PATH]`. Where the directory is on no disk, as
 * a temporary one may be, the figures mean nothing: what bare syncs take is printed first.
 */
import { fdatasyncSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findPostgres } from "../backends/postgres/programs.js";
import { startPostgres } from "../backends/postgres/server.js";
import { filePersistence } from "../persistence/file.js";
import { postgresPersistence } from "../persistence/postgres.js";
import { sqlitePersistence } from "../persistence/sqlite.js";
import { createRealClock, readEpoch } from "../src/real/clock.js";
import { checkpointRecovery, logReplay, type RecoveryStrategy } from "../src/state/recovery.js";
import type { StateChange, StatePersistence } from "../src/state/persistence.js";

/** Measures and prints. */
export async function benchStates(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      rounds: { type: "string", default: "5" },
      directory: { type: "string", default: tmpdir() },
    },
  });
  const rounds = Number(values.rounds);
  const folder = mkdtempSync(join(values.directory, "ordeal-states-"));
  await printBareSyncs(folder, rounds);
  const server =
    findPostgres() === undefined
      ? undefined
      : await startPostgres({
          clock: createRealClock(readEpoch()),
          directory: join(folder, "postgres"),
        });
  try {
    const stores: { [name: string]: StatePersistence } = {
      file: await filePersistence(join(folder, "file")),
      sqlite: await sqlitePersistence(join(folder, "sqlite.db")),
      ...(server === undefined ? {} : { postgres: await postgresPersistence(server.url()) }),
    };
    await throughput(stores, rounds);
    for (const store of Object.values(stores)) await store.close();
    await recoveries(folder, rounds);
  } finally {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * What the disk can do at the most, one at a time: from the main thread, as SQLite's binding syncs,
 * and from the thread pool, as the file store does. The two can differ by a factor.
 */
async function printBareSyncs(folder: string, rounds: number): Promise<void> {
  const rates: readonly [number[], number[]] = [[], []];
  const handle = await open(join(folder, "bare"), "a");
  const timed = async (sync: () => unknown): Promise<number> => {
    const start = performance.now();
    for (let i = 0; i < 200; i++) {
      await handle.appendFile("x".repeat(150));
      await sync();
    }
    return 200_000 / (performance.now() - start);
  };
  for (let round = 0; round < rounds; round++) {
    rates[0].push(await timed(() => fdatasyncSync(handle.fd)));
    rates[1].push(await timed(() => handle.datasync()));
  }
  await handle.close();
  const [main, pool] = rates.map(median);
  process.stdout.write(
    `bare appends of 150 bytes with a sync, per second: ${whole(main as number)} from the main thread, ` +
      `${whole(pool as number)} from the thread pool\n\n`,
  );
}

const KEYS = 1000;
/** About 150 bytes as JSON. */
const state = (step: number): { status: string; step: number; payload: string } => ({
  status: "running",
  step,
  payload: "x".repeat(100),
});

/** Ways to save the same states; each saves that many. */
const LOADS: { readonly [name: string]: Load } = {
  "1 at a time": { saves: 300, run: (store, saves) => many(store, { saves, writers: 1 }) },
  "32 at once": { saves: 6000, run: (store, saves) => many(store, { saves, writers: 32 }) },
  "batches of 100": { saves: 5000, run: batches },
};

interface Load {
  readonly saves: number;
  readonly run: (store: StatePersistence, saves: number) => Promise<void>;
}

async function throughput(
  stores: { readonly [name: string]: StatePersistence },
  rounds: number,
): Promise<void> {
  const names = Object.keys(stores);
  process.stdout.write(
    `durable saves per second, median of ${rounds} rounds in turns (in brackets: CPU of this process, µs a save)\n\n` +
      `| load | ${names.join(" | ")} | file / sqlite |\n|---|${"---:|".repeat(names.length + 1)}\n`,
  );
  for (const [load, { saves, run }] of Object.entries(LOADS)) {
    const rates: { [name: string]: number[] } = {};
    const costs: { [name: string]: number[] } = {};
    for (let round = -1; round < rounds; round++) {
      for (const [name, store] of Object.entries(stores)) {
        const [start, cpu] = [performance.now(), process.cpuUsage()];
        await run(store, saves);
        const seconds = (performance.now() - start) / 1000;
        const { user, system } = process.cpuUsage(cpu);
        // The first round warms up.
        if (round < 0) continue;
        (rates[name] ??= []).push(saves / seconds);
        (costs[name] ??= []).push((user + system) / saves);
      }
    }
    const rate = (name: string): number => median(rates[name] ?? []);
    const cells = names.map((name) => `${whole(rate(name))} (${whole(median(costs[name] ?? []))})`);
    const ratio = (rate("file") / rate("sqlite")).toFixed(2);
    process.stdout.write(`| ${load} | ${cells.join(" | ")} | ${ratio} |\n`);
  }
}

async function many(
  store: StatePersistence,
  { saves, writers }: { readonly saves: number; readonly writers: number },
): Promise<void> {
  let next = 0;
  const write = async (): Promise<void> => {
    while (next < saves) {
      const i = next++;
      await store.saveState(`workflow/${i % KEYS}`, state(i));
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
}

async function batches(store: StatePersistence, saves: number): Promise<void> {
  for (let i = 0; i < saves; i += 100) {
    const changes = Array.from({ length: 100 }, (_, place): StateChange => ({
      kind: "save",
      key: `workflow/${(i + place) % KEYS}`,
      value: state(i),
    }));
    await store.batch(changes);
  }
}

const CHANGES = 100_000;

async function recoveries(folder: string, rounds: number): Promise<void> {
  process.stdout.write(
    `\ncoming back of the file store: ${whole(KEYS)} states, ${whole(CHANGES)} changes and more, median of ${rounds} openings\n\n` +
      "| checkpoint after | changes replayed | ms to open | CPU ms |\n|---|---:|---:|---:|\n",
  );
  const rows: readonly (readonly [string, number, () => RecoveryStrategy])[] = [
    ["64 KiB of log", 64 * 1024, checkpointRecovery],
    ["256 KiB", 256 * 1024, checkpointRecovery],
    ["1 MiB (the default)", 1024 * 1024, checkpointRecovery],
    ["4 MiB", 4 * 1024 * 1024, checkpointRecovery],
    ["never: the whole log (`logReplay`)", 1024 * 1024, logReplay],
  ];
  for (const [place, [name, checkpointBytes, recovery]] of rows.entries()) {
    const directory = join(folder, `recovery-${place}`);
    const reopen = (): ReturnType<typeof filePersistence> =>
      filePersistence(directory, { checkpointBytes, recovery: recovery() });
    const filled = await reopen();
    await batches(filled, CHANGES);
    await untilCheckpoint(filled, directory);
    await filled.close();
    const times: number[] = [];
    const costs: number[] = [];
    let replayed = 0;
    for (let round = 0; round < rounds; round++) {
      const [start, cpu] = [performance.now(), process.cpuUsage()];
      const store = await reopen();
      times.push(performance.now() - start);
      const { user, system } = process.cpuUsage(cpu);
      costs.push((user + system) / 1000);
      ({ replayed } = store.recovery);
      await store.close();
    }
    const cells = [name, whole(replayed), whole(median(times)), whole(median(costs))];
    process.stdout.write(`| ${cells.join(" | ")} |\n`);
  }
}

/**
 * Goes on to nine tenths of the way to the next checkpoint, when there is nearly most to be
 * replayed.
 */
async function untilCheckpoint(store: StatePersistence, directory: string): Promise<void> {
  const newest = (): number => Math.max(0, ...readdirSync(directory).map(checkpointNumber));
  const toNext = async (): Promise<number> => {
    const before = newest();
    let count = 0;
    while (newest() === before && count < CHANGES / 100) {
      await batches(store, 100);
      count++;
    }
    return count;
  };
  await toNext();
  const distance = await toNext();
  // The changes grow a little in number and text.
  await batches(store, 100 * Math.floor(0.9 * distance));
}

function checkpointNumber(name: string): number {
  return Number(/^checkpoint-(\d+)$/.exec(name)?.[1] ?? 0);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}
