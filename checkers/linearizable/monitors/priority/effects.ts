/**
 * From gaps to an order of effect of a priority queue.
 *
 * Inside one gap, in this order:
 *
 * 1. from the highest priority down, what happens to elements that were there before the gap
 *    (peeks, the removal), and all about those that come and go in it: whatever is higher and was
 *    there has left by then, for a head happens only in a gap that no higher element covers;
 * 2. what found the queue empty;
 * 3. from the lowest priority up, the inserts of elements that stay beyond the gap, each followed
 *    by its peeks in it: nothing higher has come yet.
 */
import { NONE } from "../../../../src/history/history.js";
import type { Coverage, Given } from "./coverage.js";

const LEAVING = 0;
const EMPTY = 1;
const COMING = 2;
const PHASES = 3;

/** An order of effect that has everything in its gap. O(n). */
export function orderOfEffect(given: Given, coverage: Coverage): Int32Array {
  const { calls, elements, ranked, times } = given;
  const { from, to, gaps, removes } = coverage;
  const { count, dropped, empties, firstPeek, inserts, nextPeek } = elements;
  const { length } = times;
  /** By call: 1 + gap and phase in one, 0 for those that do not happen. */
  const slots = new Int32Array(calls.count);
  const put = (call: number, gap: number, phase: number): void => {
    slots[call] = 1 + PHASES * gap + phase;
  };
  for (let element = 0; element < count; element++) {
    if (dropped[element] === 1) continue;
    const end = to[element] as number;
    const start = Math.min(from[element] as number, end);
    const comes = start < end ? COMING : LEAVING;
    put(inserts[element] as number, start, comes);
    for (let call = firstPeek[element] as number; call !== NONE; call = nextPeek[call] as number) {
      const gap = gaps[call] as number;
      put(call, gap, gap === start ? comes : LEAVING);
    }
    if (removes[element] !== NONE && end < length) put(removes[element] as number, end, LEAVING);
  }
  for (const call of empties) put(call, gaps[call] as number, EMPTY);

  const ends = new Int32Array(PHASES * length + 2);
  let happened = 0;
  for (const slot of slots) {
    if (slot === 0) continue;
    ends[slot] = (ends[slot] as number) + 1;
    happened++;
  }
  for (let slot = 1; slot < ends.length; slot++) {
    ends[slot] = (ends[slot] as number) + (ends[slot - 1] as number);
  }
  const order = new Int32Array(happened);
  const happen = (call: number, phase: number): void => {
    const slot = (slots[call] as number) - 1;
    if (slot < 0 || slot % PHASES !== phase) return;
    const place = ends[slot] as number;
    order[place] = call;
    ends[slot] = place + 1;
  };
  const happenAll = (element: number, phase: number): void => {
    happen(inserts[element] as number, phase);
    for (let call = firstPeek[element] as number; call !== NONE; call = nextPeek[call] as number) {
      happen(call, phase);
    }
    if (removes[element] !== NONE) happen(removes[element] as number, phase);
  };
  const { byRank } = ranked;
  for (let place = 0; place < count; place++) happenAll(byRank[place] as number, LEAVING);
  for (const call of empties) happen(call, EMPTY);
  for (let place = count - 1; place >= 0; place--) happenAll(byRank[place] as number, COMING);
  return order;
}
