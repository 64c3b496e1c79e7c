/**
 * From a history to all that is known of its transactions: dependencies, findings, cycles. One pass
 * for each; the graph is taken apart only when it has no topological order.
 */
import { nodesWhere, topologicalOrder } from "../../src/graph/digraph.js";
import {
  createLabelledDigraph,
  LabelledEdges,
  subgraphOf,
  type LabelledDigraph,
} from "../../src/graph/labelled-digraph.js";
import { NONE, OK } from "../../src/history/history.js";
import { FOLLOWING, type CycleClass } from "./cycle-search.js";
import { findCycles, NO_CYCLES, TIME_EDGES, type Found, type Time } from "./cycles.js";
import { CONTINUES, Dependencies, WW, type ByKey } from "./dependencies.js";
import { greedyOrder } from "./greedy-order.js";
import { addKeyEdges } from "./key-edges.js";
import { checkInside } from "./internal.js";
import type { Transactions } from "./layout.js";
import type { VersionRule } from "./findings.js";
import { snapshotGraph } from "./snapshot-graph.js";
import { addTimeEdges } from "./time-edges.js";

/** Transactions, and what their keys say. */
export interface KeysKnown {
  readonly transactions: Transactions;
  readonly dependencies: Dependencies;
  readonly byKey: ByKey;
}

/** What is known of a history. */
export interface Analysis extends KeysKnown {
  readonly rules: ReadonlySet<VersionRule>;
  readonly graph: LabelledDigraph;
  readonly found: Found;
  /** All nodes in an order that every edge keeps; undefined when there is none. */
  readonly order: Int32Array | undefined;
}

/** Analyzes a history; `check` is called between the steps, and throws to end it. */
export function analyze(
  transactions: Transactions,
  byKey: ByKey,
  { rules, check }: { readonly rules: ReadonlySet<VersionRule>; readonly check: () => void },
): Analysis {
  const dependencies = new Dependencies(transactions);
  checkInside(transactions, dependencies.findings);
  check();
  addKeyEdges(dependencies, byKey, rules);
  check();
  addTimeEdges(dependencies);
  const graph = createLabelledDigraph(dependencies.nodeCount, dependencies.edges);
  check();
  const order = topologicalOrder(graph);
  const isAcyclic = order.length === graph.count;
  check();
  const found = isAcyclic
    ? NOTHING_FOUND
    : findCycles(graph, {
        count: transactions.count,
        isCertain: (each) => transactions.outcomes[each] === OK,
      });
  const known = { transactions, dependencies, byKey, rules, graph, found };
  return { ...known, order: isAcyclic ? order : undefined };
}

const NOTHING_FOUND: Found = {
  phenomena: { "": NO_CYCLES, process: NO_CYCLES, realtime: NO_CYCLES },
  cycles: [],
  nodes: 0,
  components: 0,
};

/** Transactions that happened, in an order that edges of these kinds and of time keep. */
export function orderBy(analysis: Analysis, of: CycleClass, time: Time): readonly number[] {
  const { graph, order } = analysis;
  if (order !== undefined) return transactionsIn(order, analysis);
  return transactionsIn(topologicalOrder(partOf(graph, of, time)), analysis);
}

/**
 * Transactions that happened, in an order that all edges keep, and that of those that may be next
 * takes who completed, or was invoked, first: for registers, whose edges do not determine the
 * order. Undefined when that came to a dead end.
 */
export function likelyOrder(
  { graph, transactions, dependencies }: Analysis,
  time: Time,
  by: "completion" | "invocation",
): readonly number[] | undefined {
  const { count, completions, invocations } = transactions;
  const priorities = new Float64Array(graph.count);
  for (let each = 0; each < count; each++) {
    const end = completions[each] as number;
    const isEnd = by === "completion" && dependencies.happened[each] === 1 && end !== NONE;
    priorities[each] = isEnd ? end : (invocations[each] as number);
  }
  return greedyOrder(partOf(graph, "G2", time), dependencies, priorities);
}

/** Transactions that completed `ok`, in an order that their ww edges and those of time keep. */
export function orderOfCompleted({ graph, transactions }: Analysis, time: Time): readonly number[] {
  const { count, outcomes } = transactions;
  const all = Int32Array.from({ length: graph.count }, (_, node) => node);
  const nodes = nodesWhere(all, (node) => node >= count || outcomes[node] === OK);
  const part = subgraphOf(graph, nodes, keeps("G0", time));
  const order = topologicalOrder(part).map((node) => nodes[node] as number);
  return Array.from(nodesWhere(order, (node) => node < count));
}

/**
 * The snapshot and the commit of each transaction that happened, in the order of snapshots.
 * Transactions that wrote the same key, nobody knows in which order, must still not overlap: they
 * are put in the order of their commits, or of their snapshots. Undefined when neither fits: there
 * may be another order that does.
 */
export function snapshotOrder(analysis: Analysis, time: Time): readonly number[] | undefined {
  const { graph, transactions, dependencies } = analysis;
  const { count } = transactions;
  const { happened, unordered } = dependencies;
  const part = partOf(graph, "G2", time);
  const first = topologicalOrder(snapshotGraph(part, (node) => node < count));
  const named = (order: Int32Array): readonly number[] =>
    Array.from(
      nodesWhere(order, (node) => happened[node >> 1] === 1),
      (node) => node >> 1,
    );
  if (unordered.length === 0) return named(first);
  const places = new Int32Array(2 * graph.count);
  for (let place = 0; place < first.length; place++) places[first[place] as number] = place;
  for (const node of [1, 0]) {
    const edges = edgesOf(part);
    for (const group of unordered) {
      const sorted = group.toSorted(
        (a, b) => (places[2 * a + node] as number) - (places[2 * b + node] as number),
      );
      for (let at = 1; at < sorted.length; at++) {
        edges.add(sorted[at - 1] as number, sorted[at] as number, WW);
      }
    }
    const settled = snapshotGraph(
      createLabelledDigraph(graph.count, edges),
      (each) => each < count,
    );
    const order = topologicalOrder(settled);
    if (order.length === settled.count) return named(order);
  }
  return undefined;
}

function edgesOf({ count, starts, targets, labels }: LabelledDigraph): LabelledEdges {
  const edges = new LabelledEdges();
  for (let from = 0; from < count; from++) {
    for (let place = starts[from] as number; place < (starts[from + 1] as number); place++) {
      edges.add(from, targets[place] as number, labels[place] as number);
    }
  }
  return edges;
}

/** The edges that cycles of a class may have. */
export function partOf(graph: LabelledDigraph, of: CycleClass, time: Time): LabelledDigraph {
  const all = Int32Array.from({ length: graph.count }, (_, node) => node);
  return subgraphOf(graph, all, keeps(of, time));
}

function keeps(of: CycleClass, time: Time): (label: number) => boolean {
  const allowed = FOLLOWING[of] | TIME_EDGES[time];
  return (label) => label === CONTINUES || (label & allowed) !== 0;
}

function transactionsIn(order: Int32Array, { dependencies }: Analysis): readonly number[] {
  const { happened } = dependencies;
  return Array.from(nodesWhere(order, (node) => happened[node] === 1));
}
