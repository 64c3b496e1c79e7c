/**
 * Which left element of a stack each indeterminate pop gets.
 *
 * A guess that is looked at afterwards. A left element has to be gone before something ends that
 * begins after its `insertEnd` and shows what lies below it: a pop or a peek of an element that was
 * there before its push began, or one that found the stack empty. The first such end is its
 * *deadline*. Those without a deadline come last: a wildcard more never harms, and an element below
 * may have been pushed at the same time. How they are matched: `deadlines.ts`.
 */
import { NONE } from "../../../../src/history/history.js";
import { FirstEnds, giveByDeadline } from "../deadlines.js";
import type { Elements } from "../elements.js";
import { NEVER } from "../monitor.js";
import type { Times } from "../timeline.js";

/** By element: the wildcard that gets it, or `NONE`. O(n log n). */
export function assignWildcards(elements: Elements, times: Times): Int32Array {
  return giveByDeadline(elements, times, deadlinesOf(elements, times));
}

/** The deadlines of left elements; `NEVER` without one. */
function deadlinesOf(elements: Elements, times: Times): Map<number, number> {
  const { starts, length } = times;
  const { count, empties, inserts, insertEnds, removes } = elements;
  /** Elements by `insertEnd`, as lists: the first one by gap, the next one by element. */
  const first = new Int32Array(length + 1).fill(NONE);
  const next = new Int32Array(count);
  for (let element = 0; element < count; element++) {
    const end = insertEnds[element] as number;
    if (end === NEVER) continue;
    next[element] = first[end] as number;
    first[end] = element;
  }
  const ends = new FirstEnds(times);
  for (const call of empties) ends.add(call);
  const deadlines = new Map<number, number>();
  let gap = 0;
  for (let element = 0; element < count; element++) {
    const end = insertEnds[element] as number;
    if (removes[element] !== NONE || end === NEVER) continue;
    for (const start = starts[inserts[element] as number] as number; gap <= start; gap++) {
      let one = first[gap] as number;
      for (; one !== NONE; one = next[one] as number) ends.addShowing(elements, one);
    }
    deadlines.set(element, ends.after(end));
  }
  return deadlines;
}
