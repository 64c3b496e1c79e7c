/** Processes for the trials of a campaign, one for each worker. */
import { HarnessError, messageOf } from "../errors.js";
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
  const lost = lostWorkers();
  // Where nobody listens, a worker that ends before its time ends this process.
  pool.on("error", (error: unknown) => lost.tell(error));
  return {
    run: async (trial, leftMs) => {
      // A worker that is still starting gets to it late. JSON has no infinity.
      const endMs = sharedNowMs() + leftMs;
      const task: WorkerTask = leftMs === Infinity ? { names, trial } : { names, trial, endMs };
      const answer = await lost.unless<WorkerAnswer>(pool.run(task));
      if ("outcome" in answer) return answer.outcome;
      throw new HarnessError(answer.code, answer.message);
    },
    workers,
    close: () => pool.destroy(),
  };
}

/** A process has ended that nobody told to; no error when everything is to end. */
export class WorkerLost extends Error {
  override readonly name = "WorkerLost";
}

/** Ctrl-C goes to all processes of a terminal: it should be heard here by then. */
const HEARD_MS = 250;

/**
 * What is told of workers that end before their time. The pool tells it of itself when a worker had
 * nothing to do yet, and what waits for a worker then waits for ever.
 */
function lostWorkers(): {
  readonly tell: (error: unknown) => void;
  /** The answer; or the error, once one of the workers has ended. */
  readonly unless: <T>(answer: Promise<T>) => Promise<T>;
} {
  const waiting = new Set<(error: Error) => void>();
  let ended: WorkerLost | undefined;
  const tell = (error: unknown): void => {
    const end = (): void => {
      ended ??= new WorkerLost(
        `a process that carries out runs has ended: ${messageOf(error)}. Was it killed, or is memory scarce? --workers 1 does without`,
        { cause: error },
      );
      for (const reject of waiting) reject(ended);
    };
    // Signals are heard between timers and immediates, also where the timer comes late.
    setTimeout(() => setImmediate(end), HEARD_MS);
  };
  return {
    tell,
    unless: async <T>(answer: Promise<T>): Promise<T> => {
      if (ended !== undefined) throw ended;
      let reject: (error: Error) => void = () => undefined;
      const lost = new Promise<never>((_, refuse) => {
        reject = refuse;
      });
      waiting.add(reject);
      const answered = answer.catch(async (error: unknown) => {
        // What a run threw comes as plain data; the pool's own errors tell of its processes.
        if (!(error instanceof Error)) throw thrownThere(error);
        tell(error);
        return lost;
      });
      try {
        return await Promise.race([answered, lost]);
      } finally {
        waiting.delete(reject);
      }
    },
  };
}

function thrownThere(error: unknown): Error {
  const { message, stack } = (error ?? {}) as {
    readonly message?: string;
    readonly stack?: string;
  };
  const there = new Error(message ?? String(error));
  if (stack !== undefined) there.stack = stack;
  return there;
}
