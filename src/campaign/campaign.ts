/**
 * A campaign: trial after trial, on as many workers as there are, until something has failed often
 * enough, or time or trials are used up.
 *
 * What is asked of the explorer while trials are under way does not know what will come of them,
 * so that a guided campaign takes another course on more workers. Each trial is data and repeats
 * alone.
 */
import { HarnessError } from "../errors.js";
import type { Explorer } from "./explorer.js";
import type { RunTrial, Trial, TrialOutcome } from "./trial.js";

/** What is carried out, and how long. */
export interface CampaignOptions {
  readonly explorer: Explorer;
  /** Carries out a trial; called by so many at a time as there are workers. */
  readonly run: RunTrial;
  readonly workers: number;
  /** At most so many trials are begun. */
  readonly trials: number;
  /** No trial is begun after so long, and those that are under way are ended. */
  readonly timeMs: number;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** No trial is begun after so many different failures, by kind of anomaly. */
  readonly failures: number;
  /** Ends it when aborted; what is under way is waited for, and may be lost then. */
  readonly signal?: AbortSignal;
  readonly onTrial?: (trial: Trial, outcome: TrialOutcome, soFar: CampaignResult) => void;
}

/** A trial that failed. */
export interface CampaignFailure {
  readonly trial: Trial;
  readonly outcome: TrialOutcome;
  /** How many trials had been carried out by then, this one included. */
  readonly after: number;
}

/** What came of a campaign so far. */
export interface CampaignResult {
  readonly trials: number;
  readonly valid: number;
  readonly unknown: number;
  readonly invalid: number;
  readonly operations: number;
  readonly virtualNs: number;
  readonly cpuMs: number;
  readonly elapsedMs: number;
  /** How many situations were seen; see `signature.ts`. */
  readonly situations: number;
  /** The first failure of each kind. */
  readonly failures: readonly CampaignFailure[];
}

/** Carries out a campaign. @throws what `run` throws, once nothing is under way any more. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { explorer, run, workers, trials, timeMs, nowMs, onTrial } = options;
  const startMs = nowMs();
  const failures = new Map<string, CampaignFailure>();
  const counts = { valid: 0, unknown: 0, invalid: 0 };
  const totals = { begun: 0, trials: 0, operations: 0, virtualNs: 0, cpuMs: 0 };

  const result = (): CampaignResult => ({
    trials: totals.trials,
    ...counts,
    operations: totals.operations,
    virtualNs: totals.virtualNs,
    cpuMs: totals.cpuMs,
    elapsedMs: nowMs() - startMs,
    situations: explorer.situations,
    failures: [...failures.values()],
  });
  let hasThrown = false;
  const isOver = (): boolean =>
    hasThrown ||
    totals.begun >= trials ||
    nowMs() - startMs >= timeMs ||
    failures.size >= options.failures ||
    options.signal?.aborted === true;

  const work = async (): Promise<void> => {
    while (!isOver()) {
      totals.begun++;
      const trial = explorer.next();
      const outcome = await run(trial, timeMs - (nowMs() - startMs)).catch((error: unknown) => {
        // Whoever carried it out got the signal too, as Ctrl-C goes to all processes of a terminal.
        if (options.signal?.aborted === true && !(error instanceof HarnessError)) return undefined;
        hasThrown = true;
        throw error;
      });
      if (outcome === undefined) return;
      explorer.learn(trial, outcome);
      totals.trials++;
      totals.operations += outcome.operations;
      totals.virtualNs += outcome.virtualNs;
      totals.cpuMs += outcome.cpuMs;
      counts[outcome.verdict]++;
      if (outcome.verdict === "invalid" && !failures.has(outcome.anomaly)) {
        failures.set(outcome.anomaly, { trial, outcome, after: totals.trials });
      }
      onTrial?.(trial, outcome, result());
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: workers }, work));
  for (const each of ended) if (each.status === "rejected") throw each.reason;
  return result();
}
