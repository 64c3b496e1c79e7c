/** Makes the world simpler: constant delays, right clocks, no lost or doubled messages. */
import type { Attempts } from "../attempts.js";
import { withTest, type FailingCase, type WorldSettings } from "../failing-case.js";

const OTHER_SEEDS = 8;

/** From the simplest world on; each of these that the failure does without is kept. */
const SIMPLER: readonly WorldSettings[] = [
  { network: { lossProbability: 0, duplicationProbability: 0 } },
  { clock: { skewMsMax: 0, driftPpmMax: 0 } },
  { disk: { latencyMsMean: 0, syncMsMean: 0, garbageProbability: 0 } },
  { network: { latencyMsMean: 0 } },
  { network: { fifo: true } },
];

/** Takes what chance does out of the world. */
export async function calmWorld(attempts: Attempts): Promise<void> {
  for (const settings of SIMPLER) {
    const candidate = withWorld(attempts.best, settings);
    if (JSON.stringify(candidate.world) === JSON.stringify(attempts.best.world)) continue;
    await attempts.take(candidate, OTHER_SEEDS);
  }
}

/** Workers are numbered from 0 without gaps, and there are no others. */
export async function dropIdleWorkers(attempts: Attempts): Promise<void> {
  const { script, test } = attempts.best;
  const { operations, final } = script;
  const used = [...new Set([...operations, ...final].map(({ worker }) => worker))].toSorted(
    (a, b) => a - b,
  );
  const concurrency = Math.max(1, used.length);
  if (concurrency === test.concurrency) return;
  const places = new Map(used.map((worker, place) => [worker, place]));
  const renumbered = [operations, final].map((list) =>
    list.map((operation) => ({
      ...operation,
      worker: places.get(operation.worker) as number,
    })),
  );
  const [main = [], after = []] = renumbered;
  const candidate = withTest(
    { ...attempts.best, script: { ...script, operations: main, final: after } },
    { concurrency },
  );
  await attempts.take(candidate, OTHER_SEEDS);
}

function withWorld(given: FailingCase, settings: WorldSettings): FailingCase {
  const world: { [group: string]: WorldSettings[string] } = { ...given.world };
  for (const [group, values] of Object.entries(settings)) {
    world[group] = { ...world[group], ...values };
  }
  return { ...given, world };
}
