/**
 * A shortest cycle of a graph of commits, breadth first from one edge of it after the other: first
 * those of what is forced, for sessions and reads alone have no cycle when these are asked. The
 * search goes deeper step by step and within a number of steps; whatever that is, it finds one.
 */
import { componentsOf } from "../../../src/graph/components.js";
import { NONE } from "../../../src/history/history.js";
import type { CommitGraph } from "./commit-graph.js";

/** One edge of a cycle: its ends and its reason. */
export interface Step {
  readonly from: number;
  readonly to: number;
  readonly reason: number;
}

/** So many edges are looked at for a shorter cycle. */
const STEPS_MAX = 20_000_000;
const DEPTHS: readonly number[] = [1, 2, 3, 4, 6, 9, 14, 30];

/** A cycle of a graph that has one. */
export function shortCycleOf(graph: CommitGraph): readonly Step[] {
  const search = new Search(graph);
  const begins = search.edges((reason) => reason >= 0);
  const all = begins.length > 0 ? begins : search.edges(() => true);
  for (const depth of DEPTHS) {
    for (const place of all) {
      const found = search.through(place, depth);
      if (found !== undefined) return found;
      if (search.steps > STEPS_MAX) break;
    }
    if (search.steps > STEPS_MAX) break;
  }
  for (const place of all) {
    const found = search.through(place, Infinity);
    if (found !== undefined) return found;
  }
  throw new Error("a graph that has no order has no cycle");
}

class Search {
  steps = 0;
  readonly #graph: CommitGraph;
  readonly #components: Int32Array;
  readonly #sizes: Int32Array;
  /** Place of an edge → where it begins. */
  readonly #froms: Int32Array;
  /** Node → the place of the edge by which it was reached, valid where stamped. */
  readonly #reached: Int32Array;
  readonly #stamps: Int32Array;
  readonly #queue: Int32Array;
  #stamp = 0;

  constructor(graph: CommitGraph) {
    const { of, sizes } = componentsOf(graph);
    this.#graph = graph;
    this.#components = of;
    this.#sizes = sizes;
    this.#reached = new Int32Array(graph.count);
    this.#stamps = new Int32Array(graph.count);
    this.#queue = new Int32Array(graph.count);
    this.#froms = new Int32Array(graph.targets.length);
    for (let node = 0; node < graph.count; node++) {
      this.#froms.fill(node, graph.starts[node], graph.starts[node + 1]);
    }
  }

  /** Places of edges that lie on cycles. */
  edges(isAsked: (reason: number) => boolean): readonly number[] {
    const { targets, reasons } = this.#graph;
    const found: number[] = [];
    for (let place = 0; place < targets.length; place++) {
      const component = this.#components[targets[place] as number] as number;
      if ((this.#sizes[component] as number) < 2) continue;
      if (this.#components[this.#froms[place] as number] !== component) continue;
      if (isAsked(reasons[place] as number)) found.push(place);
    }
    return found;
  }

  /** A shortest cycle through an edge, with at most so many others. */
  through(place: number, depthMax: number): readonly Step[] | undefined {
    const { starts, targets } = this.#graph;
    const begin = targets[place] as number;
    const goal = this.#froms[place] as number;
    const component = this.#components[goal];
    this.#stamp++;
    this.#stamps[begin] = this.#stamp;
    this.#reached[begin] = NONE;
    this.#queue[0] = begin;
    let end = 1;
    let at = 0;
    for (let depth = 0; depth < depthMax && at < end; depth++) {
      for (const last = end; at < last; at++) {
        const node = this.#queue[at] as number;
        const until = starts[node + 1] as number;
        this.steps += until - (starts[node] as number);
        for (let edge = starts[node] as number; edge < until; edge++) {
          const target = targets[edge] as number;
          if (this.#stamps[target] === this.#stamp || this.#components[target] !== component) {
            continue;
          }
          this.#stamps[target] = this.#stamp;
          this.#reached[target] = edge;
          if (target === goal) return this.#cycle(place);
          this.#queue[end++] = target;
        }
      }
    }
    return undefined;
  }

  #cycle(closing: number): readonly Step[] {
    const steps: Step[] = [];
    for (let place = closing; place !== NONE;) {
      const from = this.#froms[place] as number;
      const to = this.#graph.targets[place] as number;
      steps.push({ from, to, reason: this.#graph.reasons[place] as number });
      place = this.#reached[from] as number;
    }
    return steps.reverse();
  }
}
