/**
 * Swarm testing: each trial draws for itself which faults there are, how often they strike, how
 * large and how busy the cluster is, and how its network, disks and clocks behave. Leaving features
 * out lets those that are left go further: many bugs hide behind a feature that prevents them.
 *
 * Source: Groce et al., "Swarm Testing", ISSTA 2012.
 */
import type { Random } from "../random.js";
import type { TestDescription } from "../runner/result.js";
import type { WorldSettings } from "../shrink/failing-case.js";
import type { Trial } from "./trial.js";

/** What may be drawn. */
export interface SwarmSpace {
  /** What stays as it is; its nemeses are those that may strike. */
  readonly test: TestDescription;
  readonly nodes: { readonly min: number; readonly max: number };
  /** Settings that every world has, whatever is drawn. */
  readonly world: WorldSettings;
}

const INTERVALS_MS = [100, 150, 200, 300, 500, 1_000, 2_000];
const CONCURRENCIES = [2, 4, 8, 16];
const RATES = [30, 100, 200, 400];
const LATENCIES_MS = [0.5, 2, 2, 10, 30];
const SYNCS_MS = [1.5, 1.5, 20];
const SKEWS_MS = [0, 50, 50, 2_000];

/** Draws a trial. */
export function drawTrial(space: SwarmSpace, random: Random, seed: number): Trial {
  const { test, nodes } = space;
  const nemeses = test.nemeses.filter(() => random.chance(0.5));
  const sizes = [3, 3, 4, 5, test.nodeCount].filter(
    (count) => count >= nodes.min && count <= nodes.max,
  );
  return {
    test: {
      ...test,
      seed,
      nemeses: nemeses.length === 0 ? test.nemeses : nemeses,
      nodeCount: sizes.length === 0 ? test.nodeCount : random.pick(sizes),
      concurrency: random.pick(CONCURRENCIES),
      ratePerSecond: random.pick(RATES),
      nemesisIntervalMs: random.pick(INTERVALS_MS),
    },
    world: drawWorld(space.world, random),
  };
}

/** Draws how network, disks and clocks behave. */
function drawWorld(given: WorldSettings, random: Random): WorldSettings {
  const drawn: WorldSettings = {
    network: {
      latencyMsMean: random.pick(LATENCIES_MS),
      ...(random.chance(0.2) ? { duplicationProbability: 0.1 } : {}),
      ...(random.chance(0.1) ? { lossProbability: 0.05 } : {}),
      ...(random.chance(0.1) ? { fifo: true } : {}),
    },
    disk: { syncMsMean: random.pick(SYNCS_MS) },
    clock: { skewMsMax: random.pick(SKEWS_MS) },
  };
  const groups = new Set([...Object.keys(drawn), ...Object.keys(given)]);
  return Object.fromEntries([...groups].map((name) => [name, { ...drawn[name], ...given[name] }]));
}
