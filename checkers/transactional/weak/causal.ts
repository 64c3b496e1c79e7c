/**
 * Causal consistency of transactions: who sees a transaction sees all that this one saw. When t2
 * precedes a reader causally, by sessions and reads, and wrote x, which the reader reads from t1,
 * then t2 committed before t1 (Biswas & Enea 2019, section 2.2; Cerone et al. 2015, section 3).
 *
 * Transactions are gone through in causal order with a vector clock each: for each of k chains, how
 * many of its transactions precede. Of each chain the last that wrote x and precedes the reader
 * suffices (Møldrup & Pavlogiannis 2025, algorithm 3). Clocks are taken back when the last of those
 * that need them has had its turn. O(n·k) steps; to find the last writer in a chain takes the
 * logarithm of how many there are.
 */
import { NONE } from "../../../src/history/history.js";
import type { Meter } from "../../linearizable/meter.js";
import { chainsOf, type Chains } from "./chains.js";
import type { CommitGraph, Known } from "./commit-graph.js";
import { BY_CAUSE, Forced } from "./forced.js";
import { ClockPool } from "./clock-pool.js";
import type { Sources } from "./sources.js";

/** What is needed to go through transactions in causal order. */
export interface CausalOrder {
  readonly known: Known;
  /** Sessions and reads, without cycle. */
  readonly graph: CommitGraph;
  /** All transactions, in an order that the graph keeps. */
  readonly order: Int32Array;
}

/** What reads force that see all causes. @throws LimitReached */
export function forcedByCauses(
  { known, graph, order }: CausalOrder,
  { sources, writes }: Sources,
  meter: Meter,
): Forced {
  const { transactions, sessions } = known;
  const { starts, owners, keys } = transactions;
  const forced = new Forced(transactions, sources);
  const chains = chainsOf(known, order);
  const writers = writersOf(known, { chains, order, writes });
  /** Transaction → how many still need its clock. */
  const needed = new Int32Array(graph.count);
  for (let each = 0; each < graph.count; each++) {
    needed[each] = (graph.starts[each + 1] as number) - (graph.starts[each] as number);
  }
  const clocks = new ClockPool(graph.count, chains.count, meter);
  const { before } = sessions;

  for (const each of order) {
    const clock = clocks.open();
    const first = starts[each] as number;
    const end = starts[each + 1] as number;
    const join = (earlier: number): void => {
      clocks.join(clock, earlier);
      const chain = chains.of[earlier] as number;
      const at = clock + chain;
      const place = (chains.places[earlier] as number) + 1;
      if ((clocks.cells[at] as number) < place) clocks.cells[at] = place;
    };
    if (before[each] !== NONE) join(before[each] as number);
    let last = NONE;
    for (let at = first; at < end; at++) {
      const source = sources[at] as number;
      if (source < 0) continue;
      const writer = owners[source] as number;
      if (writer !== last) join(writer);
      last = writer;
    }
    meter.spend(chains.count);
    for (let at = first; at < end; at++) {
      const source = sources[at] as number;
      if (source === NONE) continue;
      const writer = source < 0 ? NONE : (owners[source] as number);
      const key = keys[at] as number;
      const until = writers.groups[key + 1] as number;
      for (let group = writers.groups[key] as number; group < until; group++) {
        const chain = writers.chains[group] as number;
        const seen = clocks.cells[clock + chain] as number;
        if (seen === 0) continue;
        const other = writers.lastBefore(group, seen);
        if (other === NONE || other === writer) continue;
        // One that precedes the writer causally comes before it anyway.
        if (writer !== NONE && clocks.precedes(writer, chain, chains.places[other] as number)) {
          continue;
        }
        forced.add(other, at, BY_CAUSE);
      }
    }
    // Given back only now: what is read from is asked above.
    release(each);
    clocks.keep(each, clock, needed[each] as number);
  }
  return forced;

  function release(each: number): void {
    const earlier = before[each] as number;
    if (earlier !== NONE) clocks.release(earlier);
    let previous = NONE;
    const end = starts[each + 1] as number;
    for (let at = starts[each] as number; at < end; at++) {
      const source = sources[at] as number;
      const writer = source < 0 ? NONE : (owners[source] as number);
      if (writer !== NONE && writer !== previous) clocks.release(writer);
      previous = writer;
    }
  }
}

/** The writers of each key in groups, one for each chain. */
interface Writers {
  /** Key → its first group. */
  readonly groups: Int32Array;
  /** Group → its chain. */
  readonly chains: Int32Array;
  /** The last writer in a group whose place in its chain is below `seen`; `NONE` for none. */
  lastBefore(group: number, seen: number): number;
}

/** Sorts them by key, then by chain, then by place: by counting, from the last to the first. */
function writersOf(
  { transactions }: Known,
  {
    chains,
    order,
    writes,
  }: { readonly chains: Chains; readonly order: Int32Array; readonly writes: Sources["writes"] },
): Writers {
  const { keyCount } = transactions;
  const inChains = byChain(chains, order);
  const starts = new Int32Array(keyCount + 2);
  for (const each of inChains) {
    for (let at = writes.starts[each] as number; at < (writes.starts[each + 1] as number); at++) {
      const after = (writes.keys[at] as number) + 2;
      starts[after] = (starts[after] as number) + 1;
    }
  }
  for (let key = 2; key <= keyCount + 1; key++) {
    starts[key] = (starts[key] as number) + (starts[key - 1] as number);
  }
  const sorted = new Int32Array(starts[keyCount + 1] as number);
  for (const each of inChains) {
    for (let at = writes.starts[each] as number; at < (writes.starts[each + 1] as number); at++) {
      const after = (writes.keys[at] as number) + 1;
      const place = starts[after] as number;
      starts[after] = place + 1;
      sorted[place] = each;
    }
  }
  const groups = new Int32Array(keyCount + 1);
  const firsts = new Int32Array(sorted.length + 1);
  const groupChains = new Int32Array(sorted.length);
  let group = 0;
  for (let key = 0; key < keyCount; key++) {
    groups[key] = group;
    for (let at = starts[key] as number; at < (starts[key + 1] as number); at++) {
      const chain = chains.of[sorted[at] as number] as number;
      if (group === groups[key] || groupChains[group - 1] !== chain) {
        firsts[group] = at;
        groupChains[group++] = chain;
      }
    }
  }
  groups[keyCount] = group;
  firsts[group] = sorted.length;
  const { places } = chains;
  return {
    groups,
    chains: groupChains,
    lastBefore: (of, seen) => {
      let low = firsts[of] as number;
      let high = firsts[of + 1] as number;
      const first = low;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((places[sorted[middle] as number] as number) < seen) low = middle + 1;
        else high = middle;
      }
      return low === first ? NONE : (sorted[low - 1] as number);
    },
  };
}

/** Transactions that are in chains, chain by chain, in their order. */
function byChain({ of, count }: Chains, order: Int32Array): Int32Array {
  const places = new Int32Array(count + 1);
  for (const chain of of) {
    if (chain !== NONE) places[chain + 1] = (places[chain + 1] as number) + 1;
  }
  for (let chain = 0; chain < count; chain++) {
    places[chain + 1] = (places[chain + 1] as number) + (places[chain] as number);
  }
  const sorted = new Int32Array(places[count] as number);
  for (const each of order) {
    const chain = of[each] as number;
    if (chain === NONE) continue;
    const place = places[chain] as number;
    places[chain] = place + 1;
    sorted[place] = each;
  }
  return sorted;
}
