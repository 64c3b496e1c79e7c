/**
 * All lists that reads show, as a tree for each key: lists that begin in the same way share that,
 * so that what is said of a list and its beginning is said once.
 */
import { NONE } from "../../../src/history/history.js";
import type { Meter } from "../../linearizable/meter.js";
import type { Clocks } from "./causes.js";
import { READS, type Collections } from "./layout.js";
import type { Constraints } from "./steps.js";

const BYTES_OF_NODE = 48;

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
  /** Nodes that are not the first ones after another, by that and by what they list. */
  readonly #others = new Map<number, number>();
  readonly #collections: Collections;
  readonly #meter: Meter;

  /** @throws LimitReached */
  constructor(collections: Collections, meter: Meter) {
    const { count, kinds, keys, shows, listStarts, listItems } = collections;
    this.#collections = collections;
    this.#meter = meter;
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
    if (first !== undefined && this.elements[first] === element) return first;
    const name = (node + 1) * this.#collections.count + element;
    const known = this.#others.get(name);
    if (known !== undefined) return known;
    this.#meter.reserve(BYTES_OF_NODE);
    const made = this.elements.push(element) - 1;
    this.#before.push(node);
    this.#reads.push(read);
    this.#firstChild.push(NONE);
    if (first === undefined || first === NONE) {
      this.#nextSibling.push(NONE);
      if (node === NONE) this.#roots.set(key, made);
      else this.#firstChild[node] = made;
    } else {
      this.#nextSibling.push(this.#nextSibling[first] as number);
      this.#nextSibling[first] = made;
      this.#others.set(name, made);
    }
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
    const open: Opened[] = [];
    for (const root of this.#roots.values()) {
      this.#open(open, root, new Int32Array(columns));
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        const { node } = next;
        const clock = next.isShared ? next.clock.slice() : next.clock;
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

  #open(open: Opened[], first: number, clock: Int32Array): void {
    if (first === NONE) return;
    const isShared = this.#nextSibling[first] !== NONE;
    for (let at = first; at !== NONE; at = this.#nextSibling[at] as number) {
      open.push({ node: at, clock, isShared });
    }
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

/** A node that is to be looked at, with what precedes the list before it. */
interface Opened {
  readonly node: number;
  readonly clock: Int32Array;
  /** Whether siblings have the same clock, so that it must stay as it is. */
  readonly isShared: boolean;
}

/** What is listed earlier, and what is listed later although it precedes it causally. */
export interface Misplaced {
  readonly earlier: number;
  readonly later: number;
  readonly read: number;
}
