/**
 * A trial: one run of a campaign, as plain data, so that it can be handed to a worker process and
 * carried out again by anyone.
 */
import type { TestDescription } from "../runner/result.js";
import type { WorldSettings } from "../shrink/failing-case.js";
import type { VerdictKind } from "../verdict/verdict.js";

/** What a run is made from. */
export interface Trial {
  /** What is run; its seed decides everything that is drawn. */
  readonly test: TestDescription;
  readonly world: WorldSettings;
  /** The run is ended early, and judged by what was seen, after so many; default never. */
  readonly messagesMax?: number;
}

/** What came of it. */
export interface TrialOutcome {
  readonly verdict: VerdictKind;
  /** Of the gravest anomaly; empty unless `invalid`. */
  readonly anomaly: string;
  readonly message: string;
  readonly operations: number;
  /** Virtual time up to the end, or to the first violation. */
  readonly virtualNs: number;
  /** CPU time of the run and its check, in milliseconds. */
  readonly cpuMs: number;
  /** Messages that were sent. */
  readonly messages: number;
  /** What the run reached; see `signature.ts`. */
  readonly signature: readonly number[];
  /** Operations that succeeded across faults; see `weathered.ts`. */
  readonly weathered: number;
}

/**
 * Carries out a trial; one that has not ended when so many milliseconds are over is ended early,
 * and judged by what was seen.
 */
export type RunTrial = (trial: Trial, leftMs: number) => Promise<TrialOutcome>;
