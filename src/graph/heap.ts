/** A priority queue of nodes on typed arrays. */

/** A binary heap of nodes; the one of the smallest priority comes first. */
export class Heap {
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
