/**
 * Decides serializability, snapshot isolation, prefix consistency, cursor stability, a consistent
 * view, parallel snapshot isolation and update atomicity where nothing shows the order
 * of versions: by looking for an order of all transactions that explains every read (search.ts).
 * What is found either way is evidence; when the budget ends first, what was covered is told.
 */
import type { KeysKnown } from "../analyze.js";
import { LabelledEdges } from "../../../src/graph/labelled-digraph.js";
import { NONE } from "../../../src/history/history.js";
import { CONTINUES, Dependencies } from "../dependencies.js";
import { APPEND, type Transactions } from "../layout.js";
import { ListEdges as AddListEdges } from "../list-edges.js";
import { LimitReached, type Meter } from "../../linearizable/meter.js";
import type { KeptTime, ListEdges } from "./known-graph.js";
import { Problems, type Minded } from "./problem.js";
import type { Refutation } from "./refutation.js";
import type { Search } from "./search.js";
import { shrink } from "./shrink.js";
import { solve } from "./solve.js";
import { addLists, NOTHING, sourcesOf, type Sources } from "./sources.js";

/** What is asked for. */
export interface OrderQuestion {
  readonly isSnapshot: boolean;
  readonly alone: boolean;
  readonly minded: Minded;
  readonly time: KeptTime;
  /** Whether lists are keys too, as registers are, of whose versions more is known. */
  readonly areLists?: boolean;
  /** Work that the search may take. */
  readonly workMax: number;
  /** Whether a refutation is made smaller beside. */
  readonly isMadeSmall: boolean;
  /** The transactions that are ordered; default all that happened. */
  readonly members?: Int32Array;
  /** Where what is ordered are parts of transactions. */
  readonly parts?: Parts;
}

/** Transactions taken apart. */
export interface Parts {
  /** Part → the transaction whose it is. */
  readonly wholes: Int32Array;
  /** Parts that come one before the other anyway, for no reason that is told. */
  readonly chain: Iterable<readonly [before: number, after: number]>;
  /**
   * Write → the part of the same transaction that reads next, or `NONE`: who is written over
   * precedes that as well (points/moments.ts). None where this does not count.
   */
  readonly followers?: Int32Array;
}

/** An order, a refutation, or why there is neither. */
export type OrderAnswer =
  | { readonly order: readonly number[]; readonly facts: SearchFacts }
  | { readonly refutation: Refutation; readonly facts: SearchFacts }
  | { readonly limit: "time" | "memory" | "work"; readonly facts: SearchFacts };

/** What the search did, for reports. */
export interface SearchFacts {
  readonly [name: string]: number;
}

/** Decides it, for a history in which every value was written once, and no finding is. */
export function decideOrder(
  analysis: KeysKnown,
  question: OrderQuestion,
  meter: Meter,
): OrderAnswer {
  const { isSnapshot, alone, minded, time, areLists = false, members, parts } = question;
  const { dependencies, byKey, transactions } = analysis;
  let search: Search | undefined;
  const own = listsOf(analysis, areLists);
  const lists = parts === undefined ? own : chained(own, parts, transactions.count);
  const asked = { time, lists, meter };
  try {
    const sources = sourcesOf(dependencies, byKey);
    if (areLists) addLists(sources, dependencies, byKey);
    if (parts !== undefined) leaveOutOwn(sources, transactions, parts);
    const unordered = alone ? dependencies.unordered : [];
    const problems = new Problems({
      transactions,
      sources,
      isSnapshot,
      alone,
      minded,
      unordered,
      followers: parts?.followers,
    });
    const watch = (begun: Search): void => {
      search = begun;
    };
    const problem = problems.of(members ?? membersOf(dependencies.happened));
    const found = meter.within(question.workMax, () => solve(problem, { ...asked, watch }));
    if (found.refutation === undefined) return { order: found.order, facts: factsOf(search) };
    const { refutation } = found;
    const facts = factsOf(search);
    search = undefined;
    // Edges between lists are those of the whole history.
    if (own !== undefined || !question.isMadeSmall) return { refutation, facts };
    return { refutation: shrink(refutation, problems, asked), facts };
  } catch (error) {
    if (error instanceof LimitReached) return { limit: error.limit, facts: factsOf(search) };
    throw error;
  }
}

/** Transactions that happened. */
function membersOf(happened: Uint8Array): Int32Array {
  const members = new Int32Array(happened.length);
  let count = 0;
  for (let each = 0; each < happened.length; each++)
    if (happened[each] === 1) members[count++] = each;
  return members.slice(0, count);
}

/** With what comes one before the other anyway, which holds in each part of the history as well. */
function chained(lists: ListEdges | undefined, { wholes, chain }: Parts, count: number): ListEdges {
  const edges = new LabelledEdges();
  const { froms, tos, labels, length } = lists?.edges ?? edges;
  for (let edge = 0; edge < length; edge++) {
    const [from, to] = [froms[edge] as number, tos[edge] as number];
    const isWithin = from < count && to < count && wholes[from] === wholes[to];
    if (!isWithin) edges.add(from, to, labels[edge] as number);
  }
  for (const [before, after] of chain) edges.add(before, after, CONTINUES);
  return { ...lists, edges, nodeCount: lists?.nodeCount ?? count };
}

/** What a transaction reads of its own, apart from its last writes, tells nothing of others. */
function leaveOutOwn({ of, again }: Sources, { owners }: Transactions, { wholes }: Parts): void {
  for (const known of [of, again]) {
    for (let at = 0; at < known.length; at++) {
      const source = known[at] as number;
      if (source >= 0 && wholes[source] === wholes[owners[at] as number]) known[at] = NOTHING;
    }
  }
}

/** What lists say, apart from what registers do; undefined when there are none. */
function listsOf(
  { dependencies, byKey, transactions }: KeysKnown,
  areKeys: boolean,
): ListEdges | undefined {
  const { registers, happened } = dependencies;
  if (registers.size === transactions.keyCount) return undefined;
  const own = new Dependencies(transactions);
  own.happened.set(happened);
  const lists = new AddListEdges(own, true);
  for (let key = 0; key < transactions.keyCount; key++) {
    if (registers.has(key)) continue;
    lists.addKey(byKey.micro.subarray(byKey.starts[key], byKey.starts[key + 1]));
  }
  if (!areKeys) return { edges: own.edges, nodeCount: own.nodeCount };
  const { versions } = dependencies;
  const placed = {
    isList: (key: number): boolean => !registers.has(key),
    of: (transaction: number, key: number): number => {
      const { starts, keys, kinds } = transactions;
      const first = starts[transaction] as number;
      for (let at = (starts[transaction + 1] as number) - 1; at >= first; at--) {
        if (keys[at] === key && kinds[at] === APPEND) return versions[at] as number;
      }
      return NONE;
    },
  };
  return { edges: own.edges, nodeCount: own.nodeCount, placed };
}

function factsOf(search: Search | undefined): SearchFacts {
  if (search === undefined) return {};
  const { decisions, conflicts, passes, unexplainedFirst, unexplainedLast } = search.counts;
  return {
    pairs: search.pairs.count,
    decisions,
    conflicts,
    passes,
    unexplainedFirst,
    unexplainedLast,
  };
}
