/**
 * What is measured on a store of states, as plain data, and how it is counted up.
 */
import type { StateErrorCode } from "../state/state-error.js";
import { LatencyHistogram } from "./histogram.js";

/** The calls on a store. */
export type StateCall = "save" | "load" | "delete" | "list" | "batch";

/** One call that has ended. */
export interface StateEvent {
  readonly call: StateCall;
  /** The keys that it changed; none when it failed or only read. */
  readonly saved: readonly string[];
  readonly deleted: readonly string[];
  readonly outcome: "ok" | StateErrorCode | "refused";
  /** When it ended, by the monitor's clock. */
  readonly timeNs: number;
  readonly latencyNs: number;
  /** How many calls it stands for: itself, and those before it that were not watched. */
  readonly weight: number;
}

/** Latencies, in milliseconds; the quantiles are at most 1/16 too great. */
export interface LatencySummary {
  /** How many calls were watched, and so timed. */
  readonly count: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** How many took up to each bound: [bound in milliseconds, count], growing. */
  readonly buckets: readonly (readonly [boundMs: number, count: number])[];
}

/**
 * The state of a store at one time. Where a strategy watches one call in n, each that is watched
 * stands for n: `transitionCount`, `errorCount` and `outcomes` are then estimates.
 */
export interface StateMetrics {
  /** By the monitor's clock. */
  readonly timeMs: number;
  /** How many states there are, as far as they were there or passed through this monitor. */
  readonly stateCount: number;
  /** How many states were saved or deleted. */
  readonly transitionCount: number;
  /**
   * How many calls the store failed: `unavailable`, `indeterminate` and `corrupt`. That a state is
   * not there, or has changed, is an answer.
   */
  readonly errorCount: number;
  /** All outcomes, by name. */
  readonly outcomes: { readonly [outcome: string]: number };
  readonly callCount: number;
  readonly latency: LatencySummary;
  /** Calls a second, over the last second. */
  readonly throughput: number;
  /**
   * Over the last second: `failing` when every call was an error, `degraded` when one was, else
   * `healthy`.
   */
  readonly health: "healthy" | "degraded" | "failing";
}

const SLOT_NS = 1e8;
const SLOT_COUNT = 10;
const FAILURES: ReadonlySet<string> = new Set(["unavailable", "indeterminate", "corrupt"]);
/** Ends of buckets of the histogram: some 8 µs to 17 s, each four times the one before. */
const BOUNDS_NS: readonly number[] = Array.from({ length: 11 }, (_, i) => 2 ** (13 + 2 * i) - 1);

/** Counts events up. */
export class StateCounts {
  /** All but `ok`. */
  readonly #outcomes = new Map<string, number>();
  readonly #latency = new LatencyHistogram();
  readonly #recent = new RecentCounts();
  /** When each state changed last. */
  readonly #changes = new Map<string, number>();
  readonly #startNs: number;
  #okCount = 0;
  #transitionCount = 0;
  #errorCount = 0;
  #callCount = 0;

  constructor(startNs: number, keys: readonly string[]) {
    this.#startNs = startNs;
    for (const key of keys) this.#changes.set(key, startNs);
  }

  /** When each state that is there changed last, or when the monitor saw it first. */
  get changes(): ReadonlyMap<string, number> {
    return this.#changes;
  }

  /** Calls that are not watched; one that is will stand for them. */
  addPassed(calls: number): void {
    this.#callCount += calls;
  }

  add({ outcome, timeNs, latencyNs, saved, deleted, weight }: StateEvent): void {
    const isError = FAILURES.has(outcome);
    this.#callCount++;
    if (outcome === "ok") this.#okCount += weight;
    else this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + weight);
    if (isError) this.#errorCount += weight;
    this.#latency.record(latencyNs);
    this.#recent.add(timeNs, weight, isError);
    for (const key of saved) this.#changes.set(key, timeNs);
    for (const key of deleted) this.#changes.delete(key);
    this.#transitionCount += (saved.length + deleted.length) * weight;
  }

  /** What was measured so far; `passing` calls passed of late that nothing stands for yet. */
  at(timeNs: number, passing: number): StateMetrics {
    const { calls, errors, fromNs } = this.#recent.at(timeNs);
    // A monitor that has just begun has not seen so much.
    const seconds = Math.max(timeNs - Math.max(fromNs, this.#startNs), SLOT_NS) / 1e9;
    return {
      timeMs: timeNs / 1e6,
      stateCount: this.#changes.size,
      transitionCount: this.#transitionCount,
      errorCount: this.#errorCount,
      outcomes: { ok: this.#okCount, ...Object.fromEntries(this.#outcomes) },
      callCount: this.#callCount + passing,
      latency: summaryOf(this.#latency),
      throughput: calls / seconds,
      health: errors === 0 ? "healthy" : errors === calls ? "failing" : "degraded",
    };
  }
}

function summaryOf(latency: LatencyHistogram): LatencySummary {
  const { count } = latency;
  return {
    count,
    meanMs: count === 0 ? 0 : latency.sumNs / count / 1e6,
    p50Ms: latency.quantileNs(0.5) / 1e6,
    p90Ms: latency.quantileNs(0.9) / 1e6,
    p99Ms: latency.quantileNs(0.99) / 1e6,
    maxMs: latency.maxNs / 1e6,
    buckets: BOUNDS_NS.map((bound) => [bound / 1e6, latency.countUpTo(bound)]),
  };
}

/** Calls and errors of the last second, in tenths. */
class RecentCounts {
  readonly #calls = new Uint32Array(SLOT_COUNT);
  readonly #errors = new Uint32Array(SLOT_COUNT);
  #slot = 0;
  #place = 0;
  #endNs = SLOT_NS;

  add(timeNs: number, calls: number, areErrors: boolean): void {
    if (timeNs >= this.#endNs) this.#moveTo(timeNs);
    const place = this.#place;
    this.#calls[place] = (this.#calls[place] as number) + calls;
    if (areErrors) this.#errors[place] = (this.#errors[place] as number) + calls;
  }

  /** What there was since `fromNs`: nine tenths of a second, and the tenth that has begun. */
  at(timeNs: number): { readonly calls: number; readonly errors: number; readonly fromNs: number } {
    this.#moveTo(timeNs);
    const sum = (counts: Uint32Array): number => counts.reduce((total, each) => total + each, 0);
    const fromNs = (this.#slot - SLOT_COUNT + 1) * SLOT_NS;
    return { calls: sum(this.#calls), errors: sum(this.#errors), fromNs };
  }

  #moveTo(timeNs: number): void {
    const slot = Math.floor(timeNs / SLOT_NS);
    for (let steps = Math.min(slot - this.#slot, SLOT_COUNT); steps > 0; steps--) {
      const place = (slot - steps + 1) % SLOT_COUNT;
      this.#calls[place] = 0;
      this.#errors[place] = 0;
    }
    this.#slot = Math.max(this.#slot, slot);
    this.#place = this.#slot % SLOT_COUNT;
    this.#endNs = (this.#slot + 1) * SLOT_NS;
  }
}
