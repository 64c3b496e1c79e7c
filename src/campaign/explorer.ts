/**
 * What a campaign tries next. Without guidance each trial is drawn anew. With guidance, trials that
 * got somewhere new are kept, and many trials are small changes of these; those are preferred that
 * have been where few others were, and that have not been changed often. How a trial is made (anew,
 * with given or drawn circumstances, or by which change) is chosen by what was new in those that
 * were made in the same way.
 *
 * Sources: AFL (kept by new coverage); Böhme et al., "Coverage-based Greybox Fuzzing as Markov
 * Chain", CCS 2016 (rare paths first); Lyu et al., "MOpt", USENIX Security 2019 (changes chosen by
 * what they yield); Meng et al., "Greybox Fuzzing of Distributed Systems" (Mallory), CCS 2023, for
 * tests in the manner of Jepsen.
 */
import { createRandom, type Random } from "../random.js";
import { CHANGES, type Parent } from "./mutate.js";
import { drawTrial, type SwarmSpace } from "./swarm.js";
import type { Trial, TrialOutcome } from "./trial.js";

/** How trials are chosen: all alike but for the seed, each drawn for itself, or by what was new. */
export type Strategy = "uniform" | "swarm" | "guided";

/** Chooses trials one after the other. */
export interface Explorer {
  next(): Trial;
  /** Tells what came of a trial that was chosen here. */
  learn(trial: Trial, outcome: TrialOutcome): void;
  /** How many situations have been seen; see `signature.ts`. */
  readonly situations: number;
}

interface Kept extends Parent {
  readonly signature: readonly number[];
  changed: number;
}

/** How a way of making trials has done. */
interface Yield {
  trials: number;
  /** How many of them had as much that was new as the middle one of the trials before them. */
  good: number;
}

/** Trials that are drawn anew: with the circumstances that were asked for, or with drawn ones. */
const DEFAULT = "default";
const DRAWN = "drawn";
/** So many trials say what is much at the moment: there is less and less that is new. */
const RECENT = 9;
/** So many trials are kept at most; the oldest ones go. */
const KEPT_MAX = 400;

/** Makes an explorer; trials follow from the seed, and what it learns. */
export function createExplorer(space: SwarmSpace, strategy: Strategy): Explorer {
  const random = createRandom(space.test.seed).fork("explorer");
  /** How many trials got into each situation. */
  const seen = new Map<number, number>();
  const ways = [DEFAULT, DRAWN, ...Object.keys(CHANGES)];
  const records = new Map<string, Yield>(ways.map((way) => [way, { trials: 0, good: 0 }]));
  const recent: number[] = [];
  let kept: Kept[] = [];
  let number = 0;

  const made = (way: string): Trial => {
    const seed = space.test.seed + number;
    if (way === DEFAULT) return { test: { ...space.test, seed }, world: space.world, made: way };
    const change = CHANGES[way];
    if (change === undefined) return { ...drawTrial(space, random, seed), made: way };
    const parent = weighted(kept, random, (it) => energy(it, seen));
    parent.changed++;
    return { ...change({ parent, space, random }), made: way };
  };
  const promise = (way: string): number => {
    const { trials, good } = records.get(way) as Yield;
    return ((good + 1) / (trials + 2)) ** 2;
  };

  return {
    next: () => {
      number++;
      if (strategy === "swarm") return made(DRAWN);
      if (strategy === "uniform" || kept.length === 0) return made(DEFAULT);
      return made(weighted(ways, random, promise));
    },
    learn: (trial, { signature, faults }) => {
      const news = signature.filter((situation) => !seen.has(situation)).length;
      for (const situation of signature) seen.set(situation, (seen.get(situation) ?? 0) + 1);
      const record = records.get(trial.made ?? "");
      if (record !== undefined && recent.length > 0) {
        record.trials++;
        if (news > 0 && news >= middleOf(recent)) record.good++;
      }
      recent.push(news);
      if (recent.length > RECENT) recent.shift();
      if (news === 0) return;
      kept.push({ trial, faults, signature, changed: 0 });
      if (kept.length > KEPT_MAX) kept = kept.slice(-KEPT_MAX);
    },
    get situations() {
      return seen.size;
    },
  };
}

function middleOf(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] as number;
}

/** What was rare in it, the less the more it was changed already. */
function energy({ signature, changed }: Kept, seen: ReadonlyMap<number, number>): number {
  let rare = 0;
  for (const situation of signature) rare += 1 / (seen.get(situation) ?? 1);
  return rare ** 2 / (1 + changed);
}

/** Draws one, each as likely as its weight says. */
function weighted<T>(list: readonly T[], random: Random, weightOf: (it: T) => number): T {
  const weights = list.map(weightOf);
  let mark = random.float() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, it] of list.entries()) {
    mark -= weights[index] as number;
    if (mark < 0) return it;
  }
  return list.at(-1) as T;
}
