/**
 * Directed graphs whose edges have labels, sets of bits, on typed arrays; and parts of them with
 * fewer nodes and only edges of some labels. All are linear in what they are made of.
 */

/** Edges in the order in which they were added. */
export class LabelledEdges {
  froms: Int32Array;
  tos: Int32Array;
  labels: Uint8Array;
  length = 0;

  /** There is room for so many before they have to move. */
  constructor(capacity = 64) {
    this.froms = new Int32Array(capacity);
    this.tos = new Int32Array(capacity);
    this.labels = new Uint8Array(capacity);
  }

  add(from: number, to: number, label: number): void {
    if (this.length === this.froms.length) this.#grow();
    this.froms[this.length] = from;
    this.tos[this.length] = to;
    this.labels[this.length] = label;
    this.length++;
  }

  #grow(): void {
    const length = 2 * this.length;
    const froms = new Int32Array(length);
    froms.set(this.froms);
    this.froms = froms;
    const tos = new Int32Array(length);
    tos.set(this.tos);
    this.tos = tos;
    const labels = new Uint8Array(length);
    labels.set(this.labels);
    this.labels = labels;
  }
}

/** The edges of node `n` are at `starts[n]` … `starts[n + 1] - 1`. */
export interface LabelledDigraph {
  readonly count: number;
  readonly starts: Int32Array;
  readonly targets: Int32Array;
  readonly labels: Uint8Array;
}

/** The graph of these edges. */
export function createLabelledDigraph(count: number, edges: LabelledEdges): LabelledDigraph {
  const { froms, tos, labels: given, length } = edges;
  const starts = new Int32Array(count + 2);
  // Counted two places further on, so that filling in leaves each start where it belongs.
  for (let edge = 0; edge < length; edge++) {
    const after = (froms[edge] as number) + 2;
    starts[after] = (starts[after] as number) + 1;
  }
  for (let node = 2; node <= count; node++) {
    starts[node] = (starts[node] as number) + (starts[node - 1] as number);
  }
  const targets = new Int32Array(length);
  const labels = new Uint8Array(length);
  for (let edge = 0; edge < length; edge++) {
    const after = (froms[edge] as number) + 1;
    const place = starts[after] as number;
    starts[after] = place + 1;
    targets[place] = tos[edge] as number;
    labels[place] = given[edge] as number;
  }
  return { count, starts: starts.subarray(0, count + 1), targets, labels };
}

/** A part of a graph, with nodes of its own. */
export interface Subgraph extends LabelledDigraph {
  /** Node here → node of the whole. */
  readonly nodes: Int32Array;
}

/** Of a label of which it is not known yet whether it is kept. */
const UNASKED = -1;

/** The edges between these nodes (ascending) whose label is among these (0 is a label too). */
export function subgraphOf(
  whole: LabelledDigraph,
  nodes: Int32Array,
  isKept: (label: number) => boolean,
): Subgraph {
  const kept = new Int8Array(256).fill(UNASKED);
  const areAll = nodes.length === whole.count;
  const numbers = areAll ? nodes : new Int32Array(whole.count).fill(-1);
  if (!areAll) {
    for (let node = 0; node < nodes.length; node++) numbers[nodes[node] as number] = node;
  }
  const starts = new Int32Array(nodes.length + 1);
  // There is room for all; what is kept of it is cut off at the end.
  const targets = new Int32Array(whole.targets.length);
  const labels = new Uint8Array(whole.targets.length);
  let length = 0;
  for (let node = 0; node < nodes.length; node++) {
    const of = nodes[node] as number;
    const end = whole.starts[of + 1] as number;
    for (let place = whole.starts[of] as number; place < end; place++) {
      const target = numbers[whole.targets[place] as number] as number;
      if (target < 0) continue;
      const label = whole.labels[place] as number;
      if (kept[label] === UNASKED) kept[label] = isKept(label) ? 1 : 0;
      if (kept[label] === 0) continue;
      targets[length] = target;
      labels[length] = label;
      length++;
    }
    starts[node + 1] = length;
  }
  return {
    count: nodes.length,
    starts,
    targets: targets.slice(0, length),
    labels: labels.slice(0, length),
    nodes,
  };
}
