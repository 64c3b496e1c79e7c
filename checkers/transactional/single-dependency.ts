/**
 * Which rw edges lie on a cycle without another: those whose end reaches their beginning by the
 * other edges, which have no cycle here. Reachability of 32 ends at a time, as bits, in topological
 * order, and only between the first end and the last beginning in that order: histories are local
 * in time, so that this is near linear, while no bound better than edges × nodes / 32 is known.
 */
import { topologicalOrder, type Digraph } from "../../src/graph/digraph.js";
import type { LabelledDigraph } from "../../src/graph/labelled-digraph.js";
import { RW } from "./dependencies.js";

/** A place in the edges of a graph, and the node from which the edge leads. */
export interface EdgeAt {
  readonly from: number;
  readonly place: number;
}

/** When to stop; and an order of all nodes that the other edges keep, where one is known. */
export interface EdgesOnCyclesOptions {
  readonly max: number;
  readonly workMax: number;
  readonly order?: Int32Array;
}

/** Finds some of these edges, at most `max`; `whole` tells whether there are no others. */
export function edgesOnCycles(
  graph: LabelledDigraph,
  others: Omit<Digraph, "edges">,
  { max, workMax, order = topologicalOrder(others) }: EdgesOnCyclesOptions,
): { readonly found: readonly EdgeAt[]; readonly whole: boolean; readonly work: number } {
  const ranks = new Int32Array(graph.count);
  for (let rank = 0; rank < order.length; rank++) ranks[order[rank] as number] = rank;
  const lasts = lastBefore(others, order, ranks);
  const open = candidates(graph, ranks, lasts);
  const masks = new Int32Array(graph.count);
  const found: EdgeAt[] = [];
  let work = 0;
  for (let batch = 0; batch < open.length; batch += 32) {
    const edges = open.slice(batch, batch + 32);
    const touched: number[] = [];
    let first = graph.count;
    let last = 0;
    for (const [bit, { from, place }] of edges.entries()) {
      const to = graph.targets[place] as number;
      masks[to] = (masks[to] as number) | (1 << bit);
      touched.push(to);
      first = Math.min(first, ranks[to] as number);
      last = Math.max(last, lasts[from] as number);
    }
    for (let rank = first; rank <= last; rank++) {
      const node = order[rank] as number;
      const mask = masks[node] as number;
      work++;
      if (mask === 0) continue;
      const end = others.starts[node + 1] as number;
      for (let place = others.starts[node] as number; place < end; place++) {
        const target = others.targets[place] as number;
        if (masks[target] === 0) touched.push(target);
        masks[target] = (masks[target] as number) | mask;
        work++;
      }
    }
    for (const [bit, edge] of edges.entries()) {
      if (((masks[edge.from] as number) & (1 << bit)) !== 0) found.push(edge);
    }
    for (const node of touched) masks[node] = 0;
    if (found.length >= max) return { found, whole: false, work };
    if (work > workMax) return { found, whole: false, work };
  }
  return { found, whole: true, work };
}

/** Node → the rank of the last node that leads to it, or -1: it may itself come much later. */
function lastBefore(
  { starts, targets }: Omit<Digraph, "edges">,
  order: Int32Array,
  ranks: Int32Array,
): Int32Array {
  const lasts = new Int32Array(ranks.length).fill(-1);
  for (let rank = 0; rank < order.length; rank++) {
    const node = order[rank] as number;
    const end = starts[node + 1] as number;
    for (let place = starts[node] as number; place < end; place++) {
      lasts[targets[place] as number] = rank;
    }
  }
  return lasts;
}

/** The rw edges that lead back in the order, by where they lead. */
function candidates(graph: LabelledDigraph, ranks: Int32Array, lasts: Int32Array): EdgeAt[] {
  const edges: EdgeAt[] = [];
  for (let from = 0; from < graph.count; from++) {
    for (
      let place = graph.starts[from] as number;
      place < (graph.starts[from + 1] as number);
      place++
    ) {
      const to = graph.targets[place] as number;
      if (graph.labels[place] !== RW) continue;
      if ((ranks[to] as number) <= (lasts[from] as number)) edges.push({ from, place });
    }
  }
  const rankOf = ({ place }: EdgeAt): number => ranks[graph.targets[place] as number] as number;
  return edges.sort((a, b) => rankOf(a) - rankOf(b));
}
