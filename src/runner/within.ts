/**
 * Waiting with a limit: whatever a system, a client or a nemesis does, it cannot hang the run.
 */
import type { World } from "../world/world.js";

/** Something that may hang, and how long anybody waits for it. */
export interface Bounded<T> {
  readonly what: string;
  readonly action: () => Promise<T>;
  /** In milliseconds of the world's clock. */
  readonly limitMs: number;
}

/**
 * Gives up waiting after the limit. @throws what the action throws, or an `Error` that says what
 * took too long.
 */
export async function within<T>(world: World, { what, action, limitMs }: Bounded<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = world.clock.timer(limitMs, () => {
      reject(new Error(`${what} did not finish within ${limitMs / 1000} s`));
    });
    // What is thrown at once is a rejection too.
    (async () => action())()
      .then(resolve, reject)
      .finally(() => timer.cancel());
  });
}
