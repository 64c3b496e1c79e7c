/** Threads for the trials of a campaign, one for each worker. */
import { runTrial } from "../campaign/run-trial.js";
import type { RunTrial, TrialOutcome } from "../campaign/trial.js";
import { trialPartsOf } from "./campaign-parts.js";
import type { Names } from "./plan.js";

/** Carries out trials; to be closed. */
export interface TrialPool {
  readonly run: RunTrial;
  readonly workers: number;
  close(): Promise<void>;
}

/** Makes the threads; with one worker, or where there are no threads, all happens in this one. */
export async function openTrialPool(names: Names, workers: number): Promise<TrialPool> {
  // Run from the sources: the program of a thread is not beside this file.
  if (workers === 1 || !import.meta.url.endsWith("/campaign-threads.js")) {
    const parts = await trialPartsOf(names);
    return {
      run: (trial) => runTrial(trial, parts),
      workers: 1,
      close: async () => undefined,
    };
  }
  const { Tinypool } = await import("tinypool");
  const pool = new Tinypool({
    filename: new URL("./campaign-thread.js", import.meta.url).href,
    minThreads: workers,
    maxThreads: workers,
    workerData: names,
  });
  return {
    run: (trial): Promise<TrialOutcome> => pool.run(trial),
    workers,
    close: () => pool.destroy(),
  };
}
