/**
 * Transactions in chains, along each of which everything precedes causally what comes after it: the
 * sessions; and where there are none, whoever reads continues the chain of one from whom it reads,
 * if nobody did before. A session that begins may likewise continue the chain of one that has
 * ended, so that clients which come and go make fewer chains. Greedy, O(transactions + reads).
 */
import { NONE, OK } from "../../../src/history/history.js";
import type { Known } from "./commit-graph.js";

/** Chains, and the place of each transaction in its chain. */
export interface Chains {
  readonly count: number;
  /** Transaction → chain, or `NONE` for one that precedes nothing. */
  readonly of: Int32Array;
  readonly places: Int32Array;
}

/** Finds chains; `order` keeps the causal order. */
export function chainsOf(known: Known, order: Int32Array): Chains {
  const { transactions, sources, sessions, moments } = known;
  const { count, starts, owners, outcomes } = transactions;
  const { before } = sessions;
  /** Whose session goes on, and so its chain; and who precedes anybody at all. */
  const isFollowed = new Uint8Array(count);
  const isBefore = new Uint8Array(count);
  for (let each = 0; each < count; each++) {
    const earlier = before[each] as number;
    if (earlier === NONE) continue;
    isBefore[earlier] = 1;
    if (outcomes[each] === OK) isFollowed[earlier] = 1;
  }
  for (const each of moments?.ended ?? []) isBefore[each] = 1;
  for (const source of sources) if (source >= 0) isBefore[owners[source] as number] = 1;
  const of = new Int32Array(count).fill(NONE);
  const places = new Int32Array(count);
  /** Chain → its last transaction. */
  const tails: number[] = [];
  for (const each of order) {
    if (isBefore[each] !== 1) continue;
    let chain = NONE;
    const earlier = before[each] as number;
    if (earlier !== NONE && (outcomes[each] === OK || isFollowed[earlier] === 0)) {
      const its = of[earlier] as number;
      if (tails[its] === earlier) chain = its;
    }
    const end = starts[each + 1] as number;
    for (let at = starts[each] as number; at < end && chain === NONE; at++) {
      const source = sources[at] as number;
      if (source < 0) continue;
      const writer = owners[source] as number;
      const its = of[writer] as number;
      if (isFollowed[writer] === 0 && tails[its] === writer) chain = its;
    }
    if (chain === NONE) chain = tails.push(NONE) - 1;
    const tail = tails[chain] as number;
    places[each] = tail === NONE ? 0 : (places[tail] as number) + 1;
    of[each] = chain;
    tails[chain] = each;
  }
  return { count: tails.length, of, places };
}
