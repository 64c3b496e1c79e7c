/** A short cycle of a graph, for people to read: breadth first from some nodes that lie on one. */
import { componentsOf } from "./components.js";
import type { Digraph } from "./digraph.js";

/** As many nodes are tried as beginnings; with more of them a shorter cycle may be missed. */
const TRIES_MAX = 64;
/** No more are tried once so many nodes, and twice as many as there are, have been reached. */
const REACHED_MAX = 100_000;

/** The edges of a cycle, as positions in the list; undefined when there is none. */
export function shortestCycle(graph: Digraph): readonly number[] | undefined {
  const { of, sizes } = componentsOf(graph);
  let shortest: readonly number[] | undefined;
  let tries = 0;
  let reached = 0;
  const reachedMax = REACHED_MAX + 2 * graph.count;
  for (let node = 0; node < graph.count && tries < TRIES_MAX; node++) {
    if ((sizes[of[node] as number] as number) < 2) continue;
    if (reached > reachedMax) break;
    tries++;
    const found = cycleThrough(graph, node, { of, below: shortest?.length ?? Infinity });
    reached += found.reached;
    if (found.cycle !== undefined) shortest = found.cycle;
  }
  return shortest;
}

/** A shortest one through a node that lies on some, if it has fewer edges than `below`. */
function cycleThrough(
  { starts, targets, edges }: Digraph,
  root: number,
  { of, below }: { readonly of: Int32Array; readonly below: number },
): { readonly cycle?: readonly number[]; readonly reached: number } {
  /** Node → the node and the edge by which it was reached. */
  const reached = new Map<number, { readonly from: number; readonly edge: number }>();
  let border = [root];
  for (let depth = 1; depth < below && !reached.has(root) && border.length > 0; depth++) {
    const next: number[] = [];
    for (const from of border) {
      for (let place = starts[from] as number; place < (starts[from + 1] as number); place++) {
        const target = targets[place] as number;
        if (of[target] !== of[root] || reached.has(target)) continue;
        reached.set(target, { from, edge: edges[place] as number });
        next.push(target);
      }
    }
    border = next;
  }
  if (!reached.has(root)) return { reached: reached.size };
  const cycle: number[] = [];
  let at = root;
  do {
    const step = reached.get(at) as { readonly from: number; readonly edge: number };
    cycle.push(step.edge);
    at = step.from;
  } while (at !== root);
  return { cycle: cycle.reverse(), reached: reached.size };
}
