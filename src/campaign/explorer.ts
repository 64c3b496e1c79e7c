/**
 * What a campaign tries next. Without guidance each trial is drawn anew. With guidance, trials that
 * got somewhere new are kept, and most trials are small changes of these; those are preferred that
 * have been where few others were, and that have not been changed often.
 *
 * Sources: AFL (kept by new coverage); Böhme et al., "Coverage-based Greybox Fuzzing as Markov
 * Chain", CCS 2016 (rare paths first); Ozkan et al., Mallory (CCS 2023) for Jepsen-style tests.
 */
import { createRandom, type Random } from "../random.js";
import { mutate, type Parent } from "./mutate.js";
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
  /** Situations that it was the first to get into. */
  readonly fresh: readonly number[];
  changed: number;
}

/** The share of trials that are drawn anew all the same. */
const FRESH_SHARE = 0.25;
/** So many trials are kept at most; the oldest ones go. */
const KEPT_MAX = 400;

/** Makes an explorer; trials follow from the seed, and what it learns. */
export function createExplorer(space: SwarmSpace, strategy: Strategy): Explorer {
  const random = createRandom(space.test.seed).fork("explorer");
  /** How many trials got into each situation. */
  const seen = new Map<number, number>();
  let kept: Kept[] = [];
  let number = 0;

  const fresh = (): Trial => {
    const seed = space.test.seed + number;
    if (strategy === "uniform") return { test: { ...space.test, seed }, world: space.world };
    return drawTrial(space, random, seed);
  };

  return {
    next: () => {
      number++;
      if (strategy !== "guided" || kept.length === 0 || random.chance(FRESH_SHARE)) return fresh();
      const parent = chosen(kept, seen, random);
      parent.changed++;
      return mutate({ parent, other: random.pick(kept) }, space, random);
    },
    learn: (trial, { signature, faults }) => {
      const news = signature.filter((situation) => !seen.has(situation));
      for (const situation of signature) seen.set(situation, (seen.get(situation) ?? 0) + 1);
      if (news.length === 0) return;
      kept.push({ trial, faults, fresh: news, changed: 0 });
      if (kept.length > KEPT_MAX) kept = kept.slice(-KEPT_MAX);
    },
    get situations() {
      return seen.size;
    },
  };
}

/** Of a few that are drawn, the one that has been where the fewest others were. */
function chosen(kept: readonly Kept[], seen: ReadonlyMap<number, number>, random: Random): Kept {
  let best: Kept | undefined;
  let bestScore = -1;
  for (let i = 0; i < 4; i++) {
    const candidate = random.pick(kept);
    let rare = 0;
    for (const situation of candidate.fresh) rare += 1 / (seen.get(situation) ?? 1);
    const score = rare / (1 + candidate.changed);
    if (score > bestScore) [best, bestScore] = [candidate, score];
  }
  return best as Kept;
}
