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

/** Which edges of a graph there are, by their labels. */
export interface EdgesKept {
  /** Beside each target the label of its edge. */
  readonly labels: Uint8Array;
  /** Label → 1 when edges with it are kept. */
  readonly isKept: Uint8Array;
}

/** Takes a graph apart, or what some of its edges leave of it. */
export function componentsOf(
  { count, starts, targets }: Pick<Digraph, "count" | "starts" | "targets">,
  kept?: EdgesKept,
): Components {
  const labels = kept?.labels ?? NO_LABELS;
  const isKept = kept?.isKept ?? NO_LABELS;
  const areAll = kept === undefined;
  const of = new Int32Array(count).fill(-1);
  const indices = new Int32Array(count).fill(-1);
  const lows = new Int32Array(count);
  /** Where the look at a node's edges goes on. */
  const places = starts.slice(0, count);
  const path = new Int32Array(count);
  const open = new Int32Array(count);
  const sizes = new Int32Array(count);
  let components = 0;
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
      const end = starts[node + 1] as number;
      let place = places[node] as number;
      if (!areAll) while (place < end && isKept[labels[place] as number] === 0) place++;
      if (place < end) {
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
        do of[open[--opened] as number] = components;
        while (open[opened] !== node);
        sizes[components++] = before - opened;
      }
      depth--;
      if (depth < 0) break;
      const caller = path[depth] as number;
      lows[caller] = Math.min(lows[caller] as number, lows[node] as number);
    }
  }
  return { of, count: components, sizes: sizes.slice(0, components) };
}

const NO_LABELS = new Uint8Array(0);
