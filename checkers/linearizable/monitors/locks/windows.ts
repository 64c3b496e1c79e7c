/**
 * Between which events each call of a lock takes effect, and the orders by these events. At first
 * from its invocation to its completion; what is known of tokens makes windows narrower.
 */
import { INFO } from "../../../../src/history/history.js";
import { sortedByKey } from "../event-order.js";
import type { Calls } from "../monitor.js";

/** Windows of calls. */
export interface Windows {
  /** By call: the events that it takes effect between; an end is `NEVER` when it is open. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** All calls by their start. */
  readonly byStart: Int32Array;
  /** Completed calls by their end. */
  readonly byEnd: Int32Array;
  /** By call: its place in that order; indeterminate ones stand behind. */
  readonly ranks: Int32Array;
}

/** Bytes of the tables here, an operation. */
export const BYTES_OF_WINDOWS: number = 4 * 9;

/** The windows that real time gives. O(n) for a part that is most of a history. */
export function windowsOf({ count, invocations, completions, outcomes }: Calls): Windows {
  const calls = Int32Array.from({ length: count }, (_, call) => call);
  const completed = calls.filter((call) => outcomes[call] !== INFO);
  return orderedWindows({ starts: invocations, ends: completions, byStart: calls }, completed);
}

/** Windows in order; those that end together, as they stand in `completed`. */
export function orderedWindows(
  given: Pick<Windows, "starts" | "ends" | "byStart">,
  completed: Int32Array,
): Windows {
  const { starts, ends } = given;
  const byEnd = sortedByKey(completed.map((call) => ends[call] as number));
  for (let place = 0; place < byEnd.length; place++) {
    byEnd[place] = completed[byEnd[place] as number] as number;
  }
  const ranks = new Int32Array(starts.length);
  // Behind all that completed, in the order of the calls.
  for (let call = 0; call < ranks.length; call++) ranks[call] = byEnd.length + call;
  for (let place = 0; place < byEnd.length; place++) ranks[byEnd[place] as number] = place;
  return { ...given, byEnd, ranks };
}
