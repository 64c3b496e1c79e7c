/** What is asked of an exploration, and what comes of it. */
import type { History } from "../history/history.js";
import type { Verdict } from "../verdict/verdict.js";
import type { CarryOut } from "./errands.js";
import type { ExecutionParts } from "./execution.js";
import type { KnownStates } from "./known-states.js";
import type { Reduction } from "./search.js";

/** What is explored, and for how long. */
export interface ExploreOptions extends ExecutionParts {
  /**
   * What is left out. Default: `states` where all nodes say what is in their memories, and there is
   * no bound of delays, else `races`.
   */
  readonly reduction?: Reduction;
  /**
   * Bounds of delays, each searched for itself until one keeps nothing out. What needs few unusual
   * orders is found in the first ones. Default: that of the bounds. Without meaning for `states`.
   */
  readonly rounds?: readonly number[];
  /** At most so many executions are begun. Default: no limit. */
  readonly executions?: number;
  /** None is begun after so many milliseconds. Default: no limit. */
  readonly timeMs?: number;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** Ends at the first of so many different kinds of violation. Default 1. */
  readonly violations?: number;
  /** Ends it when aborted, with what was covered by then. */
  readonly signal?: AbortSignal;
  readonly onExecution?: (soFar: ExploreResult) => void;
  /**
   * Makes threads for a search through states, once it is seen to be long. Default: all happens in
   * this one. Whoever gives them closes them.
   */
  readonly openThreads?: () => Promise<ErrandThreads>;
}

/** Threads that carry out errands. */
export interface ErrandThreads {
  readonly carryOut: CarryOut;
  /** Told of states that need not be looked at again. */
  readonly known: KnownStates;
}

/** An execution that broke the promise. */
export interface FoundViolation {
  /** What was chosen; see `ChosenOrder`. */
  readonly choices: readonly string[];
  readonly history: History;
  readonly verdict: Verdict;
  /** How many executions had been begun by then, this one included. */
  readonly after: number;
}

/** A search with a bound of delays. */
export interface Round {
  /** Infinity for all orders. */
  readonly delays: number;
  readonly complete: boolean;
  readonly share: number;
  readonly executions: number;
}

/** What was covered, and what was found. */
export interface ExploreResult {
  readonly reduction: Reduction;
  /** Whether the last round tried everything within its bounds, and cut nothing short. */
  readonly complete: boolean;
  /** The share of the last round that was gone through, 0 to 1; an estimate below 1. */
  readonly share: number;
  /** One after the other; the last may have been ended. */
  readonly rounds: readonly Round[];
  /** States that were reached, where states are compared; else 0. */
  readonly states: number;
  /** Executions that were begun. */
  readonly executions: number;
  /** Of these, those that were given up because others show the same. */
  readonly redundant: number;
  /** Of these, those that were longer than the bound of steps. */
  readonly cutShort: number;
  /** Of the last round: events that could have come next somewhere, and were not tried there. */
  readonly leftOut: number;
  readonly steps: number;
  /** The steps of the longest execution. */
  readonly longest: number;
  /** Histories that clients could tell apart; each was judged once. */
  readonly histories: number;
  readonly valid: number;
  /** Of which the checker could not say anything, though operations succeeded. */
  readonly unknown: number;
  readonly invalid: number;
  /** In which no operation succeeded, so that the checker had nothing to go by. */
  readonly empty: number;
  /** Why the first history of which nothing is known is so. */
  readonly unknownReason?: string;
  readonly elapsedMs: number;
  /** The first violation of each kind. */
  readonly violations: readonly FoundViolation[];
}
