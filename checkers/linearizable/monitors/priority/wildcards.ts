/**
 * Which left elements of a priority queue the indeterminate removals got: a guess that the coverage
 * then has to bear out.
 *
 * An element must have been removed before the first completion of a head of lower priority, or of
 * an observation of emptiness, that begins when the element is in the queue for certain: its
 * deadline. Without one it may stay. By ascending deadline each takes the last wildcard that began
 * before its `insertEnd`, with which it covers nothing, else the first one after that. Whatever has
 * begun by a deadline has begun by every later one, so that no element with a later deadline misses
 * what this one took. O(n log n).
 */
import { NONE } from "../../../../src/history/history.js";
import { NEVER } from "../monitor.js";
import type { Given } from "./coverage.js";

/** By element: the wildcard that gets it, or `NONE`. */
export function assignWildcards(given: Given): Int32Array {
  const { elements, timeline } = given;
  const { starts } = timeline;
  const { insertEnds, wildcards } = elements;
  const deadlines = deadlinesOf(given);
  const lefts = [...deadlines.keys()].sort(
    (a, b) => (deadlines.get(a) as number) - (deadlines.get(b) as number),
  );
  const taken = new Int32Array(elements.count).fill(NONE);
  const count = wildcards.length;
  const free = new Uint8Array(count).fill(1);
  // Wildcards may be many only when operations are: a jump over taken ones keeps this linear.
  const down = Int32Array.from({ length: count + 1 }, (_, place) => place);
  const up = Int32Array.from(down);
  for (const element of lefts) {
    const bound = insertEnds[element] as number;
    const later = firstAfter(wildcards, starts, bound);
    let place = root(down, later) - 1;
    if (place < 0) place = root(up, later);
    if (place >= count || free[place] === 0) continue;
    if ((starts[wildcards[place] as number] as number) > (deadlines.get(element) as number))
      continue;
    free[place] = 0;
    down[place + 1] = place;
    up[place] = place + 1;
    taken[element] = wildcards[place] as number;
  }
  return taken;
}

/** The deadlines of left elements that have one. */
function deadlinesOf({ elements, ranked, timeline }: Given): Map<number, number> {
  const { starts, ends, length } = timeline;
  const { dropped, empties, firstPeek, insertEnds, nextPeek, removes } = elements;
  const { byRank, ranks } = ranked;
  /** Fenwick tree over starts, the last first: the first end among those that start later. */
  const tree = new Int32Array(length + 1).fill(NEVER);
  const add = (call: number): void => {
    const end = ends[call] as number;
    for (let at = length - (starts[call] as number); at <= length; at += at & -at) {
      if (end < (tree[at] as number)) tree[at] = end;
    }
  };
  const firstEndFrom = (start: number): number => {
    let first = NEVER;
    for (let at = length - start; at > 0; at -= at & -at)
      first = Math.min(first, tree[at] as number);
    return first;
  };
  for (const call of empties) add(call);
  const deadlines = new Map<number, number>();
  for (let end = byRank.length; end > 0;) {
    const rank = ranks[byRank[end - 1] as number];
    let start = end;
    while (start > 0 && ranks[byRank[start - 1] as number] === rank) start--;
    for (let place = start; place < end; place++) {
      const element = byRank[place] as number;
      if (removes[element] !== NONE || dropped[element] === 1) continue;
      const deadline = firstEndFrom(insertEnds[element] as number);
      if (deadline !== NEVER) deadlines.set(element, deadline);
    }
    for (let place = start; place < end; place++) {
      const element = byRank[place] as number;
      if (removes[element] !== NONE) add(removes[element] as number);
      let peek = firstPeek[element] as number;
      for (; peek !== NONE; peek = nextPeek[peek] as number) add(peek);
    }
    end = start;
  }
  return deadlines;
}

/** The place of the first wildcard that starts after the event. */
function firstAfter(wildcards: readonly number[], starts: Int32Array, event: number): number {
  let low = 0;
  let high = wildcards.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((starts[wildcards[middle] as number] as number) > event) high = middle;
    else low = middle + 1;
  }
  return low;
}

function root(parents: Int32Array, from: number): number {
  let at = from;
  while (parents[at] !== at) {
    parents[at] = parents[parents[at] as number] as number;
    at = parents[at] as number;
  }
  return at;
}
