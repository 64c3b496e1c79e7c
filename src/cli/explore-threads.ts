/** Threads for the errands of an exploration, one for each worker. */
import { availableParallelism } from "node:os";
import { HarnessError } from "../errors.js";
import type { Answer } from "../explore/errands.js";
import type { Explored } from "../explore/execution.js";
import type { ErrandThreads } from "../explore/explore-result.js";
import { KnownStates } from "../explore/known-states.js";
import type { Errand } from "../explore/path.js";
import type { Names } from "./plan.js";

/** What a thread is told at its start. */
export interface ExploreThreadData extends Names, Explored {
  readonly known: SharedArrayBuffer;
}

/** What a thread answers: an error loses its kind on the way. */
export type ThreadAnswer =
  | { readonly answers: readonly Answer[] }
  | { readonly code: HarnessError["code"]; readonly message: string };

/** Threads that are not there yet. */
export interface ExploreThreads {
  readonly open: () => Promise<ErrandThreads>;
  close(): Promise<void>;
}

/** Errands that a thread gets at once: it costs more to hand over one than to carry it out. */
const TOGETHER = 8;

/** Prepares threads; undefined for one worker, or where there are none. */
export function createExploreThreads(
  names: Names & Explored,
  workers: number = availableParallelism(),
): ExploreThreads | undefined {
  // Run from the sources: the program of a thread is not beside this file.
  if (workers <= 1 || !import.meta.url.endsWith("/explore-threads.js")) return undefined;
  let close: () => Promise<void> = async () => undefined;
  return {
    open: async () => {
      const { Tinypool } = await import("tinypool");
      const known = new KnownStates();
      const pool = new Tinypool({
        filename: new URL("./explore-thread.js", import.meta.url).href,
        minThreads: workers,
        maxThreads: workers,
        workerData: { ...names, known: known.shared } satisfies ExploreThreadData,
      });
      close = () => pool.destroy();
      return {
        known,
        carryOut: async (errands) => {
          const parts = Array.from({ length: Math.ceil(errands.length / TOGETHER) }, (_, index) =>
            errands.slice(index * TOGETHER, (index + 1) * TOGETHER),
          );
          const answers: ThreadAnswer[] = await Promise.all(
            parts.map((part: readonly Errand[]): Promise<ThreadAnswer> => pool.run(part)),
          );
          return answers.flatMap((answer) => {
            if ("answers" in answer) return answer.answers;
            throw new HarnessError(answer.code, answer.message);
          });
        },
      };
    },
    close: () => close(),
  };
}
