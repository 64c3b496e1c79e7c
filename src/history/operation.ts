/**
 * The words of a history: one event of one process, and the operation that two events make.
 */
import type { Value } from "./value.js";

/**
 * What an event says. `ok`: it happened. `fail`: it certainly did not happen. `info`: nobody knows
 * (a time-out, a lost connection); it may take effect at any later time, or never.
 */
export type EventType = "invoke" | "ok" | "fail" | "info";

/** A logical single-threaded client (0, 1, 2 …), or the nemesis. */
export type Process = number | "nemesis";

/** One event, as a line of a history file holds it. */
export interface HistoryEvent {
  /** Position in the history, from 0, without gaps. */
  readonly index: number;
  /** Nanoseconds since the start of the run. */
  readonly timeNs: number;
  readonly type: EventType;
  readonly process: Process;
  /** The function: `read`, `write`, `cas`, … */
  readonly f: string;
  /** The key that the operation is about, where the data has keys. */
  readonly key?: Value;
  /** The argument on an invocation, the result on a completion. */
  readonly value: Value;
  /** Why a `fail` or `info` came about. */
  readonly error?: Value;
}

/** How an operation ended; `info` also when no completion was ever recorded. */
export type Outcome = "ok" | "fail" | "info";

/**
 * An invocation and its completion as one thing: what checkers and models reason about.
 * It is named by the index of its invocation event.
 */
export interface Operation {
  /** Index of the invocation event. */
  readonly invocation: number;
  /** Index of the completion event; undefined when none was recorded. */
  readonly completion: number | undefined;
  readonly process: Process;
  readonly f: string;
  readonly key: Value | undefined;
  /** The value of the invocation. */
  readonly input: Value;
  /** The value of the completion; undefined unless `outcome` is `ok` or `fail`. */
  readonly output: Value | undefined;
  readonly outcome: Outcome;
  readonly error: Value | undefined;
  readonly invokedNs: number;
  /** Infinity when the outcome is `info`. */
  readonly completedNs: number;
}
