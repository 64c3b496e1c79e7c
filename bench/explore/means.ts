/**
 * Geometric means of how long it takes to find a bug, and how far they can be trusted: 95% of the
 * means of resampled bugs and, for each of them, resampled searches lie in the interval (the
 * bootstrap: Efron & Tibshirani 1993). All strategies are resampled together, so that a hard bug is
 * hard for all.
 */
import type { Strategy } from "../../src/campaign/explorer.js";
import { createRandom } from "../../src/random.js";
import type { Search } from "./search.js";

/** A number, and between what it lies. */
export interface Estimate {
  readonly value: number;
  readonly from: number;
  readonly to: number;
}

/** What a search has spent, whether it found the bug or not. */
export type Measure = (search: Search) => number;

/** In trials. */
export const inTrials: Measure = ({ trials, found, finds }) =>
  finds === undefined ? (found ?? trials) : trials;

/** In virtual seconds. */
export const inSeconds: Measure = ({ virtualSeconds }) => virtualSeconds;

/** In seconds of the processor. */
export const inCpuSeconds: Measure = ({ cpuSeconds }) => cpuSeconds;

/** In messages. */
export const inMessages: Measure = ({ messages }) => messages;

/** How often a search found the bug. */
export function findsOf({ found, finds }: Search): number {
  return finds ?? (found === null ? 0 : 1);
}

const RESAMPLES = 4_000;

/** By bug: the searches of each strategy. */
type Bugs = readonly ReadonlyMap<Strategy, readonly Search[]>[];

/**
 * The geometric mean, over the bugs, of what a strategy spends for a find; with `by`, how many
 * times what this other one spends. Of each bug, what all searches have spent is divided by what
 * they found and a half: where finds come at random, that is how long one takes, and a search that
 * was given up counts for what it has spent and no more.
 */
export function geometricMean(
  searches: readonly Search[],
  measure: Measure,
  { of, by }: { readonly of: Strategy; readonly by?: Strategy },
): Estimate {
  const bugs = bugsOf(searches);
  const random = createRandom(1).fork("bootstrap");
  const among = <T>(list: readonly T[]): T => random.pick(list);
  const means: number[] = [];
  for (let i = 0; i < RESAMPLES; i++) {
    const resampled = bugs.map(() => {
      const bug = among(bugs);
      return new Map(
        Array.from(bug, ([strategy, all]) => [strategy, all.map(() => among(all))] as const),
      );
    });
    means.push(meanOf(resampled, measure, { of, by }));
  }
  means.sort((a, b) => a - b);
  const at = (share: number): number => means[Math.floor(share * RESAMPLES)] as number;
  return { value: meanOf(bugs, measure, { of, by }), from: at(0.025), to: at(0.975) };
}

function bugsOf(searches: readonly Search[]): Bugs {
  const bugs = new Map<string, Map<Strategy, Search[]>>();
  for (const search of searches) {
    const { bug, strategy } = search;
    const strategies = bugs.get(bug) ?? new Map<Strategy, Search[]>();
    bugs.set(bug, strategies);
    strategies.set(strategy, [...(strategies.get(strategy) ?? []), search]);
  }
  return [...bugs.values()];
}

function meanOf(
  bugs: Bugs,
  measure: Measure,
  { of, by }: { readonly of: Strategy; readonly by: Strategy | undefined },
): number {
  const logOf = (searches: readonly Search[]): number =>
    Math.log(sum(searches.map(measure)) / (sum(searches.map(findsOf)) + 0.5));
  const mean = (strategy: Strategy): number =>
    sum(bugs.map((bug) => logOf(bug.get(strategy) ?? []))) / bugs.length;
  return Math.exp(mean(of) - (by === undefined ? 0 : mean(by)));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
