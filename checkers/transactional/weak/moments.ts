/**
 * The order of real time in linear space (time-edges.ts): a moment stands between each run of
 * completions and the invocations after it. Who completed leads to the moment after it, a moment
 * to the next, and to whoever was invoked before that.
 */
import { INVOKE, NONE, OK } from "../../../src/history/history.js";
import type { Transactions } from "../layout.js";

/** Moments, numbered in time. */
export interface Moments {
  readonly count: number;
  /** Transaction → the last moment before it was invoked, or `NONE`. */
  readonly before: Int32Array;
  /** Transaction → the moment after it completed, or `NONE`. */
  readonly after: Int32Array;
  /** Transactions that completed `ok`, in the order in which they did. */
  readonly ended: Int32Array;
}

/** Moments between the transactions that happened. O(events). */
export function momentsOf(
  { history, count, invocations, completions, outcomes }: Transactions,
  happened: Uint8Array,
): Moments {
  /** Event → its transaction. */
  const numbers = new Int32Array(history.length).fill(NONE);
  for (let each = 0; each < count; each++) {
    if (happened[each] === 0) continue;
    numbers[invocations[each] as number] = each;
    if (outcomes[each] === OK) numbers[completions[each] as number] = each;
  }
  const before = new Int32Array(count).fill(NONE);
  const after = new Int32Array(count).fill(NONE);
  const ended = new Int32Array(count);
  let endedCount = 0;
  let moments = 0;
  let isOpen = false;
  for (let event = 0; event < history.length; event++) {
    const each = numbers[event] as number;
    if (each === NONE) continue;
    if (history.types[event] === INVOKE) {
      before[each] = moments - 1;
      isOpen = false;
      continue;
    }
    if (!isOpen) moments++;
    isOpen = true;
    after[each] = moments - 1;
    ended[endedCount++] = each;
  }
  return { count: moments, before, after, ended: ended.slice(0, endedCount) };
}
