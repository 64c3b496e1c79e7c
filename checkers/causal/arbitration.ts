/**
 * One order of all writes for all sessions (causal convergence, Bouajjani et al. 2017, section 4):
 * it exists exactly when session order, reads and conflict order together have no cycle (CyclicCF),
 * and then any topological order is one.
 */
import {
  createDigraph,
  topologicalOrder,
  type Digraph,
  EdgeList,
} from "../../src/graph/digraph.js";
import { componentsOf } from "../../src/graph/components.js";
import { shortestChain, type Step } from "./chains.js";
import type { Registers } from "./layout.js";

/** An order of all operations; or a cycle that forbids one. */
export type Arbitration =
  | { readonly kind: "order"; readonly order: Int32Array }
  | { readonly kind: "cyclic"; readonly chain: readonly Step[] };

/** As many conflicts on cycles are tried for the shortest one. */
const TRIES_MAX = 32;

/** Orders; linear in operations and conflicts. */
export function arbitrate(registers: Registers, conflicts: EdgeList): Arbitration {
  const { count, starts, parents, sources } = registers;
  const edges = new EdgeList();
  for (let session = 0; session + 1 < starts.length; session++) {
    const first = starts[session] as number;
    const parent = parents[session] as number;
    if (parent >= 0) edges.add(parent, first);
    for (let at = first + 1; at < (starts[session + 1] as number); at++) edges.add(at - 1, at);
  }
  for (let operation = 0; operation < count; operation++) {
    const source = sources[operation] as number;
    if (source >= 0) edges.add(source, operation);
  }
  for (let edge = 0; edge < conflicts.length; edge++) {
    edges.add(conflicts.froms[edge] as number, conflicts.tos[edge] as number);
  }
  const graph = createDigraph(count, edges);
  const order = topologicalOrder(graph);
  if (order.length === count) return { kind: "order", order };
  return { kind: "cyclic", chain: shortestCycle(registers, conflicts, graph) };
}

function shortestCycle(registers: Registers, conflicts: EdgeList, graph: Digraph): readonly Step[] {
  const { of } = componentsOf(graph);
  const backwards = createDigraph(registers.count, conflicts, true);
  const derived = {
    list: conflicts,
    limit: Infinity,
    into: (operation: number): Int32Array =>
      backwards.edges.subarray(backwards.starts[operation], backwards.starts[operation + 1]),
  };
  const paths = { registers, follows: () => true, derived };
  let shortest: readonly Step[] | undefined;
  let tries = 0;
  for (let edge = 0; edge < conflicts.length && tries < TRIES_MAX; edge++) {
    const from = conflicts.froms[edge] as number;
    const to = conflicts.tos[edge] as number;
    if (of[from] !== of[to]) continue;
    tries++;
    const found = shortestChain(paths, { from, to: from });
    if (found === undefined || found.length >= (shortest?.length ?? Infinity)) continue;
    shortest = found;
  }
  return shortest ?? [];
}
