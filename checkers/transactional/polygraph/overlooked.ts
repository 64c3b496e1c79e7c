/**
 * What an order of commits does not explain where no cycle may have just one anti-dependency, as a
 * consistent view and parallel snapshot isolation have it (Cerone & Gotsman 2018, theorem 21: who
 * depends on a transaction reads nothing that it overwrote). Such a cycle is none of an order of
 * nodes: two of them together are allowed. So these reads are looked for in the whole order, with
 * every key written in it, and each that is found says which choices cannot be together.
 *
 * ```
 * r reads x of w … v overwrites x of w … v → … → r          not all of this
 * ```
 *
 * Whom a read misses is reached along the order, 32 at a time (single-dependency.ts).
 */
import { createDigraph, EdgeList, type Digraph } from "../../../src/graph/digraph.js";
import { createLabelledDigraph, LabelledEdges } from "../../../src/graph/labelled-digraph.js";
import { NONE } from "../../../src/history/history.js";
import type { Meter } from "../../linearizable/meter.js";
import { RW } from "../dependencies.js";
import { edgesOnCycles } from "../single-dependency.js";
import type { OrderedGraph } from "./ordered-graph.js";
import type { Pairs } from "./pairs.js";

/** A cycle of an order, and the literals that it follows from. */
export interface Objection {
  readonly literals: readonly number[];
  readonly cycle: readonly number[];
}

/** So many are answered at a time. */
const OBJECTIONS_MAX = 64;

/** A read of a version, and who overwrote that first. */
interface Read {
  readonly version: number;
  readonly reader: number;
  readonly writer: number;
}

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
    const { problem, count, froms, tos } = graph;
    const next = this.#nextVersions();
    const edges = new EdgeList();
    for (let edge = 0; edge < froms.length; edge++) {
      edges.add(froms[edge] as number, tos[edge] as number);
    }
    /** Edges after those that are known → the version that is overwritten. */
    const over: number[] = [];
    for (let version = 0; version < problem.writeCount; version++) {
      if (next[version] === NONE) continue;
      edges.add(problem.writerOf[version] as number, this.#writer(next[version] as number));
      over.push(version);
    }
    const causes = createDigraph(count, edges);
    const anti = new LabelledEdges();
    for (const { reader, writer } of this.#reads(next)) anti.add(reader, writer, RW);
    const limits = { max: OBJECTIONS_MAX, workMax: Infinity, order: nodes };
    this.#meter.spend(nodes.length + edges.length + anti.length);
    const { found, work } = edgesOnCycles(createLabelledDigraph(count, anti), causes, limits);
    this.#meter.spend(work);
    if (found.length === 0) return [];
    const starts = new Set(found.map(({ from }) => from));
    const objections: Objection[] = [];
    for (const read of this.#reads(next)) {
      if (!starts.has(read.reader) || objections.length >= OBJECTIONS_MAX) continue;
      const path = this.#path(causes, read);
      if (path !== undefined) objections.push(this.#objection(read, path, { next, over }));
    }
    return objections;
  }

  /** Version → what comes right after it, when every key is written in the present order. */
  #nextVersions(): Int32Array {
    const { graph, nodes } = this.#ordered;
    const { keyOf, keys, writeCount, writeStarts } = graph.problem;
    const next = new Int32Array(keyOf.length).fill(NONE);
    const current = Int32Array.from(keys, (_, key) => writeCount + key);
    for (const node of nodes) {
      if (node >= graph.memberNodes) continue;
      const end = writeStarts[node + 1] as number;
      for (let version = writeStarts[node] as number; version < end; version++) {
        const key = keyOf[version] as number;
        next[current[key] as number] = version;
        current[key] = version;
      }
    }
    return next;
  }

  *#reads(next: Int32Array): Iterable<Read> {
    const { otherReads, otherReaders } = this.#ordered.graph.problem;
    for (let at = 0; at < otherReads.length; at++) {
      const version = otherReads[at] as number;
      const reader = otherReaders[at] as number;
      if (next[version] === NONE) continue;
      const writer = this.#writer(next[version] as number);
      if (writer !== reader) yield { version, reader, writer };
    }
  }

  #writer(version: number): number {
    return this.#ordered.graph.problem.writerOf[version] as number;
  }

  /** The edges from who overwrote to the reader, as few as there are; undefined without a path. */
  #path(causes: Digraph, { reader, writer }: Read): readonly number[] | undefined {
    const { places } = this.#ordered;
    const { starts, targets, edges } = causes;
    const last = places[reader] as number;
    if ((places[writer] as number) > last) return undefined;
    const stamp = ++this.#stamp;
    const from = new Map<number, number>();
    const queue = [writer];
    this.#stamps[writer] = stamp;
    for (const node of queue) {
      const end = starts[node + 1] as number;
      this.#meter.spend(1 + end - (starts[node] as number));
      for (let at = starts[node] as number; at < end; at++) {
        const target = targets[at] as number;
        if (this.#stamps[target] === stamp || (places[target] as number) > last) continue;
        this.#stamps[target] = stamp;
        this.#by[target] = edges[at] as number;
        from.set(target, node);
        if (target === reader) {
          const path: number[] = [];
          for (let each = reader; each !== writer; each = from.get(each) as number) {
            path.push(this.#by[each] as number);
          }
          return path.reverse();
        }
        queue.push(target);
      }
    }
    return undefined;
  }

  #objection(
    { version, reader, writer }: Read,
    path: readonly number[],
    { next, over }: { readonly next: Int32Array; readonly over: readonly number[] },
  ): Objection {
    const known = this.#ordered.graph.froms.length;
    const literals = new Set<number>();
    const cycle = path.map((edge) => {
      if (edge < known) return edge;
      const before = over[edge - known] as number;
      const literal = this.#pairs.literal(
        this.#writer(before),
        this.#writer(next[before] as number),
      );
      literals.add(literal);
      return this.#pairs.edgesOf(literal)[0];
    });
    const first = this.#writer(version);
    if (first !== NONE) literals.add(this.#pairs.literal(first, writer));
    cycle.push(this.#pairs.overwriting(version, reader, writer));
    return { literals: [...literals], cycle };
  }
}
