/**
 * Bounds of the smallest k of a key: from below by writes that certainly lie between a write and
 * one of its reads, from above by orders that are easy to find.
 */
import { NONE } from "../../src/history/history.js";
import type { Group } from "./group.js";

/** A read with the number of writes that lie between it and what it saw in every order. */
export interface CertainlyBehind {
  readonly read: number;
  readonly count: number;
}

/**
 * The read that is certainly the most writes behind: all that began after its own write ended, and
 * ended before it began. O(n log n), by a Fenwick tree over writes in the order of their starts.
 */
export function mostBehind(group: Group): CertainlyBehind | undefined {
  const { starts, ends, reads, readStarts, readWrites, byEnd } = group;
  const count = starts.length;
  const tree = new Int32Array(count + 1);
  /** Of the writes that ended so far: how many have a number below this. */
  const below = (write: number): number => {
    let sum = 0;
    for (let at = write; at > 0; at -= at & -at) sum += tree[at] as number;
    return sum;
  };
  let ended = 0;
  let most: CertainlyBehind | undefined;
  for (let read = 0; read < reads.length; read++) {
    for (; ended < count; ended++) {
      const write = byEnd[ended] as number;
      if ((ends[write] as number) > (readStarts[read] as number)) break;
      for (let at = write + 1; at <= count; at += at & -at) (tree[at] as number)++;
    }
    const first = firstStartingAfter(starts, ends[readWrites[read] as number] as number);
    const behind = ended - below(first);
    if (behind > 0 && behind > (most?.count ?? 0)) most = { read, count: behind };
  }
  return most;
}

/** The writes that `mostBehind` counted for a read, at most so many. */
export function writesBetween(group: Group, read: number, countMax: number): number[] {
  const { starts, ends, readStarts, readWrites } = group;
  const found: number[] = [];
  const after = ends[readWrites[read] as number] as number;
  for (let write = firstStartingAfter(starts, after); write < starts.length; write++) {
    if (found.length === countMax) break;
    if ((ends[write] as number) < (readStarts[read] as number)) found.push(write);
  }
  return found;
}

/** Writes are numbered in the order of their starts. */
function firstStartingAfter(starts: Int32Array, place: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] as number) > place) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** An order of the accesses of a group, in which no read is more than k - 1 writes behind. */
export interface Placing {
  readonly k: number;
  readonly accesses: Int32Array;
}

/** The best of some orders: writes by start, by end, and by zone. O(n log n). */
export function easyOrder(group: Group): Placing {
  const { starts, ends, readWrites, readStarts, byEnd } = group;
  const lastStarts = starts.slice();
  readWrites.forEach((write, read) => {
    lastStarts[write] = Math.max(lastStarts[write] as number, readStarts[read] as number);
  });
  const byStart = byEnd.toSorted((a, b) => a - b);
  const key = (write: number): number =>
    Math.min(ends[write] as number, lastStarts[write] as number);
  const byZone = byEnd.toSorted((a, b) => key(a) - key(b));
  let best: Int32Array = byStart;
  for (const order of [byEnd, byZone]) {
    if (mostStale(group, order) < mostStale(group, best)) best = order;
  }
  return { k: mostStale(group, best), accesses: accessesInOrder(group, best) };
}

/** The k of an order of writes that respects real time, each read as far to the front as it can. */
function mostStale(group: Group, order: Int32Array): number {
  let k = 1;
  eachPlaced(group, order, (_, behind) => {
    if (behind >= k) k = behind + 1;
  });
  return k;
}

/**
 * A read has to come after its own write, and after all that ended before it began. What is before
 * it because of other reads ended before these began, and so before it: nothing more has to be.
 */
function eachPlaced(
  { starts, ends, reads, readStarts, readWrites, byEnd }: Group,
  order: Int32Array,
  visit: (read: number, behind: number, place: number) => void,
): void {
  const places = new Int32Array(starts.length);
  order.forEach((write, place) => (places[write] = place));
  let ended = 0;
  let latest = -1;
  for (let read = 0; read < reads.length; read++) {
    for (; ended < byEnd.length; ended++) {
      const write = byEnd[ended] as number;
      if ((ends[write] as number) > (readStarts[read] as number)) break;
      latest = Math.max(latest, places[write] as number);
    }
    const own = places[readWrites[read] as number] as number;
    visit(read, Math.max(own, latest) - own, Math.max(own, latest));
  }
}

function accessesInOrder(group: Group, order: Int32Array): Int32Array {
  const { writes, reads } = group;
  const after: Int32Array = new Int32Array(order.length + 1);
  const placeOf = new Int32Array(reads.length);
  eachPlaced(group, order, (read, _, place) => {
    placeOf[read] = place;
    (after[place + 1] as number)++;
  });
  // Where each write stands: writes and reads before it.
  for (let place = 0; place < order.length; place++) {
    (after[place + 1] as number) += (after[place] as number) + 1;
  }
  const accesses = new Int32Array(order.length + reads.length);
  const next = new Int32Array(order.length);
  order.forEach((write, place) => {
    accesses[after[place] as number] = writes[write] as number;
    next[place] = (after[place] as number) + 1;
  });
  reads.forEach((access, read) => {
    accesses[(next[placeOf[read] as number] as number)++] = access;
  });
  return accesses.filter((access) => access !== NONE);
}
