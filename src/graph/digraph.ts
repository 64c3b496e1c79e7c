/**
 * Directed graphs on typed arrays: a list of edges that grows, and the graph made of it, with the
 * edges of each node next to one another (compressed sparse rows). Nodes are numbers from 0.
 */

/** Edges in the order in which they were added. */
export class EdgeList {
  froms: Int32Array = new Int32Array(1024);
  tos: Int32Array = new Int32Array(1024);
  length = 0;

  /** Adds an edge; answers its position. */
  add(from: number, to: number): number {
    if (this.length === this.froms.length) {
      this.froms = doubled(this.froms);
      this.tos = doubled(this.tos);
    }
    this.froms[this.length] = from;
    this.tos[this.length] = to;
    return this.length++;
  }
}

function doubled(array: Int32Array): Int32Array {
  const larger = new Int32Array(2 * array.length);
  larger.set(array);
  return larger;
}

/** The edges of node `n` lead to `targets[starts[n]]` … `targets[starts[n + 1] - 1]`. */
export interface Digraph {
  readonly count: number;
  readonly starts: Int32Array;
  readonly targets: Int32Array;
  /** Beside each target the position of its edge in the list. */
  readonly edges: Int32Array;
}

/** The graph of these edges; `backwards` turns each of them round. O(nodes + edges). */
export function createDigraph(count: number, list: EdgeList, backwards = false): Digraph {
  const froms = backwards ? list.tos : list.froms;
  const tos = backwards ? list.froms : list.tos;
  const { length } = list;
  const starts = new Int32Array(count + 1);
  for (let edge = 0; edge < length; edge++) {
    const after = (froms[edge] as number) + 1;
    starts[after] = (starts[after] as number) + 1;
  }
  for (let node = 0; node < count; node++) {
    starts[node + 1] = (starts[node + 1] as number) + (starts[node] as number);
  }
  const places = starts.slice(0, count);
  const targets = new Int32Array(length);
  const edges = new Int32Array(length);
  for (let edge = 0; edge < length; edge++) {
    const from = froms[edge] as number;
    const place = places[from] as number;
    places[from] = place + 1;
    targets[place] = tos[edge] as number;
    edges[place] = edge;
  }
  return { count, starts, targets, edges };
}

/** Node → how many edges lead to it. */
function indegreesOf(count: number, targets: Int32Array): Int32Array {
  const indegrees = new Int32Array(count);
  for (const target of targets) indegrees[target] = (indegrees[target] as number) + 1;
  return indegrees;
}

/** All nodes, each before those that its edges lead to; fewer when there is a cycle (Kahn 1962). */
export function topologicalOrder({
  count,
  starts,
  targets,
}: Pick<Digraph, "count" | "starts" | "targets">): Int32Array {
  const waitsFor = indegreesOf(count, targets);
  const order = new Int32Array(count);
  let end = 0;
  for (let node = 0; node < count; node++) if (waitsFor[node] === 0) order[end++] = node;
  for (let at = 0; at < end; at++) {
    const node = order[at] as number;
    for (let place = starts[node] as number; place < (starts[node + 1] as number); place++) {
      const target = targets[place] as number;
      const left = (waitsFor[target] as number) - 1;
      waitsFor[target] = left;
      if (left === 0) order[end++] = target;
    }
  }
  return order.subarray(0, end);
}

/**
 * The same, but each node as soon as it can be after the last of those that lead to it: so that of
 * what a node leaves behind for others little is needed at a time.
 */
export function depthFirstOrder({
  count,
  starts,
  targets,
}: Pick<Digraph, "count" | "starts" | "targets">): Int32Array {
  const waitsFor = indegreesOf(count, targets);
  const order = new Int32Array(count);
  const ready = new Int32Array(count);
  let [end, height] = [0, 0];
  for (let node = count - 1; node >= 0; node--) if (waitsFor[node] === 0) ready[height++] = node;
  while (height > 0) {
    const node = ready[--height] as number;
    order[end++] = node;
    for (let place = starts[node] as number; place < (starts[node + 1] as number); place++) {
      const target = targets[place] as number;
      const left = (waitsFor[target] as number) - 1;
      waitsFor[target] = left;
      if (left === 0) ready[height++] = target;
    }
  }
  return order.subarray(0, end);
}

/**
 * Those of these nodes for which this holds, as they come: in a loop, for `filter` of typed arrays
 * takes some twenty times as long.
 */
export function nodesWhere(nodes: Int32Array, holds: (node: number) => boolean): Int32Array {
  const kept = new Int32Array(nodes.length);
  let length = 0;
  for (let at = 0; at < nodes.length; at++) {
    const node = nodes[at] as number;
    if (holds(node)) kept[length++] = node;
  }
  return kept.slice(0, length);
}
