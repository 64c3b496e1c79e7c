/**
 * What a campaign tries next. Without guidance each trial is drawn anew. With guidance, sizes (how
 * large and how busy a run is, and how often faults strike) are chosen by what the signatures of
 * the trials before them say: those are varied that got into many situations and weathered many
 * operations for what they cost, and of several variants that one is tried which a forecast
 * promises most for. Which faults there are, and how the world behaves, is drawn in any case: a
 * bug may need any of them, and what is not rich may be what it needs.
 *
 * What was new in a signature, which is what fuzzers go by, says next to nothing about which runs
 * find bugs; how rich it is for its cost says a lot. See `docs/performance.md`.
 *
 * Sources: Groce et al., "Swarm Testing", ISSTA 2012; Böhme et al., "Coverage-based Greybox Fuzzing
 * as Markov Chain" (AFLFast), CCS 2016 (more for inputs that yield more for their cost); Meng et
 * al., "Greybox Fuzzing of Distributed Systems" (Mallory), CCS 2023, for tests in the manner of
 * Jepsen.
 */
import { createRandom, type Random } from "../random.js";
import { forecast, Forecaster } from "./forecast.js";
import { describeTrial, priorsOf, sizesOf, step, type Sizes } from "./sizes.js";
import { drawTrial, type SwarmSpace } from "./swarm.js";
import type { Trial, TrialOutcome } from "./trial.js";

/** How trials are chosen: all alike but for the seed, each drawn for itself, or by signatures. */
export type Strategy = "uniform" | "swarm" | "guided";

/** Chooses trials one after the other. */
export interface Explorer {
  next(): Trial;
  /** Tells what came of a trial that was chosen here. */
  learn(trial: Trial, outcome: TrialOutcome): void;
  /** How many situations have been seen; see `signature.ts`. */
  readonly situations: number;
}

/** A trial that was carried out. */
interface Parent {
  readonly sizes: Sizes;
  readonly richness: number;
  readonly messages: number;
}

/** One of so many is chosen by the forecast. */
const CANDIDATES = 16;
/** One of so many trials is what was asked for: what is rich for its cost is not all there is. */
const AS_ASKED = 6;
/** The richest of so many parents is varied. */
const RIVALS = 3;
/** So many trials are remembered at most; the oldest ones go. */
const PARENTS_MAX = 400;
/** After so many trials it is known what a run costs, about. */
const KNOWN = 3;
/** A run that costs so many times as much as the middle one goes round in circles. */
const CIRCLES = 8;

/** Makes an explorer; trials follow from the seed, and what it learns. */
export function createExplorer(space: SwarmSpace, strategy: Strategy): Explorer {
  const random = createRandom(space.test.seed).fork("explorer");
  const seen = new Set<number>();
  const all = space.test.nemeses;
  const numbersOf = (trial: Trial): readonly number[] => describeTrial(trial, all);
  const asked: Trial = { test: space.test, world: space.world };
  const forecaster = new Forecaster(priorsOf(all));
  const parents: Parent[] = [];
  let number = 0;

  const guided = (seed: number): Trial => {
    if (number % AS_ASKED === 0) return { ...asked, test: { ...space.test, seed } };
    const around = random.chance(0.5)
      ? drawTrial(space, random, seed)
      : { ...asked, test: { ...space.test, seed } };
    // Where no fault strikes, only clients get in each other's way, and few clients do not.
    if (all.length === 0) return around;
    const candidates = Array.from({ length: CANDIDATES }, (_, index): Trial => {
      const sizes =
        index % 2 === 0
          ? sizesOf(drawTrial(space, random, seed).test)
          : step(richestOf(parents, random)?.sizes ?? sizesOf(space.test), space, random);
      return { ...around, test: { ...around.test, ...sizes } };
    });
    const coefficients = forecaster.draw(random);
    const chosen = mostOf(candidates, (trial) => forecast(coefficients, numbersOf(trial)));
    return parents.length < KNOWN ? chosen : { ...chosen, messagesMax: limitOf(parents) };
  };

  return {
    next: () => {
      const seed = space.test.seed + ++number;
      if (strategy === "swarm") return drawTrial(space, random, seed);
      if (strategy === "guided") return guided(seed);
      return { ...asked, test: { ...space.test, seed } };
    },
    learn: (trial, outcome) => {
      for (const situation of outcome.signature) seen.add(situation);
      const richness = richnessOf(outcome);
      forecaster.learn(numbersOf(trial), richness);
      parents.push({ sizes: sizesOf(trial.test), richness, messages: outcome.messages });
      if (parents.length > PARENTS_MAX) parents.shift();
    },
    get situations() {
      return seen.size;
    },
  };
}

/**
 * How rich a run was for its cost, as a logarithm. The cost is counted and not measured, so that a
 * campaign repeats: an operation costs about as much as four messages, and a run with nothing in
 * it as much as some hundreds.
 */
export function richnessOf({
  signature,
  weathered,
  messages,
  operations,
}: Pick<TrialOutcome, "signature" | "weathered" | "messages" | "operations">): number {
  const reached = Math.log(signature.length + 1) / 2 + Math.log(weathered + 1) / 4;
  return reached - Math.log(messages + 4 * operations + 300);
}

function limitOf(parents: readonly Parent[]): number {
  const messages = parents.map((parent) => parent.messages).toSorted((a, b) => a - b);
  return CIRCLES * Math.max(1, messages[messages.length >> 1] as number);
}

function richestOf(parents: readonly Parent[], random: Random): Parent | undefined {
  if (parents.length === 0) return undefined;
  const rivals = Array.from({ length: RIVALS }, () => random.pick(parents));
  return mostOf(rivals, ({ richness }) => richness);
}

function mostOf<T>(list: readonly T[], of: (it: T) => number): T {
  let [best, most] = [list[0] as T, -Infinity];
  for (const it of list) {
    const value = of(it);
    if (value > most) [best, most] = [it, value];
  }
  return best;
}
