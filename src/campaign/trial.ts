/**
 * A trial: one run of a campaign, as plain data, so that it can be handed to a worker process and
 * carried out again by anyone.
 */
import type { TimetableEntry } from "../generator/index.js";
import type { TestDescription } from "../runner/result.js";
import type { WorldSettings } from "../shrink/failing-case.js";
import type { VerdictKind } from "../verdict/verdict.js";

/** What a run is made from. */
export interface Trial {
  /** What is run; its seed decides everything that is drawn. */
  readonly test: TestDescription;
  readonly world: WorldSettings;
  /** The faults, when they are not left to the nemeses; times on the world's clock. */
  readonly faults?: readonly TimetableEntry[];
  /** How it came to be, in a word. */
  readonly made?: string;
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
  /** What the run reached; see `signature.ts`. */
  readonly signature: readonly number[];
  /** The faults that struck. */
  readonly faults: readonly TimetableEntry[];
}

/** Carries out a trial. */
export type RunTrial = (trial: Trial) => Promise<TrialOutcome>;
