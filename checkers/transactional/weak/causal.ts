/**
 * Causal consistency of transactions: who sees a transaction sees all that this one saw. When t2
 * precedes a reader causally, by sessions and reads, and wrote x, which the reader reads from t1,
 * then t2 committed before t1 (Biswas & Enea 2019, section 2.2; Cerone et al. 2015, section 3).
 *
 * Transactions are gone through in causal order with a vector clock each: for each of k chains, how
 * many of its transactions precede, with the transaction itself. Of each chain the last that wrote
 * x and precedes the reader suffices (Møldrup & Pavlogiannis 2025, algorithm 3). Clocks are taken
 * back when the last of those that need them has had its turn. With real time moments have clocks
 * too. O(n·k) steps; to find the last writer in a chain takes the logarithm of how many there are.
 * Memory is k numbers for each clock that is needed at a time, of two orders to go through them.
 */
import { depthFirstOrder } from "../../../src/graph/digraph.js";
import { NONE } from "../../../src/history/history.js";
import type { Meter } from "../../linearizable/meter.js";
import { chainsOf, type Chains } from "./chains.js";
import { ClockPool } from "./clock-pool.js";
import type { CommitGraph, Known } from "./commit-graph.js";
import { BY_CAUSE, Forced } from "./forced.js";
import type { Sources } from "./sources.js";
import { writersOf, type Writers } from "./writers.js";

/** What is needed to go through transactions in causal order. */
export interface CausalOrder {
  readonly known: Known;
  /** Sessions and reads, without cycle. */
  readonly graph: CommitGraph;
  /** All transactions, in an order that the graph keeps. */
  readonly order: Int32Array;
}

/** What reads force that see all causes. @throws LimitReached */
export function forcedByCauses(causal: CausalOrder, sources: Sources, meter: Meter): Forced {
  const { known, graph } = causal;
  const { order, chains, most } = cheapOrder(causal);
  meter.expect(chains.count * order.length);
  const writers = writersOf(known, { chains, order, writes: sources.writes });
  const forced = new Forced(known.transactions, sources);
  const clocks = new ClockPool({ nodes: graph.count, chains: chains.count, most }, meter);
  const walk = new CausalWalk({ known, chains, writers, forced, clocks });
  const { count } = known.transactions;
  try {
    for (const each of order) {
      const needed = (graph.starts[each + 1] as number) - (graph.starts[each] as number);
      if (each < count) walk.visit(each, needed);
      else walk.pass(each - count, needed);
      meter.spend(chains.count);
    }
  } finally {
    clocks.close();
  }
  return forced;
}

/** Clocks that take no more bytes than this, all of them, are not worth another order. */
const FEW_BYTES = 2 ** 26;

/** An order to go through transactions in, and how many clocks it needs at a time, if known. */
interface CheapOrder {
  readonly order: Int32Array;
  readonly chains: Chains;
  readonly most: number | undefined;
}

/**
 * Of two orders the one that needs fewer clocks at a time: breadth first, as sessions run beside
 * one another; or depth first, where there are many short sessions.
 */
function cheapOrder({ known, graph, order }: CausalOrder): CheapOrder {
  const chains = chainsOf(known, order);
  if (4 * chains.count * order.length <= FEW_BYTES) return { order, chains, most: undefined };
  const most = openAtATime(graph, order);
  if (4 * chains.count * most <= FEW_BYTES) return { order, chains, most };
  const deep = depthFirstOrder(graph);
  const deepMost = openAtATime(graph, deep);
  if (deepMost >= most) return { order, chains, most };
  return { order: deep, chains: chainsOf(known, deep), most: deepMost };
}

/** How many nodes at most are open at a time: each until the last that it leads to had its turn. */
function openAtATime({ starts, targets }: CommitGraph, order: Int32Array): number {
  const places = new Int32Array(order.length);
  for (let place = 0; place < order.length; place++) places[order[place] as number] = place;
  const closed = new Int32Array(order.length);
  let [open, most] = [0, 0];
  for (let place = 0; place < order.length; place++) {
    open++;
    if (open > most) most = open;
    const each = order[place] as number;
    let last = place;
    for (let at = starts[each] as number; at < (starts[each + 1] as number); at++) {
      last = Math.max(last, places[targets[at] as number] as number);
    }
    closed[last] = (closed[last] as number) + 1;
    open -= closed[place] as number;
  }
  return most;
}

class CausalWalk {
  readonly #forced: Forced;
  readonly #known: Known;
  readonly #chains: Chains;
  readonly #writers: Writers;
  readonly #clocks: ClockPool;
  /** How many of those that ended have come before a moment that was passed. */
  #ended = 0;

  constructor({
    known,
    chains,
    writers,
    forced,
    clocks,
  }: {
    readonly known: Known;
    readonly chains: Chains;
    readonly writers: Writers;
    readonly forced: Forced;
    readonly clocks: ClockPool;
  }) {
    this.#forced = forced;
    this.#known = known;
    this.#chains = chains;
    this.#writers = writers;
    this.#clocks = clocks;
  }

  visit(each: number, needed: number): void {
    const { transactions, sources } = this.#known;
    const { owners, starts } = transactions;
    const clocks = this.#clocks;
    const clock = clocks.open();
    const first = starts[each] as number;
    const end = starts[each + 1] as number;
    const earlier = this.#before(each);
    if (earlier !== NONE) clocks.join(clock, earlier);
    let last = NONE;
    for (let at = first; at < end; at++) {
      const source = sources[at] as number;
      if (source < 0) continue;
      const writer = owners[source] as number;
      if (writer !== last) clocks.join(clock, writer);
      last = writer;
    }
    for (let at = first; at < end; at++) {
      if (sources[at] !== NONE) this.#force(at, clock);
    }
    // Given back only now: of those who are read from it was asked what precedes them.
    if (earlier !== NONE) clocks.release(earlier);
    last = NONE;
    for (let at = first; at < end; at++) {
      const source = sources[at] as number;
      const writer = source < 0 ? NONE : (owners[source] as number);
      if (writer !== NONE && writer !== last) clocks.release(writer);
      last = writer;
    }
    const chain = this.#chains.of[each] as number;
    if (chain !== NONE) clocks.cells[clock + chain] = (this.#chains.places[each] as number) + 1;
    clocks.keep(each, clock, needed);
  }

  /** The node before a transaction in its session, or in time. */
  #before(each: number): number {
    const { sessions, moments, transactions } = this.#known;
    if (moments === undefined) return sessions.before[each] as number;
    const moment = moments.before[each] as number;
    return moment === NONE ? NONE : transactions.count + moment;
  }

  /** A moment is preceded by the one before it, and by those that ended between. */
  pass(moment: number, needed: number): void {
    const { moments, transactions } = this.#known;
    if (moments === undefined) throw new Error("there are no moments");
    const { ended, after } = moments;
    const clocks = this.#clocks;
    const clock = clocks.open();
    const take = (node: number): void => {
      clocks.join(clock, node);
      clocks.release(node);
    };
    if (moment > 0) take(transactions.count + moment - 1);
    while (this.#ended < ended.length && after[ended[this.#ended] as number] === moment) {
      take(ended[this.#ended++] as number);
    }
    clocks.keep(transactions.count + moment, clock, needed);
  }

  /** What a read forces whose transaction has this clock. */
  #force(at: number, clock: number): void {
    const { transactions, sources } = this.#known;
    const { groups, chains, firsts, sorted } = this.#writers;
    const { places } = this.#chains;
    const { cells } = this.#clocks;
    const source = sources[at] as number;
    const writer = source < 0 ? NONE : (transactions.owners[source] as number);
    const isOrdered = writer === NONE || this.#forced.isOfList(at);
    const before = isOrdered ? NONE : this.#clocks.clockOf(writer);
    const key = transactions.keys[at] as number;
    const until = groups[key + 1] as number;
    for (let group = groups[key] as number; group < until; group++) {
      const chain = chains[group] as number;
      const seen = cells[clock + chain] as number;
      const first = firsts[group] as number;
      let low = first;
      let high = firsts[group + 1] as number;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((places[sorted[middle] as number] as number) < seen) low = middle + 1;
        else high = middle;
      }
      if (low === first) continue;
      const other = sorted[low - 1] as number;
      if (other === writer) continue;
      // One that precedes the writer causally comes before it anyway.
      const place = places[other] as number;
      if (before !== NONE && (cells[before + chain] as number) > place) continue;
      this.#forced.add(other, at, BY_CAUSE);
    }
  }
}
