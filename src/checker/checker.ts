/**
 * The port of checkers: pure functions from a history to a verdict. A checker reads no clock but
 * its budget's, no file and no random number.
 */
import type { History } from "../history/history.js";
import type { Verdict } from "../verdict/verdict.js";
import type { OnlineCheck } from "./online-checker.js";

/** Judges histories by one criterion. */
export interface Checker {
  readonly name: string;
  /** One line for `ordeal list`. */
  readonly description: string;
  check(history: History, budget: Budget): Verdict | Promise<Verdict>;
  /** Begins to follow a history while it grows; for checkers that can, see there. */
  follow?(budget: Budget): OnlineCheck;
}

/** What a check may cost. A checker that reaches a limit answers `unknown`. */
export interface Budget {
  /** Milliseconds that may pass on `nowMs` from the call of `check`; Infinity for no limit. */
  readonly timeMs: number;
  /** Bytes that the checker may allocate for its search; Infinity for no limit. */
  readonly memoryBytes: number;
  /** The only clock that a checker may read; monotonic. */
  nowMs(): number;
}

/** The defaults of the CLI: a minute, and 2 GiB. */
export const DEFAULT_TIME_MS = 60_000;
export const DEFAULT_MEMORY_BYTES: number = 2 * 1024 ** 3;

/** A budget on the process's monotonic clock. */
export function createBudget(
  limits: { readonly timeMs?: number; readonly memoryBytes?: number } = {},
): Budget {
  return {
    timeMs: limits.timeMs ?? DEFAULT_TIME_MS,
    memoryBytes: limits.memoryBytes ?? DEFAULT_MEMORY_BYTES,
    nowMs: () => performance.now(),
  };
}
