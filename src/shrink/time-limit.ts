/**
 * A limit of time for simulated runs. Such a run takes the one thread that there is and hears no
 * timer, so that it is at its messages that the clock is looked at.
 */
import { DEFAULT_TIME_MS, createBudget, type Budget } from "../checker/checker.js";

/** The clock is looked at every so many messages. */
const LOOK_EVERY = 64;

const CLOCK = createBudget();

/** Ends runs, one at a time, when the time of all of them is over. */
export class TimeLimit {
  readonly #endMs: number;
  readonly #nowMs: () => number;
  #ending = new AbortController();
  #messages = 0;

  constructor(timeMs: number, nowMs: () => number = () => CLOCK.nowMs()) {
    this.#nowMs = nowMs;
    this.#endMs = nowMs() + timeMs;
  }

  /** What is left, in milliseconds; at least 0. */
  get leftMs(): number {
    return Math.max(0, this.#endMs - this.#nowMs());
  }

  /** For the next run: aborted when the time is over. */
  begin(): AbortSignal {
    this.#ending = new AbortController();
    if (this.leftMs === 0) this.end();
    return this.#ending.signal;
  }

  /** Ends the run that was begun, for another reason. */
  end(): void {
    this.#ending.abort();
  }

  /** To be told of each message of the run. */
  onMessage(): void {
    if (++this.#messages % LOOK_EVERY === 0 && this.leftMs === 0) this.end();
  }

  /** For the check of a run: it ends with the time of all, and takes no longer than this. */
  budget(timeMs: number = DEFAULT_TIME_MS): Budget {
    const leftMs = (): number => Math.max(1, Math.min(timeMs, this.leftMs));
    return {
      memoryBytes: CLOCK.memoryBytes,
      nowMs: () => CLOCK.nowMs(),
      // Asked when the check begins, which is long after this.
      get timeMs() {
        return leftMs();
      },
    };
  }
}
