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
  const { count } = graph;
  const reachedMax = REACHED_MAX + 2 * count;
  let shortest: readonly number[] | undefined;
  let walk: Walk | undefined;
  for (let node = 0; node < count; node++) {
    if ((sizes[of[node] as number] as number) < 2) continue;
    walk ??= new Walk(graph, of);
    if (walk.tries === TRIES_MAX || walk.reached > reachedMax) break;
    shortest = walk.cycleThrough(node, shortest?.length ?? Infinity) ?? shortest;
  }
  return shortest;
}

/** Walks within one component, from one root after the other. */
class Walk {
  tries = 0;
  /** How many nodes were reached, each as often as it was. */
  reached = 0;
  readonly #graph: Digraph;
  readonly #of: Int32Array;
  /** Node → the last try that reached it; the node and the edge by which it did. */
  readonly #tries: Int32Array;
  readonly #froms: Int32Array;
  readonly #edges: Int32Array;

  constructor(graph: Digraph, of: Int32Array) {
    this.#graph = graph;
    this.#of = of;
    this.#tries = new Int32Array(graph.count);
    this.#froms = new Int32Array(graph.count);
    this.#edges = new Int32Array(graph.count);
  }

  /** A shortest one through a node that lies on some, if it has fewer edges than `below`. */
  cycleThrough(root: number, below: number): readonly number[] | undefined {
    const { starts, targets, edges } = this.#graph;
    const of = this.#of;
    const component = of[root];
    const tries = this.#tries;
    const own = ++this.tries;
    let border = [root];
    for (let depth = 1; depth < below && border.length > 0; depth++) {
      const next: number[] = [];
      for (const from of border) {
        for (let place = starts[from] as number; place < (starts[from + 1] as number); place++) {
          const target = targets[place] as number;
          if (of[target] !== component || tries[target] === own) continue;
          tries[target] = own;
          this.#froms[target] = from;
          this.#edges[target] = edges[place] as number;
          next.push(target);
        }
      }
      this.reached += next.length;
      if (tries[root] === own) return this.#back(root);
      border = next;
    }
    return undefined;
  }

  #back(root: number): readonly number[] {
    const cycle: number[] = [];
    let at = root;
    do {
      cycle.push(this.#edges[at] as number);
      at = this.#froms[at] as number;
    } while (at !== root);
    return cycle.reverse();
  }
}
