/**
 * An order of moments that every edge of a graph keeps, and edges beside these that come and go:
 * incremental topological order (Pearce & Kelly 2006). An edge against the order moves only what
 * lies between its ends; one that would close a cycle is refused, with what the edges of the cycle
 * rest on. Taking an edge away leaves the order as it is.
 */
import type { LabelledDigraph } from "../../../src/graph/labelled-digraph.js";
import { Heap } from "../../../src/graph/heap.js";

/** Numbers of choices. */
export type Grounds = ReadonlySet<number>;

interface Added {
  readonly other: number;
  readonly grounds: Grounds;
}

/** Nothing is known of what is refused but the graph itself. */
const NO_GROUNDS: Grounds = new Set();

/** Moments in order. */
export class Moments {
  /** Node → place, and place → node. */
  readonly places: Int32Array;
  readonly nodes: Int32Array;
  readonly #graph: LabelledDigraph;
  /** The graph turned round, as rows. */
  readonly #intoStarts: Int32Array;
  readonly #into: Int32Array;
  readonly #out = new Map<number, Added[]>();
  readonly #in = new Map<number, Added[]>();
  readonly #trail: (readonly [from: number, to: number])[] = [];
  readonly #seen: Int32Array;
  #mark = 0;
  readonly #moved: (node: number) => void;

  /** `moved` is told of each node that gets another place. */
  constructor(graph: LabelledDigraph, nodes: Int32Array, moved: (node: number) => void) {
    const { count, starts, targets } = graph;
    this.#graph = graph;
    this.#moved = moved;
    this.nodes = nodes;
    this.places = new Int32Array(count);
    for (let place = 0; place < count; place++) this.places[nodes[place] as number] = place;
    this.#seen = new Int32Array(count);
    this.#intoStarts = new Int32Array(count + 1);
    for (const target of targets) {
      this.#intoStarts[target + 1] = (this.#intoStarts[target + 1] as number) + 1;
    }
    for (let node = 0; node < count; node++) {
      this.#intoStarts[node + 1] =
        (this.#intoStarts[node + 1] as number) + (this.#intoStarts[node] as number);
    }
    const free = this.#intoStarts.slice();
    this.#into = new Int32Array(targets.length);
    for (let node = 0; node < count; node++) {
      for (let at = starts[node] as number; at < (starts[node + 1] as number); at++) {
        const target = targets[at] as number;
        this.#into[free[target] as number] = node;
        free[target] = (free[target] as number) + 1;
      }
    }
  }

  get size(): number {
    return this.#trail.length;
  }

  /** Puts an edge in; answers what refuses it. */
  insert(from: number, to: number, grounds: Grounds): Grounds | undefined {
    const refused = this.refuses(from, to);
    if (refused !== undefined) return refused;
    if ((this.places[from] as number) > (this.places[to] as number)) this.#reorder(from, to);
    this.#trail.push([from, to]);
    push(this.#out, from, { other: to, grounds });
    push(this.#in, to, { other: from, grounds });
    return undefined;
  }

  /** Takes edges back until so many are left. */
  takeBack(size: number): void {
    while (this.#trail.length > size) {
      const [from, to] = this.#trail.pop() as readonly [number, number];
      this.#out.get(from)?.pop();
      this.#in.get(to)?.pop();
    }
  }

  /** What an edge would close a cycle with; undefined when it would not. */
  refuses(from: number, to: number): Grounds | undefined {
    if (from === to) return NO_GROUNDS;
    const highest = this.places[from] as number;
    if (highest < (this.places[to] as number)) return undefined;
    const by = new Map<number, { readonly before: number; readonly grounds: Grounds }>();
    const open = [to];
    const mark = ++this.#mark;
    this.#seen[to] = mark;
    for (let at = 0; at < open.length; at++) {
      const node = open[at] as number;
      const visit = (next: number, grounds: Grounds): void => {
        if (this.#seen[next] === mark || (this.places[next] as number) > highest) return;
        this.#seen[next] = mark;
        by.set(next, { before: node, grounds });
        open.push(next);
      };
      const { starts, targets } = this.#graph;
      const end = starts[node + 1] as number;
      for (let place = starts[node] as number; place < end; place++) {
        visit(targets[place] as number, NO_GROUNDS);
      }
      for (const { other, grounds } of this.#out.get(node) ?? []) visit(other, grounds);
      if (this.#seen[from] !== mark) continue;
      const all = new Set<number>();
      for (let each = from; each !== to;) {
        const step = by.get(each) as { readonly before: number; readonly grounds: Grounds };
        for (const ground of step.grounds) all.add(ground);
        each = step.before;
      }
      return all;
    }
    return undefined;
  }

  /** Whoever reaches `from` goes before whoever `to` reaches, in the places that they have. */
  #reorder(from: number, to: number): void {
    const lowest = this.places[to] as number;
    const highest = this.places[from] as number;
    const ahead = this.#reached(to, (place) => place <= highest, true);
    const behind = this.#reached(from, (place) => place >= lowest, false);
    const inOrder = (nodes: readonly number[]): readonly number[] =>
      nodes.toSorted((a, b) => (this.places[a] as number) - (this.places[b] as number));
    const moving = [...inOrder(behind), ...inOrder(ahead)];
    const free = moving.map((node) => this.places[node] as number).toSorted((a, b) => a - b);
    for (const [at, node] of moving.entries()) {
      const place = free[at] as number;
      if (this.places[node] === place) continue;
      this.places[node] = place;
      this.nodes[place] = node;
      this.#moved(node);
    }
  }

  #reached(first: number, isNear: (place: number) => boolean, isAhead: boolean): readonly number[] {
    const { starts, targets } = this.#graph;
    const ends = isAhead ? starts : this.#intoStarts;
    const others = isAhead ? targets : this.#into;
    const added = isAhead ? this.#out : this.#in;
    const mark = ++this.#mark;
    const found = [first];
    this.#seen[first] = mark;
    for (let at = 0; at < found.length; at++) {
      const node = found[at] as number;
      const visit = (next: number): void => {
        if (this.#seen[next] === mark || !isNear(this.places[next] as number)) return;
        this.#seen[next] = mark;
        found.push(next);
      };
      const end = ends[node + 1] as number;
      for (let place = ends[node] as number; place < end; place++) visit(others[place] as number);
      for (const { other } of added.get(node) ?? []) visit(other);
    }
    return found;
  }
}

function push(rows: Map<number, Added[]>, node: number, added: Added): void {
  const known = rows.get(node);
  if (known === undefined) rows.set(node, [added]);
  else known.push(added);
}

/** An order that every edge keeps, else by priority; undefined when there is none. */
export function firstOrder(
  graph: LabelledDigraph,
  priorities: Float64Array,
): Int32Array | undefined {
  const waitsFor = new Int32Array(graph.count);
  for (const target of graph.targets) waitsFor[target] = (waitsFor[target] as number) + 1;
  const heap = new Heap(graph.count, priorities);
  for (let node = 0; node < graph.count; node++) if (waitsFor[node] === 0) heap.push(node);
  const order = new Int32Array(graph.count);
  let length = 0;
  while (heap.size > 0) {
    const node = heap.pop();
    order[length++] = node;
    for (let at = graph.starts[node] as number; at < (graph.starts[node + 1] as number); at++) {
      const target = graph.targets[at] as number;
      waitsFor[target] = (waitsFor[target] as number) - 1;
      if (waitsFor[target] === 0) heap.push(target);
    }
  }
  return length === graph.count ? order : undefined;
}
