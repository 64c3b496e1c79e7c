/**
 * The budget of a checker that goes over the history a few times: it looks at the clock now and
 * then, and counts what its tables take.
 */
import type { Budget } from "../../src/checker/checker.js";

/** Thrown by `Limits` and caught by `checkerOf`; never leaves a checker. */
export class LimitReached extends Error {
  readonly limit: "time" | "memory";

  constructor(limit: "time" | "memory") {
    super(`${limit} limit reached`);
    this.limit = limit;
  }
}

/** Time and memory of one check. */
export class Limits {
  bytes = 0;
  readonly #budget: Budget;
  readonly #startMs: number;

  constructor(budget: Budget) {
    this.#budget = budget;
    this.#startMs = budget.nowMs();
  }

  elapsedMs(): number {
    return this.#budget.nowMs() - this.#startMs;
  }

  /** Between two passes, or every some thousand steps. @throws LimitReached */
  check(): void {
    if (this.elapsedMs() >= this.#budget.timeMs) throw new LimitReached("time");
  }

  /** Counts tables that are about to be made. @throws LimitReached */
  hold(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes > this.#budget.memoryBytes) throw new LimitReached("memory");
  }
}
