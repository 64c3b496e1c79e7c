/**
 * How large and how busy a run is, and how often faults strike: what a guided campaign chooses. A
 * mutant of a run has other sizes, one or two steps away, and a seed of its own: a run that keeps
 * its seed repeats itself, and this part of it is known to be right.
 */
import type { Random } from "../random.js";
import type { TestDescription } from "../runner/result.js";
import type { Prior } from "./forecast.js";
import type { SwarmSpace } from "./swarm.js";
import type { Trial } from "./trial.js";

/** The numbers that are chosen. */
export type Sizes = Pick<
  TestDescription,
  "nodeCount" | "concurrency" | "ratePerSecond" | "nemesisIntervalMs"
>;

/** From the least to the most that is tried, whatever is drawn. */
const BOUNDS = {
  concurrency: [2, 32],
  ratePerSecond: [20, 800],
  nemesisIntervalMs: [100, 4_000],
} as const;

/** Those of a test. */
export function sizesOf(test: TestDescription): Sizes {
  const { nodeCount, concurrency, ratePerSecond, nemesisIntervalMs } = test;
  return { nodeCount, concurrency, ratePerSecond, nemesisIntervalMs };
}

/** One of them, or two, is half as much or twice as much; of nodes there is one more or less. */
export function step(given: Sizes, { nodes, test }: SwarmSpace, random: Random): Sizes {
  const most = Math.min(nodes.max, Math.max(test.nodeCount, NODES_MAX));
  const least = Math.min(Math.max(nodes.min, NODES_MIN), most);
  const sizes = { ...given };
  for (let steps = 1 + random.below(2); steps > 0; steps--) {
    const which = random.pick(NAMES);
    const isMore = random.chance(0.5);
    if (which === "nodeCount") {
      sizes.nodeCount = within(sizes.nodeCount + (isMore ? 1 : -1), [least, most]);
    } else {
      sizes[which] = Math.round(within(sizes[which] * (isMore ? 2 : 0.5), BOUNDS[which]));
    }
  }
  return sizes;
}

const NAMES = ["nodeCount", "concurrency", "ratePerSecond", "nemesisIntervalMs"] as const;
/** The fewest nodes of which a majority can go on without one. */
const NODES_MIN = 3;
const NODES_MAX = 5;

function within(number: number, [least, most]: readonly [number, number]): number {
  return Math.min(Math.max(number, least), most);
}

/**
 * What describes a trial to the forecast: sizes by their powers of two, as far as they go
 * together, and what else costs time or keeps operations from succeeding.
 */
export function describeTrial({ test, world }: Trial, all: readonly string[]): readonly number[] {
  const nodes = Math.log2(test.nodeCount / 4);
  const clients = Math.log2(test.concurrency / 8);
  // As fast as possible is, for clients that wait for their answers, about so much.
  const rate = Math.log2((test.ratePerSecond || 100 * test.concurrency) / 100);
  const interval = Math.log2(test.nemesisIntervalMs / 500);
  const { latencyMsMean = 2 } = world["network"] ?? {};
  const { syncMsMean = 1.5 } = world["disk"] ?? {};
  return [
    1,
    nodes,
    clients,
    rate,
    interval,
    clients ** 2,
    rate ** 2,
    interval ** 2,
    rate * interval,
    rate * clients,
    rate * nodes,
    Math.log2(Math.max(0.1, Number(latencyMsMean)) / 2),
    Math.log2(Math.max(0.1, Number(syncMsMean)) / 1.5),
    ...all.map((nemesis) => (test.nemeses.includes(nemesis) ? 0.5 : -0.5)),
  ];
}

/**
 * What these numbers may be worth: twice as many nodes, operations or clients, or half as many
 * faults, make a run poorer for its cost, as was measured over three protocols; see
 * `docs/performance.md`. How much is for each system to show.
 */
export function priorsOf(all: readonly string[]): readonly Prior[] {
  const about = (mean: number): Prior => ({ mean, deviation: 0.1 });
  return [
    { mean: -4.6, deviation: 1 },
    about(-0.25),
    about(-0.1),
    about(-0.25),
    about(-0.15),
    ...Array.from({ length: 6 }, () => ({ mean: 0, deviation: 0.05 })),
    about(0.1),
    about(0.05),
    ...all.map(() => about(0.2)),
  ];
}
