/**
 * The port of online checks: a checker that follows a history while it grows, and says as soon as
 * it can that no way of going on will make it right. It only ever refutes: what it found is final,
 * what it did not find proves nothing, and the verdict of a run is always that of the whole check.
 *
 * Like checkers, online checks are pure: the same events and the same looks give the same answers,
 * whatever the time, so that a simulated run that one of them stops replays.
 */
import type { HistoryEvent } from "../history/operation.js";
import type { Value } from "../history/value.js";

/** A history under observation. */
export interface OnlineCheck {
  /** Takes the next event of the history. Cheap: the work is done by `look`. */
  take(event: HistoryEvent): void;
  /** Looks at what came since the last look; once there is a finding it stays. */
  look(): OnlineFinding | undefined;
  /** What is not watched any more, and why, in sentences; empty as long as everything is. */
  readonly gaps: readonly string[];
  /** Bytes that are held from one look to the next, as far as they are counted. */
  readonly bytes: number;
  /** What it cost so far, near one table look-up a unit; the same on every machine. */
  readonly work: number;
}

/** The history is not right, and no longer can be. */
export interface OnlineFinding {
  /** Index of the first event with which it cannot: the history up to it is `invalid`. */
  readonly event: number;
  /** The part of the model (the key) that it is about; null where there are no parts. */
  readonly part: Value;
  /** One sentence in plain words. */
  readonly reason: string;
}
