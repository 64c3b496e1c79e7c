/**
 * Which left elements of a priority queue the indeterminate removals got: a guess that the coverage
 * then has to bear out.
 *
 * An element must have been removed before the first completion of a head of lower priority, or of
 * an observation of emptiness, that begins when the element is in the queue for certain: its
 * deadline. Without one it may stay. How they are matched: `deadlines.ts`. O(n log n).
 */
import { NONE } from "../../../../src/history/history.js";
import { FirstEnds, giveByDeadline } from "../deadlines.js";
import { NEVER } from "../monitor.js";
import type { Given } from "./coverage.js";

/** By element: the wildcard that gets it, or `NONE`. */
export function assignWildcards(given: Given): Int32Array {
  return giveByDeadline(given.elements, given.times, deadlinesOf(given));
}

/** The deadlines of left elements that have one. */
function deadlinesOf({ elements, ranked, times }: Given): Map<number, number> {
  const { dropped, empties, insertEnds, removes } = elements;
  const { byRank, ranks } = ranked;
  const ends = new FirstEnds(times);
  for (const call of empties) ends.add(call);
  const deadlines = new Map<number, number>();
  for (let end = byRank.length; end > 0;) {
    const rank = ranks[byRank[end - 1] as number];
    let start = end;
    while (start > 0 && ranks[byRank[start - 1] as number] === rank) start--;
    for (let place = start; place < end; place++) {
      const element = byRank[place] as number;
      if (removes[element] !== NONE || dropped[element] === 1) continue;
      const deadline = ends.after(insertEnds[element] as number);
      if (deadline !== NEVER) deadlines.set(element, deadline);
    }
    for (let place = start; place < end; place++) {
      ends.addShowing(elements, byRank[place] as number);
    }
    end = start;
  }
  return deadlines;
}
