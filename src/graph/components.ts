/**
 * Strongly connected components (Tarjan 1972), without recursion: histories make graphs that are as
 * deep as they are long. O(nodes + edges).
 */
import type { Digraph } from "./digraph.js";

/** Nodes that lie on cycles together. */
export interface Components {
  /** Node → number of its component; components are numbered against the direction of edges. */
  readonly of: Int32Array;
  readonly count: number;
  /** Component → how many nodes it has; more than one means a cycle. */
  readonly sizes: Int32Array;
}

/** Takes a graph apart. */
export function componentsOf({
  count,
  starts,
  targets,
}: Pick<Digraph, "count" | "starts" | "targets">): Components {
  const of = new Int32Array(count).fill(-1);
  const indices = new Int32Array(count).fill(-1);
  const lows = new Int32Array(count);
  /** Where the look at a node's edges goes on. */
  const places = starts.slice(0, count);
  const path = new Int32Array(count);
  const open = new Int32Array(count);
  const sizes: number[] = [];
  let opened = 0;
  let index = 0;
  for (let root = 0; root < count; root++) {
    if (indices[root] !== -1) continue;
    let depth = 0;
    path[0] = root;
    indices[root] = lows[root] = index++;
    open[opened++] = root;
    while (depth >= 0) {
      const node = path[depth] as number;
      const place = places[node] as number;
      if (place < (starts[node + 1] as number)) {
        places[node] = place + 1;
        const target = targets[place] as number;
        if (indices[target] === -1) {
          indices[target] = lows[target] = index++;
          open[opened++] = target;
          path[++depth] = target;
        } else if (of[target] === -1) {
          lows[node] = Math.min(lows[node] as number, indices[target] as number);
        }
        continue;
      }
      if (lows[node] === indices[node]) {
        const before = opened;
        do of[open[--opened] as number] = sizes.length;
        while (open[opened] !== node);
        sizes.push(before - opened);
      }
      depth--;
      if (depth < 0) break;
      const caller = path[depth] as number;
      lows[caller] = Math.min(lows[caller] as number, lows[node] as number);
    }
  }
  return { of, count: sizes.length, sizes: Int32Array.from(sizes) };
}
