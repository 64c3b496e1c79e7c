/**
 * A topological order that takes, of the nodes that are free, one of the smallest priority first
 * (Kahn 1962, with a binary heap). O((nodes + edges) log nodes).
 */
import type { Digraph } from "./digraph.js";

/** All nodes; fewer when there is a cycle. */
export function topologicalOrderBy(
  { count, starts, targets }: Pick<Digraph, "count" | "starts" | "targets">,
  priorities: Float64Array,
): Int32Array {
  const waitsFor = new Int32Array(count);
  for (const target of targets) waitsFor[target] = (waitsFor[target] as number) + 1;
  const heap = new Heap(count, priorities);
  for (let node = 0; node < count; node++) if (waitsFor[node] === 0) heap.push(node);
  const order = new Int32Array(count);
  let end = 0;
  while (heap.size > 0) {
    const node = heap.pop();
    order[end++] = node;
    for (let place = starts[node] as number; place < (starts[node + 1] as number); place++) {
      const target = targets[place] as number;
      const left = (waitsFor[target] as number) - 1;
      waitsFor[target] = left;
      if (left === 0) heap.push(target);
    }
  }
  return order.subarray(0, end);
}

class Heap {
  size = 0;
  readonly #nodes: Int32Array;
  readonly #priorities: Float64Array;

  constructor(capacity: number, priorities: Float64Array) {
    this.#nodes = new Int32Array(capacity);
    this.#priorities = priorities;
  }

  push(node: number): void {
    const nodes = this.#nodes;
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = nodes[parent] as number;
      if (!this.#isBefore(node, above)) break;
      nodes[at] = above;
      at = parent;
    }
    nodes[at] = node;
  }

  pop(): number {
    const nodes = this.#nodes;
    const top = nodes[0] as number;
    const last = nodes[--this.size] as number;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.size) break;
      const right = child + 1;
      if (right < this.size && this.#isBefore(nodes[right] as number, nodes[child] as number)) {
        child = right;
      }
      const below = nodes[child] as number;
      if (!this.#isBefore(below, last)) break;
      nodes[at] = below;
      at = child;
    }
    nodes[at] = last;
    return top;
  }

  /** Of equal ones the smaller node, so that an order is always the same. */
  #isBefore(a: number, b: number): boolean {
    const difference = (this.#priorities[a] as number) - (this.#priorities[b] as number);
    return difference < 0 || (difference === 0 && a < b);
  }
}
