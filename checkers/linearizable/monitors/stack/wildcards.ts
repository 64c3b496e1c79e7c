/**
 * Which left element of a stack each indeterminate pop gets.
 *
 * A guess that is looked at afterwards. A left element has to be gone before something ends that
 * shows what lies below it: a pop or a peek, or one that found the stack empty. The first such end
 * is its *deadline*. What lies below is guessed twice:
 *
 * - at first, what does so in every order: elements that were there before its push began, and what
 *   shows them after its `insertEnd`;
 * - if nothing comes of that, what lies below it in the order that was found with one wildcard for
 *   all. Taken at their word, the gaps that this order has for what shows them are deadlines that
 *   lead to an order if there are wildcards enough before them: each left element then leaves right
 *   before what shows those below it, when nothing is on top. The ends of the same operations are
 *   later deadlines, which leave more wildcards to choose from.
 *
 * Those without a deadline come last: a wildcard more never harms, and an element below may have
 * been pushed at the same time. How they are matched: `deadlines.ts`.
 */
import { NONE } from "../../../../src/history/history.js";
import { FirstEnds, giveByDeadline } from "../deadlines.js";
import type { Elements } from "../elements.js";
import { NEVER } from "../monitor.js";
import { orderOfEffect } from "../priority/effects.js";
import type { Times } from "../timeline.js";
import type { Given, Nesting } from "./nesting.js";

/** The first guess: by element the wildcard that gets it, or `NONE`. O(n log n). */
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

/** How long what shows an element may be put off: as long as it takes, or no longer than it was. */
export type Until = "end" | "gap";

/** Another guess, from an order in which all left elements have one wildcard. O(n log n). */
export function reassignWildcards(given: Given, nesting: Nesting, until: Until): Int32Array {
  const { elements, times } = given;
  const { lefts, order } = orderOfLives(given, nesting);
  const { gaps, to } = nesting.coverage;
  const { count, inserts, removes, elementOf } = elements;
  const known = elementOf.length;
  /** By element: the one below it when it was pushed, and the first deadline that follows. */
  const below = new Int32Array(count);
  const deadlines = new Int32Array(count);
  const stack: number[] = [];
  for (const call of order) {
    const element = call < known ? (elementOf[call] as number) : (lefts[call - known] as number);
    if (element === NONE) continue;
    if (call === inserts[element]) {
      below[element] = stack.at(-1) ?? NONE;
      stack.push(element);
    } else if (call >= known || call === removes[element]) stack.pop();
  }
  const shown = new Int32Array(count).fill(NEVER);
  let shownEmpty = NEVER;
  for (let place = order.length - 1; place >= 0; place--) {
    const call = order[place] as number;
    // Indeterminate pops show nothing.
    if (call >= known) continue;
    const element = elementOf[call] as number;
    if (element !== NONE && call === inserts[element]) {
      const under = below[element] as number;
      deadlines[element] = under === NONE ? shownEmpty : (shown[under] as number);
      continue;
    }
    const isPop = element !== NONE && call === removes[element];
    const gap = (isPop ? to[element] : gaps[call]) as number;
    const end = until === "end" ? (times.ends[call] as number) : gap + 1;
    if (element === NONE) shownEmpty = Math.min(shownEmpty, end);
    else shown[element] = Math.min(shown[element] as number, end);
  }
  for (const call of order) {
    const element = call < known ? (elementOf[call] as number) : NONE;
    if (element === NONE || call !== inserts[element] || below[element] === NONE) continue;
    const under = deadlines[below[element] as number] as number;
    deadlines[element] = Math.min(deadlines[element] as number, under);
  }
  const ofLefts = new Map(lefts.map((element) => [element, deadlines[element] as number]));
  return giveByDeadline(elements, times, ofLefts);
}

/** The order of a nesting, with a pop of its own for each left element: calls beyond the others. */
function orderOfLives(
  { calls, elements, times }: Given,
  { coverage, fromTop }: Nesting,
): { readonly lefts: readonly number[]; readonly order: Int32Array } {
  const lefts: number[] = [];
  const removes = elements.removes.map((remove, element) => {
    if (remove !== NONE || elements.dropped[element] === 1) return remove;
    return calls.count + lefts.push(element) - 1;
  });
  const more = { ...calls, count: calls.count + lefts.length };
  const ranked = { byRank: fromTop, ranks: new Int32Array(0), tied: undefined };
  const given = { calls: more, times, elements, ranked };
  return { lefts, order: orderOfEffect(given, { ...coverage, removes }) };
}
