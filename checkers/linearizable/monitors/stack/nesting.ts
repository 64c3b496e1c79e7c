/**
 * Nests the lives of the elements of a stack, from the bottom up.
 *
 * An element is in the stack in every order from its `insertEnd` to its `lastStart`: it *covers*
 * these gaps. If the second comes before the first it can come, be seen and go in the gap
 * `lastStart`, at once, in nobody's way. Of the others some element x can be at the bottom, with
 * nothing below it, only if
 *
 * - its push and its pop each contain a *free* gap, one that nobody covers: before `insertEnd`, and
 *   from `lastStart` on;
 * - each of its peeks contains a gap that nobody but x covers.
 *
 * x then lives from the last free gap before `insertEnd` to the first from `lastStart` on, with its
 * peeks where nobody else covers, or at its ends; it is taken out, and the rest nested likewise.
 *
 * Complete: in an order of effect of what is left, the first element that is pushed fulfils this;
 * an order without x is one of the others; and what is free remains so. So it does not matter which
 * of several is taken, and when none is, those that are left have no order.
 *
 * Sound: let y be taken after x, living from h to k, and let g be a gap that nobody but x covered
 * when x was taken. Not h < g < k: g is free when y is taken, so h < g gives insertEnd(y) <= g, and
 * g < k gives g < lastStart(y), so that y covered g. With g as the ends of x: y lives inside x or
 * apart from it. With g as a peek of x: nothing that came later is on top of x there. What x covers
 * lies strictly between its ends, so that a life is never one gap. A left element lives until the
 * end, which counts as a free gap.
 */
import { NONE } from "../../../../src/history/history.js";
import type { Elements } from "../elements.js";
import { NEVER, type Calls } from "../monitor.js";
import type { Coverage } from "../priority/coverage.js";
import type { Times } from "../timeline.js";
import { FreeGaps, LeastCovered, Waiting } from "./trees.js";

/** What there is to nest; `wildcards` has for each left element the one that gets it, or `NONE`. */
export interface Given {
  readonly calls: Calls;
  readonly times: Times;
  readonly elements: Elements;
  readonly wildcards: Int32Array;
}

/** Lives. */
export interface Nesting {
  readonly kind: "nested";
  readonly coverage: Coverage;
  /** Elements from the top down: those that cover nothing first, and the bottom last. */
  readonly fromTop: Int32Array;
}

/** Lives; or elements that have none; or an operation that needs an empty stack finds none. */
export type NestingOrStuck =
  | Nesting
  | { readonly kind: "stuck"; readonly elements: readonly number[] }
  | { readonly kind: "covered" };

/** Nests the elements. O(n log n). */
export function nest(given: Given): NestingOrStuck {
  return new Nester(given).run();
}

class Nester {
  readonly #given: Given;
  readonly #coverage: Coverage;
  readonly #lastStarts: Int32Array;
  /** By element: operations that have no gap yet. */
  readonly #pending: Int32Array;
  readonly #counts: Int32Array;
  readonly #least: LeastCovered;
  readonly #free: FreeGaps;
  readonly #waits: Waits;
  /** With peeks only: by gap, the sum of the elements that cover it, as a Fenwick tree. */
  readonly #sums: Float64Array | undefined;
  readonly #peeks: PeeksByElement | undefined;
  /** By gap: 1 once one element alone covers it. */
  readonly #alone: Uint8Array;
  readonly #ready: Int32Array;
  #readyCount = 0;
  readonly #fromBottom: Int32Array;
  #taken = 0;

  constructor(given: Given) {
    this.#given = given;
    const { calls, elements, times, wildcards } = given;
    const { count } = elements;
    const { length } = times;
    const removes = new Int32Array(count);
    this.#lastStarts = new Int32Array(count);
    for (let element = 0; element < count; element++) {
      let remove = elements.removes[element] as number;
      let last = elements.lastStarts[element] as number;
      if (remove === NONE) {
        remove = wildcards[element] as number;
        last = remove === NONE ? length : Math.max(last, times.starts[remove] as number);
      }
      removes[element] = remove;
      this.#lastStarts[element] = last;
    }
    this.#coverage = {
      kind: "gaps",
      from: new Int32Array(count),
      to: new Int32Array(count),
      gaps: new Int32Array(calls.count).fill(NONE),
      removes,
    };
    this.#pending = new Int32Array(count);
    this.#ready = new Int32Array(count);
    this.#fromBottom = new Int32Array(count);
    const hasPeeks = elements.firstPeek.some((peek) => peek !== NONE);
    this.#sums = hasPeeks ? new Float64Array(length + 2) : undefined;
    this.#counts = this.#cover();
    this.#waits = waitsOf(given, this.#pending);
    this.#least = new LeastCovered(
      hasPeeks ? this.#counts.map((covering) => covering - 1) : this.#counts,
    );
    this.#alone = new Uint8Array(hasPeeks ? length : 0);
    this.#peeks = hasPeeks ? new PeeksByElement(given) : undefined;
    this.#free = new FreeGaps(length + 1);
    this.#free.add(length);
  }

  run(): NestingOrStuck {
    if (!this.#placeEmpties()) return { kind: "covered" };
    this.#spread();
    while (this.#readyCount > 0) {
      this.#take(this.#ready[--this.#readyCount] as number);
      this.#spread();
    }
    const { count } = this.#given.elements;
    const stuck: number[] = [];
    for (let element = 0; element < count; element++) {
      if ((this.#pending[element] as number) > 0) stuck.push(element);
    }
    if (stuck.length > 0) return { kind: "stuck", elements: stuck };
    const fromTop = new Int32Array(count);
    let place = 0;
    for (let element = 0; element < count; element++) {
      if (this.#coversNothing(element)) fromTop[place++] = element;
    }
    for (let taken = this.#taken - 1; taken >= 0; taken--) {
      fromTop[place++] = this.#fromBottom[taken] as number;
    }
    return { kind: "nested", coverage: this.#coverage, fromTop };
  }

  #coversNothing(element: number): boolean {
    return (
      (this.#lastStarts[element] as number) < (this.#given.elements.insertEnds[element] as number)
    );
  }

  /** By gap: how many elements cover it. Those that cover none get their gaps on the way. */
  #cover(): Int32Array {
    const { times, elements } = this.#given;
    const { length, ends } = times;
    const { count, dropped, insertEnds, firstPeek, nextPeek } = elements;
    const { from, to, gaps, removes } = this.#coverage;
    const counts = new Int32Array(length + 1);
    for (let element = 0; element < count; element++) {
      const last = this.#lastStarts[element] as number;
      const end = insertEnds[element] as number;
      let peek = firstPeek[element] as number;
      if (last < end) {
        from[element] = to[element] = dropped[element] === 1 ? length : last;
        for (; peek !== NONE; peek = nextPeek[peek] as number) gaps[peek] = last;
        continue;
      }
      counts[end] = (counts[end] as number) + 1;
      counts[last] = (counts[last] as number) - 1;
      if (this.#sums !== undefined) this.#addSum(end, last, element);
      let pending = 1;
      for (; peek !== NONE; peek = nextPeek[peek] as number) pending++;
      const remove = removes[element] as number;
      // What may happen at the end of time always finds a free gap there.
      if (remove !== NONE && ends[remove] !== NEVER) pending++;
      this.#pending[element] = pending;
    }
    for (let gap = 1; gap <= length; gap++) {
      counts[gap] = (counts[gap] as number) + (counts[gap - 1] as number);
    }
    return counts.subarray(0, length);
  }

  /** Gives what found the stack empty its gaps. */
  #placeEmpties(): boolean {
    const { times, elements } = this.#given;
    if (elements.empties.length === 0) return true;
    const { length, starts, ends } = times;
    const next = new Int32Array(length + 1).fill(length);
    for (let gap = length - 1; gap >= 0; gap--) {
      next[gap] = this.#counts[gap] === 0 ? gap : (next[gap + 1] as number);
    }
    for (const call of elements.empties) {
      const gap = next[starts[call] as number] as number;
      if (gap >= (ends[call] as number)) return false;
      this.#coverage.gaps[call] = gap;
    }
    return true;
  }

  /** Tells what waits for the gaps that became free, or covered by one element alone. */
  #spread(): void {
    const least = this.#least;
    while (least.least <= 0) {
      const gap = least.gap();
      if (this.#peeks !== undefined && least.least === 0 && this.#alone[gap] === 0) {
        this.#alone[gap] = 1;
        least.add(gap, gap + 1, 1);
        this.#atAlone(gap, this.#peeks);
      } else {
        least.finish(gap);
        this.#free.add(gap);
        this.#atFree(gap);
      }
    }
  }

  #atFree(gap: number): void {
    const { elementOf } = this.#given.elements;
    const { gaps } = this.#coverage;
    const { calls, upTo, waiting } = this.#waits;
    const end = upTo[gap] as number;
    for (let place = waiting.take(gap, 0, end); place >= 0; place = waiting.take(gap, 0, end)) {
      const call = calls[place] as number;
      // A peek may have got a gap of its element alone.
      if (gaps[call] !== NONE) continue;
      gaps[call] = gap;
      this.#found(elementOf[call] as number);
    }
  }

  #atAlone(gap: number, peeks: PeeksByElement): void {
    const { gaps } = this.#coverage;
    const element = this.#sumAt(gap);
    for (let call = peeks.take(element, gap); call !== NONE; call = peeks.take(element, gap)) {
      if (gaps[call] !== NONE) continue;
      gaps[call] = gap;
      this.#found(element);
    }
  }

  #found(element: number): void {
    const pending = (this.#pending[element] as number) - 1;
    this.#pending[element] = pending;
    if (pending === 0) this.#ready[this.#readyCount++] = element;
  }

  #take(element: number): void {
    const { insertEnds, firstPeek, nextPeek } = this.#given.elements;
    const end = insertEnds[element] as number;
    const last = this.#lastStarts[element] as number;
    const from = this.#free.before(end - 1);
    const to = this.#free.after(last);
    this.#coverage.from[element] = from;
    this.#coverage.to[element] = to;
    const { gaps } = this.#coverage;
    for (let call = firstPeek[element] as number; call !== NONE; call = nextPeek[call] as number) {
      gaps[call] = Math.max(from, Math.min(to, gaps[call] as number));
    }
    this.#fromBottom[this.#taken++] = element;
    this.#least.add(end, last, -1);
    if (this.#sums !== undefined) this.#addSum(end, last, -element);
  }

  #addSum(start: number, end: number, change: number): void {
    const sums = this.#sums as Float64Array;
    for (let at = start + 1; at < sums.length; at += at & -at) {
      sums[at] = (sums[at] as number) + change;
    }
    for (let at = end + 1; at < sums.length; at += at & -at) {
      sums[at] = (sums[at] as number) - change;
    }
  }

  #sumAt(gap: number): number {
    const sums = this.#sums as Float64Array;
    let sum = 0;
    for (let at = gap + 1; at > 0; at -= at & -at) sum += sums[at] as number;
    return sum;
  }
}

/** Pushes and peeks by their starts, and pops by the last start of their element. */
interface Waits {
  /** By place, in the order of those starts. */
  readonly calls: Int32Array;
  readonly waiting: Waiting;
  /** By gap: how many places start up to there. */
  readonly upTo: Int32Array;
}

/** What waits for a gap that nobody covers; `pending` has for each element how many do. */
function waitsOf({ calls, times, elements }: Given, pending: Int32Array): Waits {
  const { starts, ends, length } = times;
  const { elementOf, inserts, insertEnds, removes, firstPeek } = elements;
  const waiting = new Int32Array(calls.count);
  const waitEnds = new Int32Array(calls.count);
  const upTo = new Int32Array(length);
  let count = 0;
  let gap = 0;
  for (let call = 0; call < calls.count; call++) {
    const element = elementOf[call] as number;
    if (element === NONE || pending[element] === 0) continue;
    for (const start = starts[call] as number; gap < start; gap++) upTo[gap] = count;
    const insert = inserts[element] as number;
    const remove = removes[element] as number;
    if (call !== remove) {
      waiting[count] = call;
      waitEnds[count++] = (call === insert ? insertEnds[element] : ends[call]) as number;
    }
    // The peek that is listed first started last. An indeterminate pop does not wait.
    const last = Math.max(insert, remove, firstPeek[element] as number);
    if (call !== last || remove === NONE) continue;
    waiting[count] = remove;
    waitEnds[count++] = ends[remove] as number;
  }
  for (; gap < length; gap++) upTo[gap] = count;
  return { calls: waiting, waiting: new Waiting(waitEnds.subarray(0, count)), upTo };
}

/** Peeks that wait for a gap that their element alone covers. */
class PeeksByElement {
  /** By element: its first place. */
  readonly #first: Int32Array;
  /** By place: calls by element, then by start; and the starts. */
  readonly #calls: Int32Array;
  readonly #starts: Int32Array;
  /** By place. */
  readonly #waiting: Waiting;

  constructor({ calls, elements, times }: Given) {
    const { count, firstPeek, elementOf, nextPeek } = elements;
    this.#first = new Int32Array(count + 2);
    const first = this.#first;
    const isPeek = new Uint8Array(calls.count);
    for (let element = 0; element < count; element++) {
      let peeks = 0;
      let call = firstPeek[element] as number;
      for (; call !== NONE; call = nextPeek[call] as number, peeks++) isPeek[call] = 1;
      first[element + 1] = (first[element] as number) + peeks;
    }
    const next = first.slice();
    const total = first[count] as number;
    this.#calls = new Int32Array(total);
    this.#starts = new Int32Array(total);
    for (let call = 0; call < calls.count; call++) {
      if (isPeek[call] === 0) continue;
      const element = elementOf[call] as number;
      const place = next[element] as number;
      next[element] = place + 1;
      this.#calls[place] = call;
      this.#starts[place] = times.starts[call] as number;
    }
    this.#waiting = new Waiting(this.#calls.map((call) => times.ends[call] as number));
  }

  /** A peek of the element that contains the gap, once; `NONE` when there is none any more. */
  take(element: number, gap: number): number {
    const last = this.#lastUpTo(element, gap);
    const first = this.#first[element] as number;
    if (last < first) return NONE;
    const taken = this.#waiting.take(gap, first, last + 1);
    return taken < 0 ? NONE : (this.#calls[taken] as number);
  }

  /** The last place of the element whose peek starts up to the gap. */
  #lastUpTo(element: number, gap: number): number {
    let low = this.#first[element] as number;
    let high = this.#first[element + 1] as number;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] as number) > gap) high = middle;
      else low = middle + 1;
    }
    return low - 1;
  }
}
