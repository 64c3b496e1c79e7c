/**
 * Which left element of a stack each indeterminate pop gets.
 *
 * A guess that is looked at afterwards. A left element has to be gone before something ends that
 * begins after its `insertEnd` and shows what lies below it: a pop or a peek of an element that was
 * there before its push began, or one that found the stack empty. The first such end is its
 * *deadline*. The elements with the earliest deadlines choose first, the last wildcard that begins
 * before the element covers anything, else the first one after. Those without a deadline come last:
 * a wildcard more never harms, and an element below may have been pushed at the same time.
 */
import { NONE } from "../../../../src/history/history.js";
import type { Elements } from "../elements.js";
import { NEVER } from "../monitor.js";
import type { Timeline } from "../timeline.js";

/** By element: the wildcard that gets it, or `NONE`. O(n log n). */
export function assignWildcards(elements: Elements, timeline: Timeline): Int32Array {
  const { count, insertEnds, wildcards } = elements;
  const { starts } = timeline;
  const taken = new Int32Array(count).fill(NONE);
  const deadlines = deadlinesOf(elements, timeline);
  const lefts = [...deadlines.keys()].sort(
    (a, b) => (deadlines.get(a) as number) - (deadlines.get(b) as number),
  );
  const places = wildcards.length;
  const isFree = new Uint8Array(places).fill(1);
  // Nearest free places in both directions, by union-find.
  const down = Int32Array.from({ length: places + 1 }, (_, place) => place);
  const up = Int32Array.from(down);
  for (const element of lefts) {
    const later = firstAfter(wildcards, starts, insertEnds[element] as number);
    let place = root(down, later) - 1;
    if (place < 0) place = root(up, later);
    if (place >= places || isFree[place] === 0) continue;
    const wildcard = wildcards[place] as number;
    if ((starts[wildcard] as number) > (deadlines.get(element) as number)) continue;
    isFree[place] = 0;
    down[place + 1] = place;
    up[place] = place + 1;
    taken[element] = wildcard;
  }
  return taken;
}

/** The deadlines of left elements; `NEVER` without one. */
function deadlinesOf(elements: Elements, timeline: Timeline): Map<number, number> {
  const { starts, ends, length, callAt } = timeline;
  const { elementOf, empties, firstPeek, inserts, insertEnds, nextPeek, removes } = elements;
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
    for (let at = length - start; at > 0; at -= at & -at) {
      first = Math.min(first, tree[at] as number);
    }
    return first;
  };
  for (const call of empties) add(call);
  const deadlines = new Map<number, number>();
  for (let event = 0; event < length; event++) {
    const call = callAt[event] as number;
    const element = elementOf[call] as number;
    if (element === NONE) continue;
    const end = insertEnds[element] as number;
    if (event === end) {
      if (removes[element] !== NONE) add(removes[element] as number);
      let peek = firstPeek[element] as number;
      for (; peek !== NONE; peek = nextPeek[peek] as number) add(peek);
    }
    const isPush = call === inserts[element] && event === starts[call];
    if (!isPush || removes[element] !== NONE || end === NEVER) continue;
    const deadline = firstEndFrom(end);
    deadlines.set(element, deadline);
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
