/**
 * Counts what a check costs, and stops it when a limit is reached, from inside the innermost loops.
 *
 * Three limits: time (the budget's clock), memory (bytes of the tables that the search allocates)
 * and work (an abstract unit near one table look-up). Work is what decides between strategies and
 * bounds trials, because unlike time it is the same on every machine: the same history gives the
 * same certificate.
 */
import type { Budget } from "../../src/checker/checker.js";

/** Which limit ended a search. */
export type LimitName = "time" | "memory" | "work";

/** Thrown inside the search and caught by it; never leaves the checker. */
export class LimitReached extends Error {
  readonly limit: LimitName;

  constructor(limit: LimitName) {
    super(`${limit} limit reached`);
    this.limit = limit;
  }
}

/** The clock is read after this many units of work: some tens of microseconds. */
const WORK_BETWEEN_LOOKS = 1 << 11;

/**
 * The share of the memory that tables may take. The rest is for what cannot be counted: what models
 * leave behind until the next collection, tables that were outgrown and are not collected yet, for
 * longer when other programs keep the collector waiting.
 */
const TABLES_SHARE = 13 / 16;
/** What a thread takes beside its tables. */
const THREAD_BYTES = 48 * 2 ** 20;

/** Budget and account of one check. */
export class Meter {
  work = 0;
  bytes = 0;
  bytesMax = 0;
  /** Work at which the present attempt ends. */
  #workLimit = Infinity;
  #nextLook = 0;
  readonly #budget: Budget;
  readonly #startMs: number;
  readonly #bytesLimit: number;

  /** `elapsedMs` of the budget's time have passed already, elsewhere. */
  constructor(budget: Budget, elapsedMs = 0) {
    this.#budget = budget;
    this.#startMs = budget.nowMs() - elapsedMs;
    this.#bytesLimit = TABLES_SHARE * budget.memoryBytes;
  }

  /** What all may take together. */
  get memoryBytes(): number {
    return this.#budget.memoryBytes;
  }

  elapsedMs(): number {
    return this.#budget.nowMs() - this.#startMs;
  }

  /** What a search in another thread may take: all of the time, a share of the memory. */
  share(count: number): { timeMs: number; elapsedMs: number; memoryBytes: number } {
    const { timeMs, memoryBytes } = this.#budget;
    const each = Math.floor((memoryBytes - this.bytes) / count);
    const share = Math.max(each - THREAD_BYTES, Math.floor(each / 2));
    return { timeMs, elapsedMs: this.elapsedMs(), memoryBytes: share };
  }

  /** Counts what was spent elsewhere, with tables of its own. */
  account(spent: { readonly work: number; readonly bytesMax: number }): void {
    this.work += spent.work;
    this.bytesMax = Math.max(this.bytesMax, this.bytes + spent.bytesMax);
  }

  /** Counts work. @throws LimitReached */
  spend(units: number): void {
    this.work += units;
    if (this.work >= this.#nextLook) this.#look();
  }

  /** Ends at once what would take so much work, if that is too much. @throws LimitReached */
  expect(units: number): void {
    if (this.work + units > this.#workLimit) throw new LimitReached("work");
  }

  /** Counts an allocation that is about to be made. @throws LimitReached */
  reserve(bytes: number): void {
    if (this.bytes + bytes > this.#bytesLimit) throw new LimitReached("memory");
    this.bytes += bytes;
    if (this.bytes > this.bytesMax) this.bytesMax = this.bytes;
  }

  /** Counts what has been let go. */
  release(bytes: number): void {
    this.bytes -= bytes;
  }

  /** Runs `attempt` with at most so much more work, inside whatever limit holds already. */
  within<T>(workMax: number, attempt: () => T): T {
    const outer = this.#workLimit;
    this.#workLimit = Math.min(outer, this.work + workMax);
    this.#nextLook = Math.min(this.#nextLook, this.#workLimit);
    try {
      return attempt();
    } finally {
      this.#workLimit = outer;
    }
  }

  /** Looks at every limit now. @throws LimitReached */
  check(): void {
    this.#look();
  }

  #look(): void {
    if (this.#budget.nowMs() - this.#startMs >= this.#budget.timeMs) throw new LimitReached("time");
    if (this.work >= this.#workLimit) throw new LimitReached("work");
    this.#nextLook = Math.min(this.work + WORK_BETWEEN_LOOKS, this.#workLimit);
  }
}
