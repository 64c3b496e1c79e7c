/**
 * Rejections that nobody handles, while worlds run. In a real deployment they end the process that
 * they happen in, so the simulation must learn of them and end the node instead of the harness. The
 * process-wide handlers of others are set aside as long as a world runs, and are put back after it.
 */

/** One world's interest in rejections. */
export interface RejectionWatch {
  /** Says that what runs from now on belongs to this world. */
  mark(): void;
  /** Idempotent. */
  stop(): void;
}

type Tell = (error: unknown) => void;

/**
 * Worlds may take turns in one process; the one that ran last is the one that a rejection belongs
 * to.
 */
let running = 0;
let active: Tell | undefined;
let others: NodeJS.UnhandledRejectionListener[] = [];

/** Calls back for each rejection that nobody handled, until it is stopped. */
export function watchRejections(tell: Tell): RejectionWatch {
  if (running++ === 0) {
    others = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", tellActive);
  }
  let watching = true;
  return {
    mark: () => {
      active = tell;
    },
    stop: () => {
      if (!watching) return;
      watching = false;
      if (active === tell) active = undefined;
      if (--running > 0) return;
      process.off("unhandledRejection", tellActive);
      for (const listener of others) process.on("unhandledRejection", listener);
      others = [];
    },
  };
}

function tellActive(error: unknown, promise: Promise<unknown>): void {
  if (active !== undefined) active(error);
  else for (const listener of others) listener(error, promise);
}
