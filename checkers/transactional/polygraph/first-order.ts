/**
 * A first guess: the members in the order in which they completed, each after all that is known to
 * precede it, and before it, where time allows, whoever still reads what it overwrites. Where a
 * database is right, this is nearly the order in which it committed, and often explains every read
 * at once. O(nodes + edges): depth first over what must come before, without recursion.
 */
import { NONE } from "../../../src/history/history.js";
import { IntList } from "../../../src/graph/growing.js";
import { endNode, startNode, type KnownGraph } from "./known-graph.js";
import { NEVER } from "./problem.js";

/** An order of all nodes that every edge keeps; or, when there is none, the edges of a cycle. */
export type FirstOrder =
  | { readonly nodes: Int32Array; readonly cycle?: undefined }
  | { readonly cycle: readonly number[] };

/** Makes the guess. */
export function firstOrder(graph: KnownGraph): FirstOrder {
  return new Placing(graph).run();
}

const OPEN = 0;
const BEGUN = 1;
const PLACED = 2;

/** So many looks at readers and their past, times all there is, before wishes are given up. */
const LOOKS_MAX = 4;

class Placing {
  readonly #graph: KnownGraph;
  readonly #nodes: Int32Array;
  readonly #states: Uint8Array;
  /** Node → where the look at what precedes it goes on. */
  readonly #cursors: Int32Array;
  /** Version → how many of its readers are not placed yet. */
  readonly #unread: Int32Array;
  /** Key → the version that it has now. */
  readonly #current: Int32Array;
  /** The path: nodes; for each where its wishes begin and go on; and whether it is a wish. */
  readonly #path = new IntList();
  readonly #wishStarts = new IntList();
  readonly #isWish = new IntList();
  /** Nodes that would better come first, of the nodes of the path. */
  readonly #wishes = new IntList();
  #count = 0;
  #looks = 0;
  /** The completion of the member that is being placed. */
  #now = NEVER;
  #cycle: number[] | undefined;

  constructor(graph: KnownGraph) {
    const { count, problem, into } = graph;
    const { keys, keyOf, readerStarts, writeCount } = problem;
    this.#graph = graph;
    this.#nodes = new Int32Array(count);
    this.#states = new Uint8Array(count);
    this.#cursors = into.starts.slice(0, count);
    this.#unread = new Int32Array(keyOf.length);
    for (let version = 0; version < keyOf.length; version++) {
      const first = readerStarts[version] as number;
      this.#unread[version] = (readerStarts[version + 1] as number) - first;
    }
    this.#current = Int32Array.from(keys, (_, key) => writeCount + key);
  }

  run(): FirstOrder {
    const { problem, count, ended } = this.#graph;
    for (const member of ended) {
      this.#now = problem.completions[member] as number;
      this.#place(endNode(problem, member));
    }
    this.#now = NEVER;
    for (let node = 0; node < count; node++) this.#place(node);
    if (this.#cycle !== undefined) return { cycle: this.#cycle };
    return { nodes: this.#nodes };
  }

  #place(root: number): void {
    if (this.#states[root] === PLACED || this.#cycle !== undefined) return;
    this.#begin(root, 0);
    while (this.#path.length > 0 && this.#cycle === undefined) {
      const node = this.#path.at(this.#path.length - 1);
      const before = this.#nextBefore(node);
      if (before !== NONE) {
        if (this.#states[before] === BEGUN) this.#turnBack(before);
        else this.#begin(before, 0);
        continue;
      }
      const wish = this.#nextWish(node);
      if (wish !== NONE) {
        if (this.#states[wish] === OPEN) this.#begin(wish, 1);
        continue;
      }
      this.#pop();
      this.#put(node);
    }
  }

  #begin(node: number, isWish: number): void {
    this.#states[node] = BEGUN;
    this.#path.push(node);
    this.#isWish.push(isWish);
    this.#wishStarts.push(NONE);
  }

  #pop(): void {
    const top = --this.#path.length;
    this.#isWish.length = top;
    this.#wishStarts.length = top;
    const start = this.#wishStarts.items[top] as number;
    if (start !== NONE) this.#wishes.length = start;
  }

  /** What must come before a node and is not placed yet. */
  #nextBefore(node: number): number {
    const { starts, targets } = this.#graph.into;
    const end = starts[node + 1] as number;
    for (let at = this.#cursors[node] as number; at < end; at++) {
      const before = targets[at] as number;
      if (this.#states[before] === PLACED) continue;
      this.#cursors[node] = at;
      return before;
    }
    this.#cursors[node] = end;
    return NONE;
  }

  /** Who would better come before a node; the last of its wishes first. */
  #nextWish(node: number): number {
    const top = this.#path.length - 1;
    if (this.#wishStarts.at(top) === NONE) {
      this.#wishStarts.set(top, this.#wishes.length);
      this.#addWishes(node);
    }
    if (this.#wishes.length === this.#wishStarts.at(top)) return NONE;
    return this.#wishes.at(--this.#wishes.length);
  }

  /** Those that read what this one overwrites, and were invoked by now. */
  #addWishes(node: number): void {
    const { problem, memberNodes, froms } = this.#graph;
    if (node >= memberNodes || this.#looks > LOOKS_MAX * froms.length) return;
    const member = problem.isSnapshot ? node >> 1 : node;
    if (endNode(problem, member) !== node) return;
    const { writeStarts, keyOf, readerStarts, readers, invocations } = problem;
    const end = writeStarts[member + 1] as number;
    for (let version = writeStarts[member] as number; version < end; version++) {
      const over = this.#current[keyOf[version] as number] as number;
      if ((this.#unread[over] as number) === 0) continue;
      const last = readerStarts[over + 1] as number;
      for (let place = readerStarts[over] as number; place < last; place++) {
        const reader = readers[place] as number;
        // Readers ascend by invocation.
        if ((invocations[reader] as number) > this.#now) break;
        this.#looks++;
        if (this.#states[startNode(problem, reader)] !== OPEN) continue;
        // The whole of it, and where that does not fit, at least its snapshot.
        this.#wishes.push(startNode(problem, reader));
        if (problem.isSnapshot) this.#wishes.push(endNode(problem, reader));
      }
    }
  }

  /** A node must come before itself: so a wish is dropped; without one there is a cycle. */
  #turnBack(to: number): void {
    let at = this.#path.length - 1;
    while (this.#isWish.at(at) === 0 && this.#path.at(at) !== to) at--;
    if (this.#path.at(at) === to) {
      this.#cycle = this.#cycleFrom(at);
      return;
    }
    const { starts } = this.#graph.into;
    while (this.#path.length > at) {
      const node = this.#path.at(this.#path.length - 1);
      this.#states[node] = OPEN;
      this.#cursors[node] = starts[node] as number;
      this.#looks++;
      this.#pop();
    }
  }

  /** The edges from each node of the path, from here on, to the one before it. */
  #cycleFrom(at: number): number[] {
    const { into } = this.#graph;
    const edges: number[] = [];
    for (let place = this.#path.length - 1; place >= at; place--) {
      edges.push(into.edges[this.#cursors[this.#path.at(place)] as number] as number);
    }
    return edges;
  }

  #put(node: number): void {
    this.#states[node] = PLACED;
    this.#nodes[this.#count++] = node;
    const { problem, memberNodes, versionNodes } = this.#graph;
    if (node >= memberNodes) return;
    const member = problem.isSnapshot ? node >> 1 : node;
    const { writeStarts, keyOf, readStarts, reads } = problem;
    if (startNode(problem, member) === node) {
      const end = readStarts[member + 1] as number;
      for (let at = readStarts[member] as number; at < end; at++) {
        const version = reads[at] as number;
        const left = (this.#unread[version] as number) - 1;
        this.#unread[version] = left;
        // The node that stands for the readers of a version comes right after the last of them.
        const stands = versionNodes[version] as number;
        if (left === 0 && stands !== NONE && this.#states[stands] === OPEN) this.#put(stands);
      }
    }
    if (endNode(problem, member) !== node) return;
    const end = writeStarts[member + 1] as number;
    for (let version = writeStarts[member] as number; version < end; version++) {
      this.#current[keyOf[version] as number] = version;
    }
  }
}
