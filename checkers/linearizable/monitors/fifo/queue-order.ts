/**
 * The order in which elements go through a FIFO queue.
 *
 * Let x come before y. Then x is inserted before y, and removed before every head of y, so that
 * y must come after x (`x → y`) when the other order contradicts real time:
 *
 * - `insertEnd(x) < insertStart(y)`, or
 * - `firstEnd(x) < lastStart(y)`, where a left element's last start is `NEVER`, since it is removed
 *   after everything.
 *
 * A moment at which the queue is empty (t) comes after x when `insertEnd(x) < t`, and before x when
 * `t < lastStart(x)`.
 *
 * A total order that extends → is all that is needed: for any two operations of which the order of
 * the queue puts one first, the other has not completed before that one was invoked. (`schedule.ts`
 * makes an order of effect of it. Two elements around a moment of emptiness are also kept apart by
 * it: x is removed before it, y inserted after it, and both relations to t hold.)
 *
 * So it is a topological sort of the union of two interval orders. An element is a source when its
 * insert starts before the first `insertEnd` of all that remain, and its `lastStart` lies before
 * the first `firstEnd` of all others that remain; both limits only grow, so that four pointers run
 * over the events once: O(n). When no source is left, there is a cycle among three elements: those
 * that hold the limits (m the first insertEnd, y the first firstEnd, z the second). Each remaining
 * element is held up by one of them. m not by itself, so y → m (when they are one, it is held up by
 * z, and z by it). y is held up by m, m → y → m; or by z, and z by y, or by m: m → z → y → m.
 *
 * A left element is a source only once a wildcard gets it, which must have begun before the first
 * `firstEnd` of the others. All that fulfil this now do so later, so that it does not matter which
 * one is used. A wildcard is used only when nothing else can go on: for m, which is in the way of
 * whatever must be next; else for y, or for z that has to precede y, when they are left.
 */
import { NONE } from "../../../../src/history/history.js";
import type { Elements } from "../elements.js";
import { NEVER } from "../monitor.js";
import type { Timeline } from "../timeline.js";
import type { Gaps } from "./emptiness.js";

/** An order of the queue. */
export interface QueueOrder {
  readonly kind: "order";
  /** Elements; and a call `c` that found the queue empty, as `~c`, where it did. */
  readonly items: Int32Array;
  /** By element: the call that removes it, an indeterminate one perhaps; `NONE`. */
  readonly removes: Int32Array;
}

/** An order; or elements that must each come before the next. */
export type OrderOrCycle =
  | QueueOrder
  | {
      readonly kind: "cycle";
      readonly elements: readonly number[];
      readonly empties: readonly number[];
    };

/** Which wildcards elements may use. */
export interface OrderOptions {
  readonly gaps: Gaps;
  /** Every left element may use the first wildcard, as though it got all of them. */
  readonly sharesWildcards: boolean;
}

/** Sorts the elements. O(n). */
export function orderQueue(
  elements: Elements,
  timeline: Timeline,
  options: OrderOptions,
): OrderOrCycle {
  return new Sorting(elements, timeline, options).run();
}

const MAY_INSERT = 1;
const MAY_REMOVE = 2;
const PLACED = 4;

/** A topological sort under way. */
class Sorting {
  readonly #elements: Elements;
  readonly #timeline: Timeline;
  readonly #gaps: Gaps;
  readonly #sharedStart: number;
  /** By element: from when on it may be removed; `NEVER` for a left one. */
  readonly #lastStarts: Int32Array;
  readonly #removes: Int32Array;
  readonly #flags: Uint8Array;
  readonly #items: Int32Array;
  /** Elements whose last start is that of the wildcard that they share. */
  readonly #sharing: number[] = [];
  #placed = 0;
  /** Sources, the last one first. */
  readonly #ready: Int32Array;
  #readyCount = 0;
  /** Items that something can be known of: elements with a head, moments of emptiness. */
  #musts: number;
  #nextEmpty = 0;
  #nextWildcard = 0;
  /** Events: the first insertEnd, the first and the second firstEnd of those that remain. */
  #insertEnd = 0;
  #firstEnd = 0;
  #secondEnd = 0;
  /** Elements, and events, up to which the limits have been applied. */
  #insertable = 0;
  #removable = 0;

  constructor(elements: Elements, timeline: Timeline, { gaps, sharesWildcards }: OrderOptions) {
    this.#elements = elements;
    this.#timeline = timeline;
    this.#gaps = gaps;
    const { count, removes, dropped, firstEnds, lastStarts, wildcards } = elements;
    const [first] = wildcards;
    const shared = sharesWildcards && first !== undefined;
    this.#sharedStart = shared ? (timeline.starts[first] as number) : NEVER;
    this.#lastStarts = Int32Array.from(lastStarts);
    this.#removes = Int32Array.from(removes);
    this.#flags = new Uint8Array(count);
    this.#items = new Int32Array(count + gaps.empties.length);
    this.#ready = new Int32Array(count);
    this.#musts = gaps.empties.length;
    for (let element = 0; element < count; element++) {
      if (dropped[element] === 1) {
        this.#flags[element] = PLACED;
        continue;
      }
      if (firstEnds[element] !== NEVER) this.#musts++;
      if (removes[element] !== NONE) continue;
      const last = Math.max(lastStarts[element] as number, this.#sharedStart);
      this.#lastStarts[element] = last;
      if (shared && last === this.#sharedStart) this.#sharing.push(element);
    }
  }

  run(): OrderOrCycle {
    while (this.#musts > 0) {
      if (this.#readyCount > 0) this.#place(this.#ready[--this.#readyCount] as number);
      else if (!this.#findSources() && !this.#placeEmpty() && !this.#unblock()) {
        return this.#cycle();
      }
    }
    this.#placeRest();
    const items = this.#items.subarray(0, this.#placed);
    return { kind: "order", items, removes: this.#removes };
  }

  #place(element: number): void {
    const flags = this.#flags[element] as number;
    if ((flags & PLACED) !== 0) return;
    this.#flags[element] = flags | PLACED;
    this.#items[this.#placed++] = element;
    if (this.#elements.firstEnds[element] !== NEVER) this.#musts--;
  }

  /** Moves the limits on; whether that made new sources. */
  #findSources(): boolean {
    const { count, inserts, insertEnds, firstEnds } = this.#elements;
    const { starts, callAt } = this.#timeline;
    this.#insertEnd = this.#firstHeld(insertEnds, this.#insertEnd);
    this.#firstEnd = this.#firstHeld(firstEnds, this.#firstEnd);
    this.#secondEnd = this.#firstHeld(firstEnds, Math.max(this.#secondEnd, this.#firstEnd + 1));
    const empty = this.#emptyGap();
    const insertLimit = Math.min(this.#insertEnd, empty);
    for (; this.#insertable < count; this.#insertable++) {
      if ((starts[inserts[this.#insertable] as number] as number) > insertLimit) break;
      this.#allow(this.#insertable, MAY_INSERT);
    }
    const removeLimit = Math.min(this.#firstEnd, empty, callAt.length - 1);
    for (; this.#removable <= removeLimit; this.#removable++) {
      const element = this.#elementAt(this.#removable);
      if (element !== NONE && this.#lastStarts[element] === this.#removable) {
        this.#allow(element, MAY_REMOVE);
      }
      if (this.#removable === this.#sharedStart) {
        for (const sharing of this.#sharing) this.#allow(sharing, MAY_REMOVE);
      }
    }
    return this.#readyCount > 0;
  }

  #allow(element: number, flag: number): void {
    const flags = (this.#flags[element] as number) | flag;
    this.#flags[element] = flags;
    if (flags === (MAY_INSERT | MAY_REMOVE)) this.#ready[this.#readyCount++] = element;
  }

  #elementAt(event: number): number {
    return this.#elements.elementOf[this.#timeline.callAt[event] as number] as number;
  }

  /** The first event from `event` on that is in the table for an element that remains. */
  #firstHeld(table: Int32Array, event: number): number {
    const { length } = this.#timeline;
    for (let at = event; at < length; at++) {
      const element = this.#elementAt(at);
      if (element === NONE || table[element] !== at) continue;
      if (((this.#flags[element] as number) & PLACED) === 0) return at;
    }
    return NEVER;
  }

  /** The gap of the next moment of emptiness, which bounds what may come before it. */
  #emptyGap(): number {
    return this.#gaps.gaps[this.#nextEmpty] ?? NEVER;
  }

  #placeEmpty(): boolean {
    const gap = this.#emptyGap();
    if (gap === NEVER || this.#insertEnd <= gap || this.#firstEnd <= gap) return false;
    this.#items[this.#placed++] = ~(this.#gaps.empties[this.#nextEmpty++] as number);
    this.#musts--;
    return true;
  }

  /** Places what no flag tells of: an element held up by itself alone, a left one. */
  #unblock(): boolean {
    const limit = Math.min(this.#secondEnd, this.#emptyGap());
    const seen = this.#insertableAt(this.#firstEnd);
    if (seen !== NONE && (this.#musts === 1 || (this.#lastStarts[seen] as number) <= limit)) {
      this.#place(seen);
      return true;
    }
    const first = this.#insertEnd === NEVER ? NONE : this.#elementAt(this.#insertEnd);
    const before = Math.min(this.#firstEnd, this.#emptyGap());
    return (
      this.#placeTaken(first, first === seen ? limit : before) ||
      this.#placeTaken(seen, limit) ||
      this.#placeTaken(this.#insertableAt(this.#secondEnd), before)
    );
  }

  /** The element of the event, when its insert can come next. */
  #insertableAt(event: number): number {
    const element = event === NEVER ? NONE : this.#elementAt(event);
    if (element === NONE) return NONE;
    return ((this.#flags[element] as number) & MAY_INSERT) === 0 ? NONE : element;
  }

  #placeTaken(element: number, limit: number): boolean {
    if (element === NONE || !this.#take(element, limit)) return false;
    this.#place(element);
    return true;
  }

  /** Gives a left element a wildcard that began before the limit. */
  #take(element: number, limit: number): boolean {
    const { lastStarts, wildcards } = this.#elements;
    const wildcard = wildcards[this.#nextWildcard];
    if (this.#lastStarts[element] !== NEVER || wildcard === undefined) return false;
    if ((this.#timeline.starts[wildcard] as number) > limit) return false;
    if ((lastStarts[element] as number) > limit) return false;
    this.#nextWildcard++;
    this.#removes[element] = wildcard;
    return true;
  }

  /** Those that nobody saw follow in the order of their inserts. */
  #placeRest(): void {
    const { count } = this.#elements;
    for (let element = 0; element < count; element++) this.#place(element);
  }

  #cycle(): OrderOrCycle {
    const holders = [this.#insertEnd, this.#firstEnd, this.#secondEnd]
      .filter((event) => event !== NEVER)
      .map((event) => this.#elementAt(event));
    return { kind: "cycle", elements: [...new Set(holders)], empties: [] };
  }
}
