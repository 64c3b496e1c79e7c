/**
 * What monitoring a store costs, by strategy: CPU time of this process for each call, and
 * throughput, beside the same calls on the same store without a monitor:
 * `npm run bench -- monitor [--rounds N] [--directory PATH]`. A directory in memory (`/dev/shm`)
 * spares the waits for the disk. The first round warms up; in each, the order goes round, so that
 * none always comes first.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { filePersistence } from "../persistence/file.js";
import { memoryPersistence } from "../persistence/memory.js";
import { sqlitePersistence } from "../persistence/sqlite.js";
import { monitorStates } from "../src/monitor/monitor-states.js";
import {
  adaptive,
  errorBurst,
  eventDriven,
  latencyAbove,
  periodic,
  realTime,
  stuck,
  type MonitoringStrategy,
} from "../src/monitor/strategies.js";
import { createRealClock, readEpoch } from "../src/real/clock.js";
import { createRandom } from "../src/random.js";
import type { StatePersistence } from "../src/state/persistence.js";

const STRATEGIES: { readonly [name: string]: () => MonitoringStrategy } = {
  "real-time": realTime,
  periodic: () => periodic(1000),
  "event-driven": () =>
    eventDriven(() => [
      errorBurst({ count: 5, withinMs: 1000 }),
      latencyAbove(1000),
      stuck(60_000),
    ]),
  adaptive,
};

/** How many calls a turn makes on each store: a quarter of a second of CPU time and more. */
const CALLS: { readonly [store: string]: number } = {
  memory: 400_000,
  file: 100_000,
  sqlite: 16_000,
};
const KEYS = 1000;
const WRITERS = 32;

/** Measures and prints. */
export async function benchMonitor(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      rounds: { type: "string", default: "15" },
      directory: { type: "string", default: tmpdir() },
    },
  });
  const folder = mkdtempSync(join(values.directory, "ordeal-monitor-"));
  const stores: { readonly [name: string]: StatePersistence } = {
    memory: memoryPersistence(),
    file: await filePersistence(join(folder, "file")),
    sqlite: await sqlitePersistence(join(folder, "sqlite.db")),
  };
  const names = ["unmonitored", ...Object.keys(STRATEGIES)];
  process.stdout.write(
    `Half saves, half loads, ${WRITERS} writers; medians of ${values.rounds} rounds, in brackets ` +
      `the median of the ratios to the same round unmonitored\n\n` +
      `| store | | ${names.join(" | ")} |\n|---|---|${"---:|".repeat(names.length)}\n`,
  );
  try {
    for (const [name, store] of Object.entries(stores)) {
      const costs = await costsOf(store, {
        calls: CALLS[name] ?? 0,
        rounds: Number(values.rounds),
      });
      const row = (what: string, of: (cost: Cost) => number, digits: number): void => {
        const bare = (costs.get("unmonitored") ?? []).map(of);
        const cells = names.map((each) => {
          const own = (costs.get(each) ?? []).map(of);
          const ratio = median(own.map((cost, round) => cost / (bare[round] ?? Number.NaN)));
          return `${median(own).toFixed(digits)} (${ratio.toFixed(3)})`;
        });
        process.stdout.write(`| ${name} | ${what} | ${cells.join(" | ")} |\n`);
      };
      row("µs of CPU a call", ({ cpuUs }) => cpuUs, 2);
      row("1,000 calls a second", ({ wallUs }) => 1000 / wallUs, 1);
    }
  } finally {
    for (const store of Object.values(stores)) await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a call took, in microseconds. */
interface Cost {
  readonly cpuUs: number;
  readonly wallUs: number;
}

/** By strategy and round. */
async function costsOf(
  store: StatePersistence,
  { calls, rounds }: { readonly calls: number; readonly rounds: number },
): Promise<ReadonlyMap<string, readonly Cost[]>> {
  const clock = createRealClock(readEpoch());
  const costs = new Map<string, Cost[]>();
  for (let round = -1; round < rounds; round++) {
    const order = ["unmonitored", ...Object.keys(STRATEGIES)];
    for (let turn = 0; turn < order.length; turn++) {
      const name = order[(turn + round + 1) % order.length] as string;
      const strategy = STRATEGIES[name]?.();
      const watched = strategy && (await monitorStates(store, { clock, strategy }));
      const startNs = clock.nowNs();
      const cpu = process.cpuUsage();
      await work(watched?.store ?? store, calls);
      const { user, system } = process.cpuUsage(cpu);
      const wallUs = (clock.nowNs() - startNs) / 1000 / calls;
      watched?.stop();
      if (round < 0) continue;
      costs.set(name, [...(costs.get(name) ?? []), { cpuUs: (user + system) / calls, wallUs }]);
    }
  }
  return costs;
}

/**
 * Half saves, half loads, many at once. Now and then a writer waits for a turn more: writers in
 * step share caches and groups as no real load does, and the slightest watching ends that.
 */
async function work(store: StatePersistence, calls: number): Promise<void> {
  const random = createRandom(1);
  let next = 0;
  const write = async (): Promise<void> => {
    while (next < calls) {
      const step = (next += 2);
      const key = `key-${step % KEYS}`;
      await store.saveState(key, { status: "running", step });
      await store.loadState(key);
      if (random.chance(0.1)) await Promise.resolve();
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
