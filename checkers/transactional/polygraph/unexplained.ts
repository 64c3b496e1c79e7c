/**
 * What an order of nodes does not explain: reads of a version after another had overwritten it, and
 * for snapshots also members that wrote the same key at the same time. Either is a pair of members
 * that wrote one key and whose order is to be chosen.
 *
 * ```
 * nodes   … w writes x … v writes x … r reads x of w …     v before w, or r before v
 * ```
 *
 * One pass over the order, O(reads + writes); later, where few nodes have moved since, only the
 * keys that they are about.
 */
import { NONE } from "../../../src/history/history.js";
import { IntList } from "../../../src/graph/growing.js";
import { accessesOf, BEGINS, keysAbout, READS, WRITES, type KeyAccesses } from "./key-accesses.js";
import { endNode, startNode } from "./known-graph.js";
import type { OrderedGraph } from "./ordered-graph.js";

/** Keys one by one cost so many times more than all in one pass. */
const SORTING_COSTS = 4;

/** Looks at the order of a graph again and again. */
export class Unexplained {
  /** Triples: two members that wrote a key, and the reader of the first, or `NONE`. */
  readonly triples: IntList = new IntList(1024);
  /** Reads and writes that were looked at. */
  work = 0;
  /** Key → the version that it has now; who is between its snapshot and its commit. */
  readonly #current: Int32Array;
  readonly #writing: Int32Array;
  /** Version → the first that overwrote it. */
  readonly #next: Int32Array;
  readonly #ordered: OrderedGraph;
  readonly #isDirty: Uint8Array;
  readonly #dirty: IntList = new IntList();
  #accesses: KeyAccesses | undefined;

  constructor(ordered: OrderedGraph) {
    const { keys, keyOf } = ordered.graph.problem;
    this.#ordered = ordered;
    this.#current = new Int32Array(keys.length);
    this.#writing = new Int32Array(keys.length);
    this.#next = new Int32Array(keyOf.length);
    this.#isDirty = new Uint8Array(keys.length);
  }

  /** Looks at the whole of the present order. */
  findAll(): void {
    const { graph, nodes, moved } = this.#ordered;
    const { problem, memberNodes } = graph;
    const { isSnapshot, writeCount, keys, reads } = problem;
    this.triples.length = 0;
    this.work += nodes.length + reads.length + writeCount;
    moved.clear();
    for (let key = 0; key < keys.length; key++) this.#current[key] = writeCount + key;
    this.#writing.fill(NONE);
    this.#next.fill(NONE);
    for (const node of nodes) {
      if (node >= memberNodes) continue;
      const member = isSnapshot ? node >> 1 : node;
      if (startNode(problem, member) === node) this.#start(member);
      if (endNode(problem, member) === node) this.#end(member);
    }
  }

  /** Looks at what has moved since the last look, or at all when that is cheaper. */
  findMoved(): void {
    const { graph, moved } = this.#ordered;
    const { problem } = graph;
    this.#accesses ??= accessesOf(problem);
    const { starts } = this.#accesses;
    let size = 0;
    for (let at = 0; at < moved.length; at++) {
      const member = moved.at(at);
      for (const key of keysAbout(problem, member)) {
        if (this.#isDirty[key] === 1) continue;
        this.#isDirty[key] = 1;
        this.#dirty.push(key);
        size += (starts[key + 1] as number) - (starts[key] as number);
      }
    }
    const dirty = this.#dirty.slice();
    this.#dirty.length = 0;
    for (const key of dirty) this.#isDirty[key] = 0;
    if (SORTING_COSTS * size > problem.reads.length + problem.writeCount) {
      this.findAll();
      return;
    }
    moved.clear();
    this.triples.length = 0;
    this.work += SORTING_COSTS * size;
    for (const key of dirty) this.#lookAt(key, this.#accesses);
  }

  #start(member: number): void {
    const { isSnapshot, alone, readStarts, reads, writeStarts } = this.#ordered.graph.problem;
    const end = readStarts[member + 1] as number;
    for (let at = readStarts[member] as number; at < end; at++) {
      this.#read(member, reads[at] as number);
    }
    if (!isSnapshot || !alone) return;
    const last = writeStarts[member + 1] as number;
    for (let version = writeStarts[member] as number; version < last; version++) {
      this.#begin(member, version);
    }
  }

  #end(member: number): void {
    const { writeStarts } = this.#ordered.graph.problem;
    const end = writeStarts[member + 1] as number;
    for (let version = writeStarts[member] as number; version < end; version++) {
      this.#write(member, version);
    }
  }

  #read(member: number, version: number): void {
    const { keyOf, writerOf } = this.#ordered.graph.problem;
    if (this.#current[keyOf[version] as number] === version) return;
    const over = writerOf[this.#next[version] as number] as number;
    this.#add(writerOf[version] as number, over, member);
  }

  #begin(member: number, version: number): void {
    const key = this.#ordered.graph.problem.keyOf[version] as number;
    const other = this.#writing[key] as number;
    if (other !== NONE) this.#add(other, member, NONE);
    this.#writing[key] = member;
  }

  #write(member: number, version: number): void {
    const key = this.#ordered.graph.problem.keyOf[version] as number;
    const before = this.#current[key] as number;
    if (this.#next[before] === NONE) this.#next[before] = version;
    this.#current[key] = version;
    if (this.#writing[key] === member) this.#writing[key] = NONE;
  }

  #add(first: number, second: number, reader: number): void {
    this.triples.push(first);
    this.triples.push(second);
    this.triples.push(reader);
  }

  #lookAt(key: number, { starts, members, versions, kinds }: KeyAccesses): void {
    const { places, graph } = this.#ordered;
    const { problem } = graph;
    const first = starts[key] as number;
    const size = (starts[key + 1] as number) - first;
    const codes = new Float64Array(size);
    for (let at = 0; at < size; at++) {
      const member = members[first + at] as number;
      const isEnd = kinds[first + at] === WRITES;
      const node = isEnd ? endNode(problem, member) : startNode(problem, member);
      codes[at] = (places[node] as number) * size + at;
      if (isEnd) this.#next[versions[first + at] as number] = NONE;
    }
    this.#current[key] = problem.writeCount + key;
    this.#next[problem.writeCount + key] = NONE;
    this.#writing[key] = NONE;
    for (const code of codes.sort()) {
      const at = first + (code % size);
      const member = members[at] as number;
      const version = versions[at] as number;
      if (kinds[at] === READS) this.#read(member, version);
      else if (kinds[at] === BEGINS) this.#begin(member, version);
      else this.#write(member, version);
    }
  }
}
