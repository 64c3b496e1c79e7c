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
import type { Timeline } from "../timeline.js";

/** By element: the wildcard that gets it, or `NONE`. O(n log n). */
export function assignWildcards(elements: Elements, timeline: Timeline): Int32Array {
  return giveByDeadline(elements, timeline, deadlinesOf(elements, timeline));
}

/** The deadlines of left elements; `NEVER` without one. */
function deadlinesOf(elements: Elements, timeline: Timeline): Map<number, number> {
  const { starts, length, callAt } = timeline;
  const { elementOf, empties, inserts, insertEnds, removes } = elements;
  const ends = new FirstEnds(timeline);
  for (const call of empties) ends.add(call);
  const deadlines = new Map<number, number>();
  for (let event = 0; event < length; event++) {
    const call = callAt[event] as number;
    const element = elementOf[call] as number;
    if (element === NONE) continue;
    const end = insertEnds[element] as number;
    if (event === end) ends.addShowing(elements, element);
    const isPush = call === inserts[element] && event === starts[call];
    if (!isPush || removes[element] !== NONE || end === NEVER) continue;
    deadlines.set(element, ends.after(end));
  }
  return deadlines;
}
