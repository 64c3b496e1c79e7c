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
import type { LabelledDigraph } from "../../src/graph/labelled-digraph.js";
import { CONTINUES, RW } from "./dependencies.js";

/**
 * The graph of snapshots and commits, where these nodes are transactions and edges with these
 * labels are kept; all of them when none are named.
 */
export function snapshotGraph(
  graph: LabelledDigraph,
  isTransaction: (node: number) => boolean,
  isKept?: Uint8Array,
): LabelledDigraph {
  const { count } = graph;
  const starts = new Int32Array(2 * count + 1);
  let room = count;
  for (const label of graph.labels) {
    if (isKept === undefined || isKept[label] === 1) room += label === CONTINUES ? 2 : 1;
  }
  const targets = new Int32Array(room);
  const labels = new Uint8Array(targets.length);
  let length = 0;
  const add = (to: number, label: number): void => {
    targets[length] = to;
    labels[length] = label;
    length++;
  };
  for (let from = 0; from < count; from++) {
    const begin = graph.starts[from] as number;
    const end = graph.starts[from + 1] as number;
    if (isTransaction(from)) add(2 * from + 1, CONTINUES);
    for (let place = begin; place < end; place++) {
      const label = graph.labels[place] as number;
      if (isKept !== undefined && isKept[label] === 0) continue;
      const to = graph.targets[place] as number;
      if (label === CONTINUES) add(2 * to, label);
      else if (label === RW) add(2 * to + 1, label);
    }
    starts[2 * from + 1] = length;
    for (let place = begin; place < end; place++) {
      const label = graph.labels[place] as number;
      if (label === RW || (isKept !== undefined && isKept[label] === 0)) continue;
      add(2 * (graph.targets[place] as number) + (label === CONTINUES ? 1 : 0), label);
    }
    starts[2 * from + 2] = length;
  }
  return {
    count: 2 * count,
    starts,
    targets: targets.subarray(0, length),
    labels: labels.subarray(0, length),
  };
}
