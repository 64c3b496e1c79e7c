/**
 * All lists that reads show, as a tree for each key: lists that begin in the same way share that,
 * so that what is said of a list and its beginning is said once.
 */
import { NONE } from "../../../src/history/history.js";
import type { Meter } from "../../linearizable/meter.js";
import type { Clocks } from "./causes.js";
import { READS, type Collections } from "./layout.js";
import type { Constraints } from "./steps.js";

/** The tree; a node stands for a list, and is the last addition in it. */
export class ListTree {
  readonly elements: number[] = [];
  /** Node → the one before, or `NONE`. */
  readonly #before: number[] = [];
  /** Node → a read that shows it. */
  readonly #reads: number[] = [];
  readonly #firstChild: number[] = [];
  readonly #nextSibling: number[] = [];
  /** The first node of each key, in a chain of siblings. */
  readonly #roots = new Map<number, number>();
  readonly #collections: Collections;

  /** @throws LimitReached */
  constructor(collections: Collections, meter: Meter) {
    const { count, kinds, keys, shows, listStarts, listItems } = collections;
    this.#collections = collections;
    const isDone = new Uint8Array(listStarts.length);
    for (let read = 0; read < count; read++) {
      const list = shows[read] as number;
      if (kinds[read] !== READS || isDone[list] === 1) continue;
      isDone[list] = 1;
      const start = listStarts[list] as number;
      const end = listStarts[list + 1] as number;
      meter.spend(end - start);
      let node: number = NONE;
      for (let place = start; place < end; place++) {
        node = this.#child(node, keys[read] as number, {
          element: listItems[place] as number,
          read,
        });
      }
    }
  }

  #child(
    node: number,
    key: number,
    { element, read }: { readonly element: number; readonly read: number },
  ): number {
    const first = node === NONE ? this.#roots.get(key) : (this.#firstChild[node] as number);
    for (let at = first ?? NONE; at !== NONE; at = this.#nextSibling[at] as number) {
      if (this.elements[at] === element) return at;
    }
    const made = this.elements.push(element) - 1;
    this.#before.push(node);
    this.#reads.push(read);
    this.#firstChild.push(NONE);
    this.#nextSibling.push(first ?? NONE);
    if (node === NONE) this.#roots.set(key, made);
    else this.#firstChild[node] = made;
    return made;
  }

  /** Each addition comes before what is listed next. */
  constrain(constraints: Constraints): void {
    for (const [node, before] of this.#before.entries()) {
      if (before === NONE) continue;
      const from = this.elements[before] as number;
      constraints.add(from, this.elements[node] as number, this.#reads[node] as number);
    }
  }

  /**
   * An addition that is listed although it precedes causally what is listed before it: depth first,
   * with all that precedes a list as one clock. O(nodes × sessions). @throws LimitReached
   */
  misplaced(clocks: Clocks, meter: Meter): Misplaced | undefined {
    const { sessions } = this.#collections;
    const { columns } = clocks;
    const open: { readonly node: number; readonly clock: Int32Array }[] = [];
    for (const root of this.#roots.values()) {
      this.#open(open, root, new Int32Array(columns));
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        const { node, clock } = next;
        const element = this.elements[node] as number;
        if ((clock[sessions[element] as number] as number) > element) {
          return this.#explain(node, clocks);
        }
        meter.spend(1 + (columns >> 2));
        const from = (clocks.rows[element] as number) * columns;
        for (let column = 0; column < columns; column++) {
          const other = clocks.clocks[from + column] as number;
          if (other > (clock[column] as number)) clock[column] = other;
        }
        this.#open(open, this.#firstChild[node] as number, clock);
      }
    }
    return undefined;
  }

  /** Siblings get a copy each, the first one the clock itself. */
  #open(
    open: { readonly node: number; readonly clock: Int32Array }[],
    first: number,
    clock: Int32Array,
  ): void {
    if (first === NONE) return;
    let at = this.#nextSibling[first] as number;
    for (; at !== NONE; at = this.#nextSibling[at] as number) {
      open.push({ node: at, clock: clock.slice() });
    }
    open.push({ node: first, clock });
  }

  #explain(node: number, { rows, clocks, columns }: Clocks): Misplaced {
    const later = this.elements[node] as number;
    const column = this.#collections.sessions[later] as number;
    for (let at = this.#before[node] as number; at !== NONE; at = this.#before[at] as number) {
      const earlier = this.elements[at] as number;
      const clock = clocks[(rows[earlier] as number) * columns + column] as number;
      if (clock > later) return { earlier, later, read: this.#reads[node] as number };
    }
    throw new Error("an addition that precedes nothing that is listed before it");
  }
}

/** What is listed earlier, and what is listed later although it precedes it causally. */
export interface Misplaced {
  readonly earlier: number;
  readonly later: number;
  readonly read: number;
}
