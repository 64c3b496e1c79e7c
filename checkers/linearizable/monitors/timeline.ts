/**
 * The events of some calls, numbered from 0 without gaps: monitors keep tables over time, and a
 * part of a long history has few events of it.
 *
 * Between events are *gaps*: gap `g` follows event `g`. An operation takes effect in one of the
 * gaps from its invocation up to the one before its completion, and those in one gap in any order,
 * so that a choice of gaps, with an order inside each, is all that an order of effect is.
 */
import type { Meter } from "../meter.js";
import { NEVER, type Calls } from "./monitor.js";

/** The events of all calls in the order of the history. */
export interface Timeline {
  /** How many events. */
  readonly length: number;
  /** By call: the number of its invocation, and of its completion (`NEVER` without one). */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** By event: the call that it belongs to. */
  readonly callAt: Int32Array;
}

/** Up to so many events of the history for one of ours, a table over all of them is cheaper. */
const SPARSE = 16;

/** In a key for sorting, the event stands above this many bits of the call. */
const CALLS_SORTED_MAX = 2 ** 22;

/** Numbers the events of calls. O(n), O(n log n) when they lie far apart. @throws LimitReached */
export function timelineOf(calls: Calls, meter: Meter): Timeline {
  const { count, invocations, completions } = calls;
  const first = count === 0 ? 0 : (invocations[0] as number);
  let last = first;
  let length = count;
  for (let call = 0; call < count; call++) {
    const end = completions[call] as number;
    if (end !== NEVER) length++;
    last = Math.max(last, end === NEVER ? (invocations[call] as number) : end);
  }
  const span = last - first + 1;
  const isSparse = span > SPARSE * length && count < CALLS_SORTED_MAX;
  meter.reserve((isSparse ? 8 * length : 4 * span) + 12 * length);
  meter.spend(length);
  const callAt = isSparse
    ? callsBySorting(calls, length)
    : callsByMarking(calls, { first, span, length });
  const starts = new Int32Array(count);
  const ends = new Int32Array(count).fill(NEVER);
  const begun = new Uint8Array(count);
  for (let event = 0; event < length; event++) {
    const call = callAt[event] as number;
    if (begun[call] === 0) starts[call] = event;
    else ends[call] = event;
    begun[call] = 1;
  }
  meter.release(isSparse ? 8 * length : 4 * span);
  return { length, starts, ends, callAt };
}

function callsByMarking(
  { count, invocations, completions }: Calls,
  { first, span, length }: { first: number; span: number; length: number },
): Int32Array {
  const marks = new Int32Array(span);
  for (let call = 0; call < count; call++) {
    marks[(invocations[call] as number) - first] = call + 1;
    const end = completions[call] as number;
    if (end !== NEVER) marks[end - first] = call + 1;
  }
  const callAt = new Int32Array(length);
  let next = 0;
  for (const mark of marks) if (mark !== 0) callAt[next++] = mark - 1;
  return callAt;
}

function callsBySorting({ count, invocations, completions }: Calls, length: number): Int32Array {
  const keys = new Float64Array(length);
  let next = 0;
  for (let call = 0; call < count; call++) {
    keys[next++] = (invocations[call] as number) * CALLS_SORTED_MAX + call;
    const end = completions[call] as number;
    if (end !== NEVER) keys[next++] = end * CALLS_SORTED_MAX + call;
  }
  keys.sort();
  return Int32Array.from(keys, (key) => key % CALLS_SORTED_MAX);
}
