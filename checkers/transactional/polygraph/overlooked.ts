/**
 * What an order does not explain where not every anti-dependency counts by itself. Such reads are
 * looked for in the whole order, with every key written in it, and each that is found says which
 * choices cannot be together.
 *
 * Where no cycle may have just one anti-dependency, as a consistent view and parallel snapshot
 * isolation have it (Cerone & Gotsman 2018, theorem 21: who depends on a transaction reads nothing
 * that it overwrote), such a cycle is none of an order of nodes: two of them together are allowed.
 *
 * ```
 * r reads x of w … v overwrites x of w … v → … → r          not all of this
 * ```
 *
 * Update serializability (Adya 1999, chapter 4, PL-3U) asks whether each that only reads agrees
 * with those that write, whose order that of the nodes is: the same, with their anti-dependencies
 * as steps between. Where sessions or real time are kept, a consistent view with them, through all
 * that read, is asked for beside.
 *
 * Whom a read misses is reached along the order, 32 at a time (single-dependency.ts).
 */
import { componentsOf } from "../../../src/graph/components.js";
import { topologicalOrder, type Digraph } from "../../../src/graph/digraph.js";
import { createLabelledDigraph, LabelledEdges } from "../../../src/graph/labelled-digraph.js";
import type { Meter } from "../../linearizable/meter.js";
import { RW } from "../dependencies.js";
import { edgesOnCycles } from "../single-dependency.js";
import { COMPLETES, SESSION } from "./known-graph.js";
import type { Objection } from "./objection.js";
import type { OrderedGraph } from "./ordered-graph.js";
import type { Pairs } from "./pairs.js";
import { Steps, type Between } from "./steps.js";

/** So many are answered at a time. */
const OBJECTIONS_MAX = 64;

/** Looks at the order of a graph again and again. */
export class Overlooked {
  readonly #ordered: OrderedGraph;
  readonly #pairs: Pairs;
  readonly #meter: Meter;
  /** Of the present search for a path: who was reached, and by which edge. */
  readonly #stamps: Int32Array;
  readonly #by: Int32Array;
  #stamp = 0;

  constructor(ordered: OrderedGraph, pairs: Pairs, meter: Meter) {
    this.#ordered = ordered;
    this.#pairs = pairs;
    this.#meter = meter;
    this.#stamps = new Int32Array(ordered.graph.count);
    this.#by = new Int32Array(ordered.graph.count);
  }

  /** Some reads that the order does not explain; none when it explains all. @throws LimitReached */
  find(): readonly Objection[] {
    const { graph, nodes } = this.#ordered;
    // What is read after a write may come before whom that overwrites, in the order of nodes.
    const { minded, followers } = graph.problem;
    if (minded === "none") return this.#reads("views", followers === undefined ? nodes : undefined);
    const found = this.#reads("writers", nodes);
    const isTimed = graph.kinds.some((kind) => kind === SESSION || kind === COMPLETES);
    return found.length > 0 || !isTimed ? found : this.#reads("all-views");
  }

  /** Reads whose last steps close cycles; `order` is kept by all others, if that is known. */
  #reads(between: Between, order?: Int32Array): readonly Objection[] {
    const steps = new Steps(this.#ordered, this.#pairs, between);
    const { graph } = steps;
    const sorted = order ?? topologicalOrder(graph);
    this.#meter.spend(graph.count + graph.edges.length);
    if (sorted.length < graph.count) return this.#cycles(steps);
    const closings = steps.closings();
    const anti = new LabelledEdges();
    for (let at = 0; at < closings.length; at++) {
      anti.add(closings.froms.at(at), closings.tos.at(at), RW);
    }
    const limits = { max: OBJECTIONS_MAX, workMax: Infinity, order: sorted };
    this.#meter.spend(anti.length);
    const labelled = createLabelledDigraph(graph.count, anti);
    const { found, work } = edgesOnCycles(labelled, graph, limits);
    this.#meter.spend(work);
    if (found.length === 0) return [];
    const starts = new Set(found.map(({ from }) => from));
    const places = new Int32Array(graph.count);
    for (let place = 0; place < sorted.length; place++) places[sorted[place] as number] = place;
    const objections: Objection[] = [];
    for (let at = 0; at < closings.length && objections.length < OBJECTIONS_MAX; at++) {
      const from = closings.froms.at(at);
      if (!starts.has(from)) continue;
      const path = this.#path(graph, [closings.tos.at(at), from], places);
      if (path !== undefined) objections.push(steps.shown(path, { of: closings, at }));
    }
    return objections;
  }

  /** A cycle of each part that has one without any last step. */
  #cycles(steps: Steps): readonly Objection[] {
    const { of, sizes } = componentsOf(steps.graph);
    const objections: Objection[] = [];
    const seen = new Set<number>();
    for (let node = 0; node < this.#ordered.graph.memberNodes; node++) {
      const component = of[node] as number;
      if ((sizes[component] as number) < 2 || seen.has(component)) continue;
      if (objections.length >= OBJECTIONS_MAX) break;
      seen.add(component);
      const path = this.#path(steps.graph, [node, node]);
      if (path !== undefined) objections.push(steps.shown(path));
    }
    return objections;
  }

  /** The edges from one node to another, as few as there are; undefined without a path. */
  #path(
    { starts, targets, edges }: Digraph,
    [from, to]: readonly [number, number],
    places?: Int32Array,
  ): readonly number[] | undefined {
    const last = places === undefined ? Infinity : (places[to] as number);
    if (places !== undefined && (places[from] as number) > last) return undefined;
    const stamp = ++this.#stamp;
    const before = new Map<number, number>();
    const queue = [from];
    if (from !== to) this.#stamps[from] = stamp;
    for (const node of queue) {
      const end = starts[node + 1] as number;
      this.#meter.spend(1 + end - (starts[node] as number));
      for (let at = starts[node] as number; at < end; at++) {
        const target = targets[at] as number;
        if (this.#stamps[target] === stamp) continue;
        if (places !== undefined && (places[target] as number) > last) continue;
        this.#stamps[target] = stamp;
        this.#by[target] = edges[at] as number;
        before.set(target, node);
        if (target === to) {
          const path: number[] = [];
          let each = to;
          do {
            path.push(this.#by[each] as number);
            each = before.get(each) as number;
          } while (each !== from);
          return path.reverse();
        }
        queue.push(target);
      }
    }
    return undefined;
  }
}
