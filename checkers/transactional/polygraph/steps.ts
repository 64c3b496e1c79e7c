/**
 * The steps from member to member that an order of nodes makes when every key is written in it:
 * what is known anyway, and who overwrites whom, and what was read before. Each step knows the
 * choice that it follows from, so that a cycle of steps says which choices cannot be together.
 */
import { createDigraph, EdgeList, type Digraph } from "../../../src/graph/digraph.js";
import { IntList } from "../../../src/graph/growing.js";
import { NONE } from "../../../src/history/history.js";
import {
  endNode,
  IS_READER,
  OVERWRITES,
  READS_AFTER,
  startNode,
  UPDATES,
  WITHIN,
  WRITES_OVER,
} from "./known-graph.js";
import type { OrderedGraph } from "./ordered-graph.js";
import type { Pairs } from "./pairs.js";

/** Which steps there are beside those from who writes to who reads or overwrites it. */
export type Between =
  /** None. */
  | "views"
  /** From who reads and writes to who overwrites that; nothing leads through who only reads. */
  | "writers"
  /** None, and where those who only read lead nowhere, what follows them in time. */
  | "all-views";

/** Steps that would close cycles, by number: each is a known edge, or one from a reader. */
export interface Closings {
  readonly length: number;
  /** The node to which what precedes the reader leads, and where the step leads. */
  readonly froms: IntList;
  readonly tos: IntList;
  readonly readers: IntList;
  /** The known edge, or `NONE`; then the version that is read. */
  readonly edges: IntList;
  readonly versions: IntList;
}

/** Steps of the present order. */
export class Steps {
  readonly graph: Digraph;
  readonly #ordered: OrderedGraph;
  readonly #pairs: Pairs;
  /** Version → what comes right after it. */
  readonly #next: Int32Array;
  /** Edge of the graph → a known one, or `NONE`; then its kind, and the version it is about. */
  readonly #known = new IntList(1024);
  readonly #kinds = new IntList(1024);
  readonly #versions = new IntList(1024);
  readonly #edges = new EdgeList();
  readonly #between: Between;
  #apart: ReadonlyMap<number, number> | undefined;

  constructor(ordered: OrderedGraph, pairs: Pairs, between: Between) {
    this.#ordered = ordered;
    this.#pairs = pairs;
    this.#between = between;
    this.#next = nextVersions(ordered);
    this.#addKnown();
    this.#addVersions();
    this.graph = createDigraph(ordered.graph.count, this.#edges);
  }

  /** Steps that close a cycle if their end leads to their beginning. */
  closings(): Closings {
    const { arrivals, problem, out, memberNodes } = this.#ordered.graph;
    const { otherReads, otherReaders, reads, readStarts, members } = problem;
    const froms = new IntList(1024);
    const tos = new IntList(1024);
    const readers = new IntList(1024);
    const edges = new IntList(1024);
    const versions = new IntList(1024);
    const add = (reader: number, to: number, [edge, version]: readonly [number, number]): void => {
      froms.push(arrivals[reader] as number);
      tos.push(to);
      readers.push(reader);
      edges.push(edge);
      versions.push(version);
    };
    const addRead = (reader: number, version: number): void => {
      const next = this.#next[version] as number;
      if (next === NONE) return;
      const writer = problem.writerOf[next] as number;
      if (writer !== reader) add(reader, endNode(problem, writer), [NONE, version]);
    };
    for (let at = 0; at < otherReads.length; at++) {
      addRead(otherReaders[at] as number, otherReads[at] as number);
    }
    for (let member = 0; member < members.length && this.#between !== "views"; member++) {
      if (this.#between === "all-views") {
        for (let at = readStarts[member] as number; at < (readStarts[member + 1] as number); at++) {
          addRead(member, reads[at] as number);
        }
      } else if ((arrivals[member] as number) >= memberNodes) {
        for (let at = out.starts[member] as number; at < (out.starts[member + 1] as number); at++) {
          add(member, out.targets[at] as number, [out.edges[at] as number, NONE]);
        }
      }
    }
    return { length: froms.length, froms, tos, readers, edges, versions };
  }

  /** The edges that show a cycle of steps, and the literals that they follow from. */
  shown(
    path: readonly number[],
    closing?: { readonly of: Closings; readonly at: number },
  ): { readonly literals: readonly number[]; readonly cycle: readonly number[] } {
    const { froms, tos, memberNodes } = this.#ordered.graph;
    const literals = new Set<number>();
    const cycle: number[] = [];
    const apart = (this.#apart ??= this.#findApart());
    const add = (from: number, to: number, kind: number, version: number): void => {
      const literal =
        kind === READS_AFTER
          ? this.#pairs.literal(from, this.#ordered.graph.problem.writerOf[version] as number)
          : this.#literalOf(kind, version);
      if (literal !== NONE) literals.add(literal);
      cycle.push(this.#pairs.proof([from, to], { kind, about: version, literal }));
    };
    for (const edge of path) {
      const known = this.#known.at(edge);
      const from = this.#edges.froms[edge] as number;
      const to = this.#edges.tos[edge] as number;
      const kind = this.#kinds.at(edge);
      const version = this.#versions.at(edge);
      if (known === NONE) {
        // From where a reader is reached to where it leads on: it is one transaction.
        if (apart.get(from) !== to) add(from, to, kind, version);
      } else if ((tos[known] as number) >= memberNodes && apart.has(to)) {
        add(froms[known] as number, apart.get(to) as number, kind, version);
      } else {
        cycle.push(known);
      }
    }
    if (closing !== undefined) {
      const { of, at } = closing;
      const reader = startNode(this.#ordered.graph.problem, of.readers.at(at));
      if (of.edges.at(at) !== NONE) cycle.push(of.edges.at(at));
      else add(reader, of.tos.at(at), OVERWRITES, of.versions.at(at));
    }
    return { literals: [...literals], cycle };
  }

  /** That a version came before what was written over it in this order; of the first, nothing. */
  #literalOf(kind: number, version: number): number {
    if (kind !== WRITES_OVER && kind !== OVERWRITES) return NONE;
    const { writerOf } = this.#ordered.graph.problem;
    const first = writerOf[version] as number;
    if (first === NONE) return NONE;
    return this.#pairs.literal(first, writerOf[this.#next[version] as number] as number);
  }

  /** The node to which leads what precedes a member that only reads → the member. */
  #findApart(): ReadonlyMap<number, number> {
    const { arrivals, memberNodes } = this.#ordered.graph;
    const apart = new Map<number, number>();
    for (let member = 0; member < arrivals.length; member++) {
      const node = arrivals[member] as number;
      if (node >= memberNodes) apart.set(node, member);
    }
    return apart;
  }

  #add(
    from: number,
    to: number,
    step: readonly [known: number, kind: number, version: number],
  ): void {
    if (from === to) return;
    this.#edges.add(from, to);
    this.#known.push(step[0]);
    this.#kinds.push(step[1]);
    this.#versions.push(step[2]);
  }

  #addKnown(): void {
    const { froms, tos, kinds, about, arrivals, memberNodes } = this.#ordered.graph;
    const isOfViews = this.#between === "all-views";
    for (let edge = 0; edge < froms.length; edge++) {
      const kind = kinds[edge] as number;
      const isAnti = kind === OVERWRITES || kind === UPDATES || kind === IS_READER;
      if (isAnti && isOfViews) continue;
      const version = about[edge] as number;
      this.#add(froms[edge] as number, tos[edge] as number, [edge, kind, version]);
    }
    if (!isOfViews) return;
    for (let member = 0; member < arrivals.length; member++) {
      const node = arrivals[member] as number;
      if (node >= memberNodes) this.#add(node, member, [NONE, WITHIN, NONE]);
    }
  }

  #addVersions(): void {
    const { problem } = this.#ordered.graph;
    const { writeCount, writerOf, reads, readStarts, members, followers } = problem;
    const writer = (version: number): number => endNode(problem, writerOf[version] as number);
    for (let version = 0; version < writeCount; version++) {
      const next = this.#next[version] as number;
      if (next === NONE) continue;
      this.#add(writer(version), writer(next), [NONE, WRITES_OVER, version]);
      const follower = followers?.[next] ?? NONE;
      if (follower !== NONE) this.#add(writer(version), follower, [NONE, READS_AFTER, next]);
    }
    if (this.#between !== "writers") return;
    for (let member = 0; member < members.length; member++) {
      for (let at = readStarts[member] as number; at < (readStarts[member + 1] as number); at++) {
        const version = reads[at] as number;
        const next = this.#next[version] as number;
        if (next === NONE) continue;
        this.#add(startNode(problem, member), writer(next), [NONE, OVERWRITES, version]);
      }
    }
  }
}

/** Version → what comes right after it, when every key is written in the present order. */
function nextVersions({ graph, nodes }: OrderedGraph): Int32Array {
  const { keyOf, keys, writeCount, writeStarts } = graph.problem;
  const next = new Int32Array(keyOf.length).fill(NONE);
  const current = Int32Array.from(keys, (_, key) => writeCount + key);
  for (const node of nodes) {
    if (node >= graph.memberNodes) continue;
    const end = writeStarts[node + 1] as number;
    for (let version = writeStarts[node] as number; version < end; version++) {
      const key = keyOf[version] as number;
      next[current[key] as number] = version;
      current[key] = version;
    }
  }
  return next;
}
