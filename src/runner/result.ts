/**
 * What a run was told, and what came of it: plain data that is stored, replayed and reported.
 */
import type { Verdict } from "../verdict/verdict.js";
import type { WorldKind } from "../world/world.js";

/** Everything that decides what a run does; `test.json` of a run directory. */
export interface TestDescription {
  readonly version: 1;
  readonly workload: string;
  readonly system: string;
  readonly world: WorldKind;
  readonly nemeses: readonly string[];
  readonly seed: number;
  readonly nodeCount: number;
  /** Workers, each with one operation at a time. */
  readonly concurrency: number;
  /** Length of the main phase, on the world's clock. */
  readonly timeLimitMs: number;
  /** Mean operations per second over all workers; 0 for as fast as possible. */
  readonly ratePerSecond: number;
  /** How long an operation may take before it counts as indeterminate. */
  readonly operationTimeoutMs: number;
  /** Mean time between the beginnings and ends of faults. */
  readonly nemesisIntervalMs: number;
  /** The user's test file that defines workload or system, when one was given. */
  readonly file?: string;
}

/** Counts over client operations. */
export interface RunCounts {
  readonly invoked: number;
  readonly ok: number;
  readonly fail: number;
  readonly info: number;
  /** Faults that began (`start-…`). */
  readonly faults: number;
}

/** `results.json` of a run directory. */
export interface RunResult {
  readonly version: 1;
  readonly test: TestDescription;
  readonly verdict: Verdict;
  readonly counts: RunCounts;
  /** On the world's clock. */
  readonly durationNs: number;
  /** On the machine's clock, check included. */
  readonly elapsedMs: number;
  /**
   * Set when the run was ended before its time (`interrupted`, `harness-failure: …`); the verdict
   * covers what was seen.
   */
  readonly endedEarly?: string;
  /**
   * What a reader should know beside the verdict, such as faults that the system never promised to
   * survive.
   */
  readonly notes?: readonly string[];
  /** The command that runs it again. */
  readonly replay: string;
}
