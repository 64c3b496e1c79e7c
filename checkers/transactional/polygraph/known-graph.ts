/**
 * What is known of the order of a problem, as a graph: who reads whom, who read the initial value,
 * and the order of time as far as it is asked for. An order of all nodes that keeps every edge, and
 * those that choices add (pairs.ts), explains every read.
 *
 * For serializability a member is one node. For snapshot isolation it is two, its snapshot and its
 * commit (Cerone & Gotsman 2018, theorem 10; snapshot-graph.ts says why): who depends on a member
 * takes its snapshot after that one's commit, and who read what a member overwrites took its
 * snapshot before that one's commit. So both levels ask for the same thing, an order of nodes.
 *
 * Where several members read a version, a node stands for all of them: they lead to it, and it
 * leads to whoever overwrites the version. Real time is a chain of moments (time-edges.ts).
 *
 * For update serializability whoever only reads is two nodes with nothing between: what precedes it
 * leads to the one, and the other to what follows it in time. So no order comes about through it,
 * and who is to be asked whether it agrees has both at hand (overlooked.ts).
 */
import { createDigraph, EdgeList, type Digraph } from "../../../src/graph/digraph.js";
import type { LabelledEdges } from "../../../src/graph/labelled-digraph.js";
import { NONE } from "../../../src/history/history.js";
import { CONTINUES as PART_OF, RW, WR, WW } from "../dependencies.js";
import { IntList } from "../../../src/graph/growing.js";
import { NEVER, onlyReads, versionOf, type Problem } from "./problem.js";

/** Kinds of edges, each with what `about` is. */
/** From a snapshot to its commit, or between nodes that stand for many: it says nothing. */
export const WITHIN = 0;
/** To who read a version. */
export const READS = 1;
/** To the node of a version, from one of its readers. */
export const IS_READER = 2;
/** From a reader of a version, or from its node, to who overwrote it. */
export const OVERWRITES = 3;
/** The same, to one who read the version as well: no choice, for nobody came between. */
export const UPDATES = 4;
export const SESSION = 5;
/** To a moment after which others were invoked. */
export const COMPLETES = 6;
/** An edge between lists of this kind, which `about` names. */
export const ON_LIST = 7;
/** From who wrote a version to who overwrote it; only ever by choice. */
export const WRITES_OVER = 8;
/** From who wrote what a version overwrites to what the writer of this reads next; by choice. */
export const READS_AFTER = 9;

/** Which order of time is kept. */
export type KeptTime = "" | "process" | "realtime";

/** The graph, and what its nodes stand for. */
export interface KnownGraph {
  readonly problem: Problem;
  readonly count: number;
  /** Nodes of members come first: 2m and 2m + 1 where snapshots are ordered, else m. */
  readonly memberNodes: number;
  /** Members that completed, in the order in which they did. */
  readonly ended: Int32Array;
  /** Version → the node of its readers, or `NONE` when it has fewer than two. */
  readonly versionNodes: Int32Array;
  /** Member → the node to which leads what precedes it; it is the member's own but for readers. */
  readonly arrivals: Int32Array;
  /** Edge → its ends, kind, and what it is about. */
  readonly froms: Int32Array;
  readonly tos: Int32Array;
  readonly kinds: Int32Array;
  readonly about: Int32Array;
  readonly out: Digraph;
  readonly into: Digraph;
  readonly time: KeptTime;
  /** What is known of keys that are lists, where these are keys. */
  readonly lists: KnownLists | undefined;
}

/** Lists among the keys of a problem. */
export interface KnownLists {
  readonly isList: (key: number) => boolean;
  /** Where in a list stands what a member appended last; `NONE` where nothing shows it. */
  readonly placeOf: (member: number, key: number) => number;
}

/** Edges between lists, which are all known: those of the whole history, whose members are all. */
export interface ListEdges {
  readonly edges: LabelledEdges;
  /** Transactions and other nodes. */
  readonly nodeCount: number;
  /** Where lists are keys: the place of what a transaction appended last, or `NONE`. */
  readonly placed?: {
    readonly isList: (key: number) => boolean;
    readonly of: (transaction: number, key: number) => number;
  };
}

/** The node where a member begins to read, and that where it takes effect. */
export function startNode({ isSnapshot }: Problem, member: number): number {
  return isSnapshot ? 2 * member : member;
}
export function endNode({ isSnapshot }: Problem, member: number): number {
  return isSnapshot ? 2 * member + 1 : member;
}

/** Makes the graph of a problem. O(members + versions + reads), and sorting by completion. */
export function knownGraph(problem: Problem, time: KeptTime, lists?: ListEdges): KnownGraph {
  return new Building(problem).build(time, lists);
}

class Building {
  readonly #problem: Problem;
  readonly #edges = new EdgeList();
  readonly #kinds = new IntList(1024);
  readonly #about = new IntList(1024);
  readonly #memberNodes: number;
  readonly #ended: Int32Array;
  readonly #arrivals: Int32Array;
  #count: number;

  constructor(problem: Problem) {
    this.#problem = problem;
    this.#memberNodes = (problem.isSnapshot ? 2 : 1) * problem.members.length;
    this.#ended = byCompletion(problem);
    this.#count = this.#memberNodes;
    this.#arrivals = problem.members.map((_, member) =>
      this.#isApart(member) ? this.#count++ : startNode(problem, member),
    );
  }

  /** Whether a member only has to agree with those that write. */
  #isApart(member: number): boolean {
    return this.#problem.minded === "writers" && onlyReads(this.#problem, member);
  }

  build(time: KeptTime, lists: ListEdges | undefined): KnownGraph {
    const versionNodes = this.#addReads();
    this.#addOtherReads();
    this.#addInitialReads(versionNodes);
    if (this.#problem.isSnapshot) this.#addSnapshots();
    else this.#addUpdates();
    if (time === "process") this.#addSessions();
    if (time === "realtime") this.#addRealtime();
    if (lists !== undefined) this.#addLists(lists);
    const { length } = this.#edges;
    return {
      problem: this.#problem,
      count: this.#count,
      memberNodes: this.#memberNodes,
      ended: this.#ended,
      versionNodes,
      arrivals: this.#arrivals,
      froms: this.#edges.froms.subarray(0, length),
      tos: this.#edges.tos.subarray(0, length),
      kinds: this.#kinds.items.subarray(0, length),
      about: this.#about.items.subarray(0, length),
      out: createDigraph(this.#count, this.#edges),
      into: createDigraph(this.#count, this.#edges, true),
      time,
      lists: this.#listsOf(lists),
    };
  }

  #listsOf(lists: ListEdges | undefined): KnownLists | undefined {
    const placed = lists?.placed;
    if (placed === undefined) return undefined;
    const { keys, members } = this.#problem;
    return {
      isList: (key) => placed.isList(keys[key] as number),
      placeOf: (member, key) => placed.of(members[member] as number, keys[key] as number),
    };
  }

  #add(from: number, to: number, kind: number, about: number = NONE): void {
    if (from === to) return;
    this.#edges.add(from, to);
    this.#kinds.push(kind);
    this.#about.push(about);
  }

  #addReads(): Int32Array {
    const problem = this.#problem;
    const { keyOf, writerOf, readerStarts, readers } = problem;
    const versionNodes = new Int32Array(keyOf.length).fill(NONE);
    for (let version = 0; version < keyOf.length; version++) {
      const first = readerStarts[version] as number;
      const end = readerStarts[version + 1] as number;
      const node = end - first > 1 ? this.#count++ : NONE;
      versionNodes[version] = node;
      const writer = writerOf[version] as number;
      for (let place = first; place < end; place++) {
        const reader = readers[place] as number;
        const start = startNode(problem, reader);
        if (writer !== NONE) this.#add(endNode(problem, writer), start, READS, version);
        if (node !== NONE) this.#add(start, node, IS_READER, version);
      }
    }
    return versionNodes;
  }

  #addOtherReads(): void {
    const problem = this.#problem;
    const { otherReads, otherReaders, writerOf } = problem;
    for (let at = 0; at < otherReads.length; at++) {
      const version = otherReads[at] as number;
      const writer = writerOf[version] as number;
      if (writer === NONE) continue;
      const reader = this.#arrivals[otherReaders[at] as number] as number;
      this.#add(endNode(problem, writer), reader, READS, version);
    }
  }

  /** Whoever read an initial value comes before all who wrote the key. */
  #addInitialReads(versionNodes: Int32Array): void {
    const problem = this.#problem;
    const { keyOf, writerOf, writeCount, readerStarts, readers } = problem;
    for (let version = 0; version < writeCount; version++) {
      const initial = writeCount + (keyOf[version] as number);
      const first = readerStarts[initial] as number;
      const count = (readerStarts[initial + 1] as number) - first;
      if (count === 0) continue;
      const writer = writerOf[version] as number;
      const end = endNode(problem, writer);
      // Where the writer is a reader too, its node would lead to itself: see `#addUpdates`.
      if (!problem.isSnapshot && this.#reads(writer, initial)) continue;
      const node = versionNodes[initial] as number;
      const from = node === NONE ? startNode(problem, readers[first] as number) : node;
      this.#add(from, end, OVERWRITES, initial);
    }
  }

  #reads(member: number, version: number): boolean {
    const { readStarts, reads } = this.#problem;
    const end = readStarts[member + 1] as number;
    for (let at = readStarts[member] as number; at < end; at++) {
      if (reads[at] === version) return true;
    }
    return false;
  }

  #addSnapshots(): void {
    const problem = this.#problem;
    for (let member = 0; member < problem.members.length; member++) {
      this.#add(startNode(problem, member), endNode(problem, member), WITHIN);
    }
  }

  /** Who read a version and wrote its key comes after all others that read it. */
  #addUpdates(): void {
    const { members, reads, readStarts, keyOf, readerStarts, readers } = this.#problem;
    for (let member = 0; member < members.length; member++) {
      for (let at = readStarts[member] as number; at < (readStarts[member + 1] as number); at++) {
        const version = reads[at] as number;
        if (versionOf(member, keyOf[version] as number, this.#problem) === NONE) continue;
        const end = readerStarts[version + 1] as number;
        for (let place = readerStarts[version] as number; place < end; place++) {
          this.#add(readers[place] as number, member, UPDATES, version);
        }
      }
    }
  }

  /** Who did not complete precedes nobody in its session. */
  #addSessions(): void {
    const problem = this.#problem;
    const { members, processes, completions } = problem;
    /** Process → the last of it through which an order comes about, and those after it. */
    const last = new Map<number, number[]>();
    for (let member = 0; member < members.length; member++) {
      const process = processes[member] as number;
      const before = last.get(process) ?? [];
      const isApart = this.#isApart(member);
      // An order of those that write does not come about through one that only reads.
      const near = isApart ? new Set([...before.slice(0, 1), ...before.slice(-1)]) : before;
      for (const each of near) {
        this.#add(endNode(problem, each), this.#arrivals[member] as number, SESSION);
      }
      if (completions[member] === NEVER) continue;
      if (isApart && before.length > 0) before.push(member);
      else last.set(process, [member]);
    }
  }

  #addRealtime(): void {
    const problem = this.#problem;
    const { members, invocations, completions } = problem;
    const ended = this.#ended;
    let moment = NONE;
    let place = 0;
    for (let member = 0; member < members.length; member++) {
      const begin = invocations[member] as number;
      let isOpen = false;
      for (; place < ended.length; place++) {
        const before = ended[place] as number;
        if ((completions[before] as number) > begin) break;
        if (!isOpen) {
          const next = this.#count++;
          if (moment !== NONE) this.#add(moment, next, WITHIN);
          moment = next;
          isOpen = true;
        }
        this.#add(endNode(problem, before), moment, COMPLETES);
      }
      if (moment !== NONE) this.#add(moment, this.#arrivals[member] as number, WITHIN);
    }
  }

  /** A node that stands for many is there twice, as in snapshot-graph.ts. */
  #addLists({ edges, nodeCount, placed }: ListEdges): void {
    const problem = this.#problem;
    const { members, isSnapshot } = problem;
    const numbers = new Int32Array(nodeCount).fill(NONE);
    for (let member = 0; member < members.length; member++) {
      numbers[members[member] as number] = member;
    }
    const first = this.#count;
    const isMember = (node: number): boolean => (numbers[node] as number) !== NONE;
    const start = (node: number): number =>
      isMember(node)
        ? startNode(problem, numbers[node] as number)
        : first + (isSnapshot ? 2 : 1) * node;
    const arrival = (node: number): number =>
      isMember(node) ? (this.#arrivals[numbers[node] as number] as number) : start(node);
    const end = (node: number): number =>
      isMember(node)
        ? endNode(problem, numbers[node] as number)
        : first + (isSnapshot ? 2 * node + 1 : node);
    this.#count += (isSnapshot ? 2 : 1) * nodeCount;
    for (let edge = 0; edge < edges.length; edge++) {
      const from = edges.froms[edge] as number;
      const to = edges.tos[edge] as number;
      const kind = edges.labels[edge] as number;
      if (kind === PART_OF) {
        this.#add(start(from), start(to), WITHIN);
        if (isSnapshot) this.#add(end(from), end(to), WITHIN);
      } else if (kind === RW) {
        // Who read a list that is a key is known to the problem.
        if (placed === undefined) this.#add(start(from), end(to), ON_LIST, RW);
      } else if (kind === WR || kind === WW) {
        const isOfCommits = kind === WW && !problem.alone;
        this.#add(end(from), isOfCommits ? end(to) : arrival(to), ON_LIST, kind);
      }
    }
  }
}

/** Members that completed, in the order in which they did. */
function byCompletion({ members, completions }: Problem): Int32Array {
  const { length } = members;
  const codes = new Float64Array(length);
  let count = 0;
  for (let member = 0; member < length; member++) {
    const end = completions[member] as number;
    if (end !== NEVER) codes[count++] = end * length + member;
  }
  codes.subarray(0, count).sort();
  const ended = new Int32Array(count);
  for (let place = 0; place < count; place++) ended[place] = (codes[place] as number) % length;
  return ended;
}
