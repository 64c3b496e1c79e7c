/**
 * Who wrote a key, chain by chain: so the last in a chain that precedes somebody is found by
 * halving.
 */
import { NONE } from "../../../src/history/history.js";
import type { Chains } from "./chains.js";
import type { Known } from "./commit-graph.js";
import type { Sources } from "./sources.js";

/** The writers of each key in groups, one for each chain. */
export interface Writers {
  /** Key → its first group. */
  readonly groups: Int32Array;
  /** Group → its chain. */
  readonly chains: Int32Array;
  /** Group → its first writer in `sorted`, where those of a group are in their order. */
  readonly firsts: Int32Array;
  readonly sorted: Int32Array;
}

/** Sorts them by key, then by chain, then by place: by counting, from the last to the first. */
export function writersOf(
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
  return { groups, chains: groupChains, firsts, sorted };
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
    const chain = of[each] ?? NONE;
    if (chain === NONE) continue;
    const place = places[chain] as number;
    places[chain] = place + 1;
    sorted[place] = each;
  }
  return sorted;
}
