/**
 * The shortest cycle of a class through an edge: breadth first over pairs of a node and what the
 * class has to remember, where edges that continue others cost nothing (0-1 breadth first: Dial
 * 1969).
 *
 * A class is told by its first edge and by which edges may follow:
 *
 * ```
 * G0              ww, then ww
 * G1c             wr, then ww or wr
 * G-cursor        update (an rw whose transaction wrote the same key), then ww, wr or update
 * G-single        rw, then ww or wr
 * G-nonadjacent   rw, then any, but never an rw after an rw (nor at the end, before the first)
 * G2              rw, rw, then any
 * ```
 *
 * and in each of them edges of time as far as the variant has them.
 */
import type { LabelledDigraph } from "../../src/graph/labelled-digraph.js";
import { CONTINUES, RW, UPDATE, WR, WW } from "./dependencies.js";

/** Classes of cycles, from grave to slight (Adya 1999; Kingsbury & Alvaro 2020). */
export const CYCLE_CLASSES = ["G0", "G1c", "G-cursor", "G-single", "G-nonadjacent", "G2"] as const;
export type CycleClass = (typeof CYCLE_CLASSES)[number];

/** Edges that may follow, beside those of time. */
export const FOLLOWING: { readonly [name in CycleClass]: number } = {
  G0: WW,
  G1c: WW | WR,
  "G-cursor": WW | WR | UPDATE,
  "G-single": WW | WR,
  "G-nonadjacent": WW | WR | RW,
  G2: WW | WR | RW,
};

/** An edge of a cycle between two nodes that are transactions. */
export interface Step {
  readonly from: number;
  readonly to: number;
  readonly kind: number;
}

/** What is searched for. */
export interface CycleQuestion {
  readonly class: CycleClass;
  /** Kinds of edges of time that may be used. */
  readonly time: number;
  /** The first edge: where it stands in the graph, and from which node. */
  readonly from: number;
  readonly place: number;
  /** Node → number of its component; the cycle does not leave it. */
  readonly components: Int32Array;
  /** Longer ones are not looked for. */
  readonly lengthMax: number;
}

/** As many situations a node may be reached in. */
const STATES = 4;

/** Nothing in particular. */
const FREE = 0;
/** G-nonadjacent: the last edge was an rw; a second one came. */
const AFTER_RW = 1;
const HAS_SECOND = 2;
/** G2: the next edge must be an rw. */
const WANTS_RW = 1;

const REFUSED = -1;

/** Searches one graph again and again. */
export class CycleSearch {
  readonly #graph: LabelledDigraph;
  /** Pair → the search in which it was reached; from which pair; by which kind of edge. */
  readonly #stamps: Int32Array;
  readonly #parents: Int32Array;
  readonly #kinds: Uint8Array;
  #stamp = 0;
  /** Edges looked at, over all searches. */
  work = 0;

  constructor(graph: LabelledDigraph) {
    this.#graph = graph;
    this.#stamps = new Int32Array(graph.count * STATES);
    this.#parents = new Int32Array(graph.count * STATES);
    this.#kinds = new Uint8Array(graph.count * STATES);
  }

  /** The steps of a shortest cycle, or undefined when there is none that short. */
  find(question: CycleQuestion): readonly Step[] | undefined {
    const { from, place, lengthMax, components } = question;
    const { starts, targets, labels } = this.#graph;
    const allowed = FOLLOWING[question.class] | question.time;
    const begin = (targets[place] as number) * STATES + beginning(question.class);
    this.#stamp++;
    this.#reach(begin, -1, labels[place] as number);
    let border = [begin];
    for (let length = 1; border.length > 0 && length <= lengthMax; length++) {
      const next: number[] = [];
      // The border grows while it is walked: edges that continue lead to pairs of the same length.
      for (const pair of border) {
        const node = Math.floor(pair / STATES);
        const state = pair % STATES;
        for (let at = starts[node] as number; at < (starts[node + 1] as number); at++) {
          this.work++;
          const label = labels[at] as number;
          const target = targets[at] as number;
          if (components[target] !== components[from]) continue;
          if (label !== CONTINUES && ((label & allowed) === 0 || length === lengthMax)) continue;
          const after = label === CONTINUES ? state : follow(question.class, state, label);
          if (after === REFUSED) continue;
          const reached = target * STATES + after;
          if (this.#stamps[reached] === this.#stamp) continue;
          this.#reach(reached, pair, label);
          if (target === from && isEnd(question.class, after)) return this.#stepsTo(reached, from);
          if (target !== from) (label === CONTINUES ? border : next).push(reached);
        }
      }
      border = next;
    }
    return undefined;
  }

  #reach(pair: number, parent: number, kind: number): void {
    this.#stamps[pair] = this.#stamp;
    this.#parents[pair] = parent;
    this.#kinds[pair] = kind;
  }

  /** The steps back from the end; nodes between that are no transactions are left out. */
  #stepsTo(end: number, from: number): readonly Step[] {
    const steps: Step[] = [];
    let to = Math.floor(end / STATES);
    for (let pair = end; pair !== -1;) {
      const parent = this.#parents[pair] as number;
      const kind = this.#kinds[pair] as number;
      const before = parent === -1 ? from : Math.floor(parent / STATES);
      if (kind !== CONTINUES) {
        steps.push({ from: before, to, kind });
        to = before;
      }
      pair = parent;
    }
    return steps.reverse();
  }
}

function beginning(name: CycleClass): number {
  if (name === "G2") return WANTS_RW;
  return name === "G-nonadjacent" ? AFTER_RW : FREE;
}

function follow(name: CycleClass, state: number, label: number): number {
  if (name === "G2") return state === WANTS_RW && label !== RW ? REFUSED : FREE;
  if (name !== "G-nonadjacent") return FREE;
  if (label !== RW) return state & HAS_SECOND;
  return (state & AFTER_RW) === 0 ? AFTER_RW | HAS_SECOND : REFUSED;
}

function isEnd(name: CycleClass, state: number): boolean {
  return name === "G-nonadjacent" ? state === HAS_SECOND : state === FREE;
}
