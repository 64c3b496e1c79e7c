/** Processes for the trials of a campaign, one for each worker. */
import { HarnessError } from "../errors.js";
import { runTrial } from "../campaign/run-trial.js";
import type { RunTrial, Trial, TrialOutcome } from "../campaign/trial.js";
import { trialPartsOf } from "./campaign-parts.js";
import type { Names } from "./plan.js";
import { workerArguments } from "./worker-flags.js";

/** Carries out trials; to be closed. */
export interface TrialPool {
  readonly run: RunTrial;
  readonly workers: number;
  close(): Promise<void>;
}

/** What a worker is asked. */
export interface WorkerTask {
  readonly names: Names;
  readonly trial: Trial;
  /** When its time is over, on the clock of `sharedNowMs`; absent for never. */
  readonly endMs?: number;
}

/** A clock that all processes of a machine share, in milliseconds. */
export function sharedNowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** What a worker answers: an error loses its kind on the way. */
export type WorkerAnswer =
  | { readonly outcome: TrialOutcome }
  | { readonly code: HarnessError["code"]; readonly message: string };

/** Makes the workers; with one, or where there are none, all happens in this process. */
export async function openTrialPool(names: Names, workers: number): Promise<TrialPool> {
  // Run from the sources: the program of a worker is not beside this file.
  if (workers === 1 || !import.meta.url.endsWith("/campaign-workers.js")) {
    const parts = await trialPartsOf(names);
    return {
      run: (trial, leftMs) => runTrial(trial, parts, leftMs),
      workers: 1,
      close: async () => undefined,
    };
  }
  const { Tinypool } = await import("tinypool");
  const pool = new Tinypool({
    // V8 takes such flags for a whole process only, and before it starts.
    runtime: "child_process",
    execArgv: [...workerArguments()],
    env: process.env as { [name: string]: string },
    filename: new URL("./campaign-worker.js", import.meta.url).href,
    minThreads: workers,
    maxThreads: workers,
  });
  return {
    run: async (trial, leftMs) => {
      // A worker that is still starting gets to it late. JSON has no infinity.
      const endMs = sharedNowMs() + leftMs;
      const task: WorkerTask = leftMs === Infinity ? { names, trial } : { names, trial, endMs };
      const answer = (await pool.run(task)) as WorkerAnswer;
      if ("outcome" in answer) return answer.outcome;
      throw new HarnessError(answer.code, answer.message);
    },
    workers,
    close: () => pool.destroy(),
  };
}
