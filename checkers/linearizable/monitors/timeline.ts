/**
 * When calls begin and end, in small numbers: monitors keep tables over time, and a part of a long
 * history has few events of it.
 *
 * An operation takes effect in one of the *gaps* from its start up to the one before its end, and
 * those in one gap in any order, so that a choice of gaps, with an order inside each, is all that
 * an order of effect is. There are two ways to number gaps:
 *
 * - by events (`timelineOf`): gap `g` follows event `g`, and no two events have one number;
 * - by moments (`momentsOf`): a moment is a run of invocations and the run of completions after it,
 *   with one gap, between the two. That is enough: whatever is open in another gap of the moment is
 *   open in this one, and to move there changes no order. There are far fewer of them.
 *
 * Either way the operation x ends before y starts exactly when `ends[x] <= starts[y]`.
 */
import type { Meter } from "../meter.js";
import { NEVER, type Calls } from "./monitor.js";

/** When calls start and end. */
export interface Times {
  /** How many gaps there are. */
  readonly length: number;
  /** By call: its first gap, and the one after its last (`NEVER` without completion). */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** The events of all calls in the order of the history. */
export interface Timeline extends Times {
  /** By event: the call that it belongs to. */
  readonly callAt: Int32Array;
}

/** Up to so many events of the history for one of ours, a table over all of them is cheaper. */
const SPARSE = 16;

/** In a key for sorting, the event stands above this many bits of the call. */
const CALLS_SORTED_MAX = 2 ** 22;

/** Numbers the events of calls. O(n), O(n log n) when they lie far apart. @throws LimitReached */
export function timelineOf(calls: Calls, meter: Meter): Timeline {
  const { marks, length, bytes } = marksOf(calls, meter);
  meter.reserve(12 * length);
  const starts = new Int32Array(calls.count);
  const ends = new Int32Array(calls.count).fill(NEVER);
  const callAt = new Int32Array(length);
  let event = 0;
  for (let at = 0; at < marks.length; at++) {
    const mark = marks[at] as number;
    if (mark === 0) continue;
    if (mark > 0) starts[(callAt[event] = mark - 1)] = event;
    else ends[(callAt[event] = ~mark)] = event;
    event++;
  }
  meter.release(bytes);
  return { length, starts, ends, callAt };
}

/** Numbers the moments of calls; as dear as `timelineOf`. @throws LimitReached */
export function momentsOf(calls: Calls, meter: Meter): Times {
  const { marks, bytes } = marksOf(calls, meter);
  meter.reserve(8 * calls.count);
  const starts = new Int32Array(calls.count);
  const ends = new Int32Array(calls.count).fill(NEVER);
  let length = 0;
  let hasEnded = true;
  for (let at = 0; at < marks.length; at++) {
    const mark = marks[at] as number;
    if (mark > 0) {
      if (hasEnded) length++;
      hasEnded = false;
      starts[mark - 1] = length - 1;
    } else if (mark < 0) {
      hasEnded = true;
      ends[~mark] = length;
    }
  }
  meter.release(bytes);
  return { length, starts, ends };
}

/** In the order of events: `c + 1` for the invocation of call `c`, `~c` for its end; or 0. */
interface Marks {
  readonly marks: Int32Array;
  /** How many are not 0. */
  readonly length: number;
  /** What the meter holds for them. */
  readonly bytes: number;
}

function marksOf(calls: Calls, meter: Meter): Marks {
  const { count, invocations, completions } = calls;
  const first = count === 0 ? 0 : (invocations[0] as number);
  let last = first;
  let length = count;
  for (let call = 0; call < count; call++) {
    let end = completions[call] as number;
    if (end === NEVER) end = invocations[call] as number;
    else length++;
    if (end > last) last = end;
  }
  const span = last - first + 1;
  const isSparse = span > SPARSE * length && count < CALLS_SORTED_MAX;
  const bytes = isSparse ? 12 * length : 4 * span;
  meter.reserve(bytes);
  meter.spend(length);
  if (isSparse) return { marks: marksBySorting(calls, length), length, bytes };
  const marks = new Int32Array(span);
  for (let call = 0; call < count; call++) {
    marks[(invocations[call] as number) - first] = call + 1;
    const end = completions[call] as number;
    if (end !== NEVER) marks[end - first] = ~call;
  }
  return { marks, length, bytes };
}

function marksBySorting({ count, invocations, completions }: Calls, length: number): Int32Array {
  const keys = new Float64Array(length);
  let next = 0;
  for (let call = 0; call < count; call++) {
    keys[next++] = (invocations[call] as number) * CALLS_SORTED_MAX + call;
    const end = completions[call] as number;
    if (end !== NEVER) keys[next++] = end * CALLS_SORTED_MAX + call;
  }
  keys.sort();
  const begun = new Uint8Array(count);
  return Int32Array.from(keys, (key) => {
    const call = key % CALLS_SORTED_MAX;
    if (begun[call] === 1) return ~call;
    begun[call] = 1;
    return call + 1;
  });
}
