/**
 * When a queue can have been empty.
 *
 * Between its `insertEnd` and its `lastStart` an element is in the queue in every order: these gaps
 * are covered. An operation that found the queue empty needs an uncovered gap inside its interval;
 * any one will do: if the elements can be ordered at all, then also around it. For let `x → y` mean
 * that y cannot come before x in the queue. What the moment t must precede has its `lastStart`
 * after t, and its `insertEnd` too, since it does not cover t; so does everything that it must
 * precede in turn (`queue-order.ts`: x → y gives `insertEnd(x) < insertStart(y)`, or
 * `insertEnd(x) <= firstEnd(x) < lastStart(y)`); and nothing with its `insertEnd` after t must
 * precede t. No cycle goes through t.
 *
 * A left element covers everything after its `insertEnd`, unless a wildcard that began before gets
 * it: at an uncovered gap at most as many left elements may have been inserted for certain as
 * wildcards have begun. Among the gaps that this allows the earliest is taken, for it needs the
 * fewest.
 */
import { NONE } from "../../../../src/history/history.js";
import type { Elements } from "../elements.js";
import { NEVER } from "../monitor.js";
import type { Times } from "../timeline.js";

/** A gap for each operation that found the queue empty. */
export interface Gaps {
  readonly kind: "gaps";
  /** Calls that found the queue empty, by their gaps, and those. */
  readonly empties: Int32Array;
  readonly gaps: Int32Array;
  /** Whether the wildcards suffice; if not, the gaps are those of wildcards that are shared. */
  readonly areEnough: boolean;
}

/** Gaps; or elements that cover one operation's interval. */
export type GapsOrCover =
  | Gaps
  | {
      readonly kind: "covered";
      readonly elements: readonly number[];
      readonly empties: readonly number[];
    };

/** Chooses gaps for all operations that found the queue empty. O(n). */
export function chooseGaps(elements: Elements, times: Times): GapsOrCover {
  const { empties } = elements;
  if (empties.length === 0) {
    const none = new Int32Array(0);
    return { kind: "gaps", empties: none, gaps: none, areEnough: true };
  }
  const { starts, ends, length } = times;
  const { covered, owed } = coverage(elements, times);
  const nextFree = new Int32Array(length + 1).fill(length);
  const nextPossible = new Int32Array(length + 1).fill(length);
  for (let gap = length - 1; gap >= 0; gap--) {
    const isFree = covered[gap] === 0;
    nextFree[gap] = isFree ? gap : (nextFree[gap + 1] as number);
    const isPossible = isFree && (owed[gap] as number) <= 0;
    nextPossible[gap] = isPossible ? gap : (nextPossible[gap + 1] as number);
  }
  for (const call of empties) {
    const start = starts[call] as number;
    const end = ends[call] as number;
    if ((nextFree[start] as number) >= end) {
      return {
        kind: "covered",
        elements: coverOf({ start, end }, elements, times),
        empties: [call],
      };
    }
  }
  const areEnough = empties.every(
    (call) => (nextPossible[starts[call] as number] as number) < (ends[call] as number),
  );
  const next = areEnough ? nextPossible : nextFree;
  // The gap grows with the start, by which they are sorted.
  const gaps = Int32Array.from(empties, (call) => next[starts[call] as number] as number);
  return { kind: "gaps", empties: Int32Array.from(empties), gaps, areEnough };
}

/** Until which event an element covers gaps for certain: the first wildcard may get a left one. */
function reachOf(element: number, elements: Elements, { starts, length }: Times): number {
  const { removes, lastStarts, wildcards } = elements;
  const last = lastStarts[element] as number;
  if (removes[element] !== NONE) return last;
  const [first] = wildcards;
  return first === undefined ? length : Math.max(last, starts[first] as number);
}

/** By gap: how many elements cover it, and how many wildcards would be missing there. */
function coverage(
  elements: Elements,
  times: Times,
): { readonly covered: Int32Array; readonly owed: Int32Array } {
  const { starts, length } = times;
  const { count, removes, insertEnds, wildcards } = elements;
  const covered = new Int32Array(length + 1);
  const owed = new Int32Array(length + 1);
  const add = (table: Int32Array, gap: number, change: number): void => {
    table[gap] = (table[gap] as number) + change;
  };
  for (let element = 0; element < count; element++) {
    const from = insertEnds[element] as number;
    if (from === NEVER) continue;
    if (removes[element] === NONE) add(owed, from, 1);
    const to = reachOf(element, elements, times);
    if (from >= to) continue;
    add(covered, from, 1);
    add(covered, to, -1);
  }
  for (const call of wildcards) add(owed, starts[call] as number, -1);
  for (let gap = 1; gap <= length; gap++) {
    add(covered, gap, covered[gap - 1] as number);
    add(owed, gap, owed[gap - 1] as number);
  }
  return { covered, owed };
}

/** Few elements that cover all gaps from `start` to before `end`: always the farthest one next. */
function coverOf(
  { start, end }: { readonly start: number; readonly end: number },
  elements: Elements,
  times: Times,
): number[] {
  const { count, insertEnds } = elements;
  const near: number[] = [];
  for (let element = 0; element < count; element++) {
    const from = insertEnds[element] as number;
    if (from < end && reachOf(element, elements, times) > start) near.push(element);
  }
  near.sort((a, b) => (insertEnds[a] as number) - (insertEnds[b] as number));
  const chosen: number[] = [];
  let next = 0;
  for (let gap = start; gap < end;) {
    let best = NONE;
    let farthest = gap;
    for (; next < near.length && (insertEnds[near[next] as number] as number) <= gap; next++) {
      const reach = reachOf(near[next] as number, elements, times);
      if (reach > farthest) [best, farthest] = [near[next] as number, reach];
    }
    if (best === NONE) break;
    chosen.push(best);
    gap = farthest;
  }
  return chosen;
}
