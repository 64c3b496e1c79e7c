/**
 * Which gaps the elements of a priority queue cover, from the highest priority down.
 *
 * For an element let the gaps that no higher one covers be *open*. Its heads (peeks, removal) need
 * open gaps, so that it is inserted at the latest in the last open gap of the head for which that
 * is earliest (`from`), and removed at the earliest in the first open gap at which everything about
 * it has begun (`to`). When `from < to` it covers the gaps between in every order, and this order
 * covers no more: insert at `from`, removal at `to`, each peek in its first open gap after `from`,
 * which lies before `to`, itself open. Otherwise all about it happens at `to`, at once, and it
 * covers nothing. Lower ones and those of equal priority are in nobody's way, so that to cover as
 * little as possible is best for all that follow: what finds no open gap then finds none in any
 * order.
 *
 * A union-find in each direction gives the nearest open gap; each gap is closed once.
 */
import { NONE } from "../../../../src/history/history.js";
import type { Elements } from "../elements.js";
import { NEVER, type Calls } from "../monitor.js";
import type { Times } from "../timeline.js";
import { explainCover } from "./cover.js";
import type { Ranked } from "./ranks.js";

/** What there is to decide. */
export interface Given {
  readonly calls: Calls;
  readonly times: Times;
  readonly elements: Elements;
  readonly ranked: Ranked;
}

/** Gaps for everything. */
export interface Coverage {
  readonly kind: "gaps";
  /** By element: the gaps of its insert and of its removal; `to` is past the end when it stays. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** By call: the gap of a peek, or of one that found the queue empty. */
  readonly gaps: Int32Array;
  /** By element: the call that removes it, an indeterminate one perhaps; `NONE`. */
  readonly removes: Int32Array;
}

/** Gaps, or elements that leave none to one that is among them, or to one that found it empty. */
export type CoverageOrCover =
  | Coverage
  | {
      readonly kind: "covered";
      readonly elements: readonly number[];
      readonly empties: readonly number[];
    };

/** Finds gaps; `wildcards` has for each left element the one that gets it, or `NONE`. */
export function coverGaps(given: Given, wildcards: Int32Array): CoverageOrCover {
  const { calls, elements, ranked, times } = given;
  const { length, starts, ends } = times;
  const { count, dropped, empties, firstPeek, inserts, nextPeek } = elements;
  const removes = elements.removes.map((remove, element) =>
    remove === NONE ? (wildcards[element] as number) : remove,
  );
  const from = new Int32Array(count);
  const to = new Int32Array(count);
  const gaps = new Int32Array(calls.count);
  const found: Coverage = { kind: "gaps", from, to, gaps, removes };
  const open = new OpenGaps(length);
  const { byRank, ranks } = ranked;

  /** The last open gap of a head of the element, `NONE` when there is none. */
  const lastOpen = (call: number, element: number): number => {
    const remove = elements.removes[element] as number;
    const removed = remove === NONE ? NEVER : (ends[remove] as number);
    const inserted = starts[inserts[element] as number] as number;
    const gap = open.before(Math.min(ends[call] as number, removed) - 1);
    return gap < Math.max(starts[call] as number, inserted) ? NONE : gap;
  };

  for (let place = 0, group = 0; place < count; place++) {
    const element = byRank[place] as number;
    if (dropped[element] === 1) from[element] = to[element] = length;
    else {
      const remove = elements.removes[element] as number;
      let last = (ends[inserts[element] as number] as number) - 1;
      for (
        let call = firstPeek[element] as number;
        call !== NONE;
        call = nextPeek[call] as number
      ) {
        const gap = lastOpen(call, element);
        if (gap === NONE) return explainCover({ given, found }, { element, call });
        last = Math.min(last, gap);
      }
      if (remove !== NONE) {
        const gap = lastOpen(remove, element);
        if (gap === NONE) return explainCover({ given, found }, { element, call: remove });
        last = Math.min(last, gap);
      }
      from[element] = last;
      const getter = removes[element] as number;
      const begun = elements.lastStarts[element] as number;
      to[element] =
        getter === NONE ? length : open.after(Math.max(begun, starts[getter] as number));
      const first = Math.min(last, to[element]);
      for (
        let call = firstPeek[element] as number;
        call !== NONE;
        call = nextPeek[call] as number
      ) {
        gaps[call] =
          last < to[element] ? open.after(Math.max(starts[call] as number, first)) : first;
      }
    }
    const isLast = place + 1 === count || ranks[byRank[place + 1] as number] !== ranks[element];
    if (!isLast) continue;
    for (; group <= place; group++) {
      const one = byRank[group] as number;
      if (dropped[one] === 0) open.close((from[one] as number) + 1, to[one] as number);
    }
  }
  for (const call of empties) {
    const gap = open.after(starts[call] as number);
    if (gap >= (ends[call] as number))
      return explainCover({ given, found }, { element: NONE, call });
    gaps[call] = gap;
  }
  return found;
}

/** Gaps that are not covered. */
class OpenGaps {
  /** A gap's nearest open one at or after it, and at or before it (plus one), when compressed. */
  readonly #after: Int32Array;
  readonly #before: Int32Array;
  readonly #length: number;

  constructor(length: number) {
    this.#length = length;
    this.#after = Int32Array.from({ length: length + 1 }, (_, gap) => gap);
    this.#before = Int32Array.from(this.#after);
  }

  /** The first open gap from this one on; the number of gaps when there is none. */
  after(gap: number): number {
    return find(this.#after, Math.min(gap, this.#length));
  }

  /** The last open gap up to this one; -1 when there is none. */
  before(gap: number): number {
    return find(this.#before, Math.min(gap, this.#length - 1) + 1) - 1;
  }

  /** Closes the gaps from `start` to before `end`. */
  close(start: number, end: number): void {
    for (let gap = this.after(start); gap < end && gap < this.#length; gap = this.after(gap + 1)) {
      this.#after[gap] = gap + 1;
      this.#before[gap + 1] = gap;
    }
  }
}

function find(parents: Int32Array, from: number): number {
  let at = from;
  for (;;) {
    const parent = parents[at] as number;
    if (parent === at) return at;
    const above = parents[parent] as number;
    parents[at] = above;
    at = above;
  }
}
