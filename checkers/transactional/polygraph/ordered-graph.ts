/**
 * A graph with an order of its nodes that every edge keeps, while edges come and go: incremental
 * topological order (Pearce & Kelly 2006). An edge against the order moves only nodes whose places
 * lie between its ends: those that the one end reaches go behind those that reach the other. An
 * edge that would close a cycle is refused, with a shortest way round among those places.
 *
 * Taking an edge away leaves the order as it is, which makes backtracking cheap.
 */
import { NONE } from "../../../src/history/history.js";
import type { Meter } from "../../linearizable/meter.js";
import { IntList } from "../../../src/graph/growing.js";
import { Moved } from "./moved.js";
import type { KnownGraph } from "./known-graph.js";

/** Edges are numbered: first those that are known, then those of choices. */
export class OrderedGraph {
  readonly graph: KnownGraph;
  /** Node → place, and place → node. */
  readonly places: Int32Array;
  readonly nodes: Int32Array;
  /** Members that have moved since somebody looked. */
  readonly moved: Moved;
  /** After an edge was refused: the edges of the cycle, the refused one last. */
  cycle: number[] = [];

  readonly #knownCount: number;
  readonly #meter: Meter;
  /** Edges of choices: ends, whether they are there, and neighbours in the rows of their ends. */
  readonly #froms = new IntList();
  readonly #tos = new IntList();
  readonly #isThere = new IntList();
  readonly #nextOut = new IntList();
  readonly #beforeOut = new IntList();
  readonly #nextInto = new IntList();
  readonly #beforeInto = new IntList();
  /** Node → the first edge of a choice that leaves it, that leads to it. */
  readonly #firstOut: Int32Array;
  readonly #firstInto: Int32Array;
  /** Of the present search: who was seen, by which edge, and the rows of those. */
  readonly #marks: Int32Array;
  readonly #by: Int32Array;
  readonly #ahead: Int32Array;
  readonly #behind: Int32Array;
  #mark = 0;

  /** `nodes` is an order of all nodes that every known edge keeps. */
  constructor(graph: KnownGraph, nodes: Int32Array, meter: Meter) {
    this.graph = graph;
    this.nodes = nodes;
    this.#knownCount = graph.froms.length;
    this.#meter = meter;
    const { count, problem } = graph;
    this.moved = new Moved(problem.members.length);
    this.places = new Int32Array(count);
    for (let place = 0; place < count; place++) this.places[nodes[place] as number] = place;
    this.#firstOut = new Int32Array(count).fill(NONE);
    this.#firstInto = new Int32Array(count).fill(NONE);
    this.#marks = new Int32Array(count);
    this.#by = new Int32Array(count);
    this.#ahead = new Int32Array(count);
    this.#behind = new Int32Array(count);
  }

  /** Bytes that it takes, about. */
  static bytesFor({ count }: KnownGraph): number {
    return 4 * 8 * count;
  }

  from(edge: number): number {
    const { froms } = this.graph;
    const known = this.#knownCount;
    return edge < known ? (froms[edge] as number) : this.#froms.at(edge - known);
  }

  to(edge: number): number {
    const { tos } = this.graph;
    const known = this.#knownCount;
    return edge < known ? (tos[edge] as number) : this.#tos.at(edge - known);
  }

  /** A new edge of a choice, which is not there yet; answers its number. */
  create(from: number, to: number): number {
    this.#froms.push(from);
    this.#tos.push(to);
    this.#isThere.push(0);
    this.#nextOut.push(NONE);
    this.#beforeOut.push(NONE);
    this.#nextInto.push(NONE);
    this.#beforeInto.push(NONE);
    return this.#knownCount + this.#froms.length - 1;
  }

  /** Puts an edge of a choice in; false when that would close a cycle. */
  insert(edge: number): boolean {
    const choice = edge - this.#knownCount;
    if (this.#isThere.at(choice) === 1) return true;
    const from = this.#froms.at(choice);
    const to = this.#tos.at(choice);
    if (!this.#makeRoom(from, to)) {
      this.cycle.push(edge);
      return false;
    }
    this.#isThere.set(choice, 1);
    link(choice, from, [this.#firstOut, this.#nextOut, this.#beforeOut]);
    link(choice, to, [this.#firstInto, this.#nextInto, this.#beforeInto]);
    return true;
  }

  /** Takes an edge of a choice out. */
  remove(edge: number): void {
    const choice = edge - this.#knownCount;
    if (this.#isThere.at(choice) === 0) return;
    this.#isThere.set(choice, 0);
    const from = this.#froms.at(choice);
    unlink(choice, from, [this.#firstOut, this.#nextOut, this.#beforeOut]);
    unlink(choice, this.#tos.at(choice), [this.#firstInto, this.#nextInto, this.#beforeInto]);
  }

  /** Brings the nodes in an order that an edge between these keeps; false for a cycle. */
  #makeRoom(from: number, to: number): boolean {
    const lowest = this.places[to] as number;
    const highest = this.places[from] as number;
    if (highest < lowest) return true;
    if (from === to) {
      this.cycle = [];
      return false;
    }
    const ahead = this.#searchAhead(to, from, highest);
    if (ahead < 0) return false;
    const behind = this.#searchBehind(from, lowest);
    this.#meter.spend(ahead + behind);
    this.#reorder(behind, ahead);
    return true;
  }

  /** Who is reached from a node up to a place, counted; negative when the target is. */
  #searchAhead(first: number, target: number, highest: number): number {
    const { out } = this.graph;
    const { starts, targets, edges } = out;
    const { places } = this;
    const marks = this.#marks;
    const row = this.#ahead;
    const mark = ++this.#mark;
    marks[first] = mark;
    row[0] = first;
    let count = 1;
    let work = 0;
    for (let at = 0; at < count; at++) {
      const node = row[at] as number;
      const end = starts[node + 1] as number;
      work += 1 + end - (starts[node] as number);
      for (let place = starts[node] as number; place < end; place++) {
        const next = targets[place] as number;
        if (marks[next] === mark || (places[next] as number) > highest) continue;
        marks[next] = mark;
        this.#by[next] = edges[place] as number;
        if (next === target) return this.#close(first, target);
        row[count++] = next;
      }
      let choice = this.#firstOut[node] as number;
      while (choice !== NONE) {
        const next = this.#tos.at(choice);
        work++;
        if (marks[next] !== mark && (places[next] as number) <= highest) {
          marks[next] = mark;
          this.#by[next] = this.#knownCount + choice;
          if (next === target) return this.#close(first, target);
          row[count++] = next;
        }
        choice = this.#nextOut.at(choice);
      }
    }
    this.#meter.spend(work);
    return count;
  }

  #close(first: number, target: number): number {
    const path: number[] = [];
    for (let node = target; node !== first;) {
      const edge = this.#by[node] as number;
      path.push(edge);
      node = this.from(edge);
    }
    this.cycle = path.reverse();
    this.#meter.spend(path.length);
    return -1;
  }

  /** Who reaches a node, down to a place, counted. */
  #searchBehind(first: number, lowest: number): number {
    const { starts, targets } = this.graph.into;
    const { places } = this;
    const marks = this.#marks;
    const row = this.#behind;
    const mark = ++this.#mark;
    marks[first] = mark;
    row[0] = first;
    let count = 1;
    let work = 0;
    for (let at = 0; at < count; at++) {
      const node = row[at] as number;
      const end = starts[node + 1] as number;
      work += 1 + end - (starts[node] as number);
      for (let place = starts[node] as number; place < end; place++) {
        const before = targets[place] as number;
        if (marks[before] === mark || (places[before] as number) < lowest) continue;
        marks[before] = mark;
        row[count++] = before;
      }
      let choice = this.#firstInto[node] as number;
      while (choice !== NONE) {
        const before = this.#froms.at(choice);
        work++;
        if (marks[before] !== mark && (places[before] as number) >= lowest) {
          marks[before] = mark;
          row[count++] = before;
        }
        choice = this.#nextInto.at(choice);
      }
    }
    this.#meter.spend(work);
    return count;
  }

  /** Those behind take the first of all their places, those ahead the others; each in its order. */
  #reorder(behindCount: number, aheadCount: number): void {
    const { places, nodes, graph } = this;
    const { memberNodes, problem } = graph;
    const behind = this.#behind.subarray(0, behindCount);
    const ahead = this.#ahead.subarray(0, aheadCount);
    const taken = new Int32Array(behindCount + aheadCount);
    for (let at = 0; at < behindCount; at++) taken[at] = places[behind[at] as number] as number;
    const behindPlaces = taken.subarray(0, behindCount).sort();
    for (let at = 0; at < behindCount; at++)
      behind[at] = nodes[behindPlaces[at] as number] as number;
    for (let at = 0; at < aheadCount; at++) {
      taken[behindCount + at] = places[ahead[at] as number] as number;
    }
    const aheadPlaces = taken.subarray(behindCount).sort();
    for (let at = 0; at < aheadCount; at++) ahead[at] = nodes[aheadPlaces[at] as number] as number;
    taken.sort();
    for (let at = 0; at < taken.length; at++) {
      const node = (at < behindCount ? behind[at] : ahead[at - behindCount]) as number;
      const place = taken[at] as number;
      nodes[place] = node;
      places[node] = place;
      if (node < memberNodes) this.moved.add(problem.isSnapshot ? node >> 1 : node);
    }
  }
}

type Row = readonly [firsts: Int32Array, nexts: IntList, befores: IntList];

function link(choice: number, node: number, [firsts, nexts, befores]: Row): void {
  const next = firsts[node] as number;
  nexts.set(choice, next);
  befores.set(choice, NONE);
  if (next !== NONE) befores.set(next, choice);
  firsts[node] = choice;
}

function unlink(choice: number, node: number, [firsts, nexts, befores]: Row): void {
  const next = nexts.at(choice);
  const before = befores.at(choice);
  if (next !== NONE) befores.set(next, before);
  if (before === NONE) firsts[node] = next;
  else nexts.set(before, next);
}
