/**
 * One signal made of several. `AbortSignal.any` does the same, but Node keeps such a signal, and
 * all that listens to it, for as long as nothing aborts it: after thousands of runs that is
 * everything that they were made of.
 */

/** A signal that is to be let go of. */
export interface EitherSignal {
  readonly signal: AbortSignal;
  /** Listens no longer to those that it was made of; idempotent. */
  readonly release: () => void;
}

/** Aborted as soon as one of these is. */
export function eitherOf(signals: readonly AbortSignal[]): EitherSignal {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  for (const signal of signals) {
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  }
  return {
    signal: controller.signal,
    release: () => {
      for (const signal of signals) signal.removeEventListener("abort", abort);
    },
  };
}
