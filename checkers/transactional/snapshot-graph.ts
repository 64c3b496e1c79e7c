/**
 * Whether transactions can have snapshots. Each takes one and commits later; who depends on a
 * transaction (ww, wr, time) takes its snapshot after that one's commit, and an rw leads from the
 * snapshot of the reader to the commit of who overwrote what it read. There is such an order of
 * snapshots and commits exactly when no cycle is without two rw edges in a row (Fekete et al. 2005;
 * Cerone & Gotsman 2018, theorem 10), and it takes linear time to see.
 *
 * Node `n` of the dependencies is here `2n`, its snapshot, and `2n + 1`, its commit. A node that
 * stands for many transactions is there once for edges that lead to their snapshots, and once for
 * those that lead to their commits.
 */
import { LabelledEdges, type LabelledDigraph } from "../../src/graph/labelled-digraph.js";
import { createLabelledDigraph } from "../../src/graph/labelled-digraph.js";
import { CONTINUES, RW } from "./dependencies.js";

/** The graph of snapshots and commits; the first `transactions` nodes are transactions. */
export function snapshotGraph(
  graph: LabelledDigraph,
  isTransaction: (node: number) => boolean,
): LabelledDigraph {
  const edges = new LabelledEdges();
  for (let from = 0; from < graph.count; from++) {
    if (isTransaction(from)) edges.add(2 * from, 2 * from + 1, CONTINUES);
    for (
      let place = graph.starts[from] as number;
      place < (graph.starts[from + 1] as number);
      place++
    ) {
      const to = graph.targets[place] as number;
      const label = graph.labels[place] as number;
      if (label === CONTINUES) {
        edges.add(2 * from, 2 * to, label);
        edges.add(2 * from + 1, 2 * to + 1, label);
      } else if (label === RW) {
        edges.add(2 * from, 2 * to + 1, label);
      } else {
        edges.add(2 * from + 1, 2 * to, label);
      }
    }
  }
  return createLabelledDigraph(2 * graph.count, edges);
}
