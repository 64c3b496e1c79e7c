/**
 * A refutation as it can be told: cycles that follow from orders of pairs, and why one of them
 * follows whatever the orders are. Only what the refutation needs is kept.
 */
import { NONE } from "../../../src/history/history.js";
import { RW, UPDATE, WW } from "../dependencies.js";
import {
  COMPLETES,
  IS_READER,
  ON_LIST,
  OVERWRITES,
  READS,
  READS_AFTER,
  SESSION,
  UPDATES,
  WITHIN,
  WRITES_OVER,
  type KnownGraph,
} from "./known-graph.js";
import type { Search } from "./search.js";

/** That the one of two transactions that wrote the same key came first. */
export type Order = readonly [first: number, second: number];

/** An edge between transactions. */
export interface ProofEdge {
  readonly from: number;
  readonly to: number;
  readonly by: "process" | "realtime" | "wr" | "ww" | "rw" | "update" | "list";
  /** For `wr`, `ww`, `rw` and `update`: the number of the key. */
  readonly key: number;
  /** The order of a pair that it follows from. */
  readonly given?: Order;
  /** For `list`: the kind of the edge. */
  readonly kind?: number;
}

/** A cycle, and the orders that it follows from. */
export interface Contradiction {
  readonly orders: readonly Order[];
  readonly edges: readonly ProofEdge[];
}

/** Why there is no order. */
export interface Refutation {
  readonly contradictions: readonly Contradiction[];
  /**
   * Orders that cannot hold together, each by contradictions and steps before it; the last is of
   * none. None when the contradictions show it themselves.
   */
  readonly steps: readonly (readonly Order[])[];
}

/** What a search that ended without an order has found. */
export function refutationOf(search: Search): Refutation {
  const { clauses, pairs, ordered } = search;
  const { members } = ordered.graph.problem;
  const isUsed = new Uint8Array(clauses.count);
  isUsed[search.refutation] = 1;
  for (let clause = search.refutation; clause >= 0; clause--) {
    if (isUsed[clause] === 0 || clauses.isCycle(clause)) continue;
    for (const each of clauses.originOf(clause)) isUsed[each] = 1;
  }
  const told = new Telling(ordered.graph, {
    from: (edge) => ordered.from(edge),
    to: (edge) => ordered.to(edge),
    kind: (edge) => pairs.kindOf(edge),
    about: (edge) => pairs.aboutOf(edge),
  });
  const steps: Order[][] = [];
  for (let clause = 0; clause < clauses.count; clause++) {
    if (isUsed[clause] === 0) continue;
    if (clauses.isCycle(clause)) told.add([...clauses.originOf(clause)]);
    else if (!isRepeated(clause, search)) {
      // Not one of the literals holds: that is what cannot be.
      const orders = Array.from(clauses.literalsOf(clause), (literal): Order => [
        members[pairs.secondOf(literal)] as number,
        members[pairs.firstOf(literal)] as number,
      ]);
      steps.push(orders);
    }
  }
  return { contradictions: told.contradictions, steps };
}

/** Whether a clause says no more than the one that it comes from. */
function isRepeated(clause: number, { clauses }: Search): boolean {
  const origin = clauses.originOf(clause);
  const [from] = origin;
  if (from === undefined || origin.length > 1) return false;
  return clauses.literalsOf(from).length === clauses.literalsOf(clause).length;
}

/** A cycle of what is known. */
export function refutationByCycle(graph: KnownGraph, cycle: readonly number[]): Refutation {
  const told = new Telling(graph, {
    from: (edge) => graph.froms[edge] as number,
    to: (edge) => graph.tos[edge] as number,
    kind: (edge) => graph.kinds[edge] as number,
    about: (edge) => graph.about[edge] as number,
  });
  told.add(cycle);
  return { contradictions: told.contradictions, steps: [] };
}

/** The transactions that a refutation is about, ascending. */
export function transactionsOf({ contradictions }: Refutation): Int32Array {
  const found = new Set<number>();
  for (const { edges, orders } of contradictions) {
    for (const { from } of edges) found.add(from);
    for (const order of orders) for (const each of order) found.add(each);
    for (const { given } of edges) if (given !== undefined) found.add(given[0]);
  }
  return Int32Array.from(found).sort();
}

interface Edges {
  readonly from: (edge: number) => number;
  readonly to: (edge: number) => number;
  readonly kind: (edge: number) => number;
  readonly about: (edge: number) => number;
}

class Telling {
  readonly contradictions: Contradiction[] = [];
  readonly #graph: KnownGraph;
  readonly #edges: Edges;
  /** Orders that are told to be a cycle of two by themselves. */
  readonly #excluded = new Set<string>();

  constructor(graph: KnownGraph, edges: Edges) {
    this.#graph = graph;
    this.#edges = edges;
  }

  add(cycle: readonly number[]): void {
    for (const edge of cycle) if (this.#isShownOtherwise(edge)) return;
    const edges = this.#between(cycle);
    const orders = new Map<string, Order>();
    for (const { given } of edges) if (given !== undefined) orders.set(String(given), given);
    this.contradictions.push({ orders: [...orders.values()], edges });
  }

  /** From edges between nodes to edges between transactions. */
  #between(cycle: readonly number[]): ProofEdge[] {
    const { memberNodes } = this.#graph;
    const isMember = (node: number): boolean => node < memberNodes;
    const begin = cycle.findIndex((edge) => isMember(this.#edges.from(edge)));
    const found: ProofEdge[] = [];
    let from = NONE;
    let means = NONE;
    for (const edge of [...cycle.slice(begin), ...cycle.slice(0, begin)]) {
      if (isMember(this.#edges.from(edge))) {
        from = this.#member(this.#edges.from(edge));
        means = NONE;
      }
      const kind = this.#edges.kind(edge);
      if (kind !== WITHIN && kind !== IS_READER) means = edge;
      const to = this.#edges.to(edge);
      // Who reads what it overwrites itself: from its snapshot to its commit, which says nothing.
      if (!isMember(to) || means === NONE || this.#member(to) === from) continue;
      found.push(this.#edge(from, this.#member(to), means));
    }
    return found;
  }

  #member(node: number): number {
    return this.#graph.problem.isSnapshot ? node >> 1 : node;
  }

  #edge(from: number, to: number, edge: number): ProofEdge {
    const { members, keyOf, keys, writerOf, minded } = this.#graph.problem;
    const by = minded === "updates" ? "update" : "rw";
    const ends = { from: members[from] as number, to: members[to] as number };
    const about = this.#edges.about(edge);
    const key = keys[keyOf[about] as number] ?? NONE;
    const kind = this.#edges.kind(edge);
    switch (kind) {
      case SESSION:
        return { ...ends, by: "process", key: NONE };
      case COMPLETES:
        return { ...ends, by: "realtime", key: NONE };
      case READS:
        return { ...ends, by: "wr", key };
      case ON_LIST:
        return { ...ends, by: "list", key: NONE, kind: about };
      case WRITES_OVER:
        return { ...ends, by: "ww", key, given: [ends.from, ends.to] };
      case READS_AFTER:
        return {
          ...ends,
          by: "ww",
          key,
          given: [ends.from, members[writerOf[about] as number] as number],
        };
      case OVERWRITES:
      case UPDATES: {
        // Who read a list without an element precedes who appended it, in whatever order.
        const isOfList = this.#graph.lists?.isList(keyOf[about] as number) === true;
        const kindOfList = minded === "updates" ? UPDATE : RW;
        if (isOfList) return { ...ends, by: "list", key: NONE, kind: kindOfList };
        const writer = writerOf[about] as number;
        if (writer === NONE) return { ...ends, by, key };
        const first = members[writer] as number;
        const read: ProofEdge = { from: first, to: ends.to, by: "wr", key };
        if (kind === UPDATES) this.#exclude([ends.to, first], key, read);
        return { ...ends, by, key, given: [first, ends.to] };
      }
      default:
        throw new Error(`there is no kind of edges ${kind}`);
    }
  }

  /**
   * Whether an edge follows from an order of two that appended to a list, of which what was read
   * shows the opposite: then they are told, and no more.
   */
  #isShownOtherwise(edge: number): boolean {
    const { lists, problem } = this.#graph;
    const kind = this.#edges.kind(edge);
    if (lists === undefined || (kind !== OVERWRITES && kind !== UPDATES)) return false;
    const about = this.#edges.about(edge);
    const key = problem.keyOf[about] as number;
    const writer = problem.writerOf[about] as number;
    if (writer === NONE || !lists.isList(key)) return false;
    const next = this.#member(this.#edges.to(edge));
    const place = lists.placeOf(next, key);
    if (place === NONE || place > lists.placeOf(writer, key)) return false;
    const first = problem.members[writer] as number;
    const second = problem.members[next] as number;
    const shown: ProofEdge = { from: second, to: first, by: "list", key: NONE, kind: WW };
    this.#exclude([first, second], problem.keys[key] as number, shown);
    return true;
  }

  /** One cannot overwrite what another wrote, because an edge leads from that one back to it. */
  #exclude(order: Order, key: number, back: ProofEdge): void {
    const name = String(order);
    if (this.#excluded.has(name)) return;
    this.#excluded.add(name);
    const [first, second] = order;
    const edge: ProofEdge = { from: first, to: second, by: "ww", key, given: order };
    this.contradictions.push({ orders: [order], edges: [edge, back] });
  }
}
