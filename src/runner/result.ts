/**
 * What a run was told, and what came of it: plain data that is stored, replayed and reported.
 */
import type { Value } from "../history/value.js";
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
  /** True when the run ends at the first violation that is seen while it goes on. */
  readonly failFast?: boolean;
  /**
   * How long, in milliseconds, nothing may be answered after healing, or at the end without faults,
   * before the run counts as stopped; 0 for not to ask. Default 10,000 simulated, 30,000 real; at
   * least 5,000, and four times `operationTimeoutMs`.
   */
  readonly progressMs?: number;
  /** The user's test file that defines workload or system, when one was given. */
  readonly file?: string;
  /**
   * The user's module that exports the system by default, or a test with it, when that was given in
   * place of a name.
   */
  readonly systemFile?: string;
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

/** What ended a run that was to end at the first violation. */
export interface FirstViolation {
  /** Index of the completion after which nothing could make the history right any more. */
  readonly event: number;
  /** The part of the model (the key) that it is about; null where there are no parts. */
  readonly part: Value;
  readonly reason: string;
  /** When that was, on the world's clock. */
  readonly timeNs: number;
  /** How long after it this was known. */
  readonly delayMs: number;
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
   * Set when the run was ended before its time (`interrupted`, `stopped at the first violation …`);
   * the verdict covers what was seen.
   */
  readonly endedEarly?: string;
  /** Set when the run was stopped at its first violation. */
  readonly firstViolation?: FirstViolation;
  /**
   * What a reader should know beside the verdict, such as faults that the system never promised to
   * survive.
   */
  readonly notes?: readonly string[];
  /** The command that runs it again. */
  readonly replay: string;
}
