/**
 * Geometric means of how long searches took, and how far they can be trusted: 95% of the means of
 * resampled bugs and, for each of them, resampled searches lie in the interval (the bootstrap:
 * Efron & Tibshirani 1993). All strategies are resampled together, so that a hard bug is hard for
 * all.
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

/**
 * How long a search took; one that was given up counts as twice what it had, and one that went on
 * to its end as what it had for each time that it found the bug and half a time more.
 */
export type Measure = (search: Search) => number;

/** In trials. */
export const inTrials: Measure = (search) =>
  timesFound(search, search.finds === undefined ? (search.found ?? search.trials) : search.trials);

/** In virtual seconds. */
export const inSeconds: Measure = (search) => timesFound(search, search.virtualSeconds);

/** In seconds of the processor. */
export const inCpuSeconds: Measure = (search) => timesFound(search, search.cpuSeconds);

/** In messages. */
export const inMessages: Measure = (search) => timesFound(search, search.messages);

function timesFound({ found, finds }: Search, spent: number): number {
  if (finds !== undefined) return spent / (finds + 0.5);
  return found === null ? 2 * spent : spent;
}

const RESAMPLES = 4_000;

/** By bug: the logarithms of how long the searches of each strategy took. */
type Logs = readonly ReadonlyMap<Strategy, readonly number[]>[];

/** The geometric mean of a strategy; with `by`, how many times that of this other one it is. */
export function geometricMean(
  searches: readonly Search[],
  measure: Measure,
  { of, by }: { readonly of: Strategy; readonly by?: Strategy },
): Estimate {
  const logs = logsOf(searches, measure);
  const random = createRandom(1).fork("bootstrap");
  const among = <T>(list: readonly T[]): T => random.pick(list);
  const means: number[] = [];
  for (let i = 0; i < RESAMPLES; i++) {
    const resampled = logs.map(() => {
      const bug = among(logs);
      return new Map(
        Array.from(bug, ([strategy, all]) => [strategy, all.map(() => among(all))] as const),
      );
    });
    means.push(meanOf(resampled, of, by));
  }
  means.sort((a, b) => a - b);
  const at = (share: number): number => means[Math.floor(share * RESAMPLES)] as number;
  return { value: meanOf(logs, of, by), from: at(0.025), to: at(0.975) };
}

function logsOf(searches: readonly Search[], measure: Measure): Logs {
  const bugs = new Map<string, Map<Strategy, number[]>>();
  for (const search of searches) {
    const { bug, strategy } = search;
    const strategies = bugs.get(bug) ?? new Map<Strategy, number[]>();
    bugs.set(bug, strategies);
    strategies.set(strategy, [...(strategies.get(strategy) ?? []), Math.log(measure(search))]);
  }
  return [...bugs.values()];
}

function meanOf(logs: Logs, of: Strategy, by: Strategy | undefined): number {
  const mean = (strategy: Strategy): number =>
    average(logs.map((bug) => average(bug.get(strategy) ?? [])));
  return Math.exp(mean(of) - (by === undefined ? 0 : mean(by)));
}

function average(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
