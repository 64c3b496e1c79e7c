/**
 * Decides serializability, snapshot isolation, prefix consistency, cursor stability, a consistent
 * view and parallel snapshot isolation where nothing shows the order
 * of versions: by looking for an order of all transactions that explains every read (search.ts).
 * What is found either way is evidence; when the budget ends first, what was covered is told.
 */
import type { KeysKnown } from "../analyze.js";
import { LabelledEdges } from "../../../src/graph/labelled-digraph.js";
import { CONTINUES, Dependencies } from "../dependencies.js";
import { ListEdges as AddListEdges } from "../list-edges.js";
import { LimitReached, type Meter } from "../../linearizable/meter.js";
import type { KeptTime, ListEdges } from "./known-graph.js";
import { Problems, type Minded } from "./problem.js";
import type { Refutation } from "./refutation.js";
import type { Search } from "./search.js";
import { shrink } from "./shrink.js";
import { solve } from "./solve.js";
import { sourcesOf } from "./sources.js";

/** What is asked for. */
export interface OrderQuestion {
  readonly isSnapshot: boolean;
  readonly alone: boolean;
  readonly minded: Minded;
  readonly time: KeptTime;
  /** Work that the search may take. */
  readonly workMax: number;
  /** Whether a refutation is made smaller beside. */
  readonly isMadeSmall: boolean;
  /** The transactions that are ordered; default all that happened. */
  readonly members?: Int32Array;
  /** Transactions that come one before the other anyway, for no reason that is told. */
  readonly chain?: Iterable<readonly [before: number, after: number]>;
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
  { isSnapshot, alone, minded, time, workMax, isMadeSmall, members, chain }: OrderQuestion,
  meter: Meter,
): OrderAnswer {
  const { dependencies, byKey, transactions } = analysis;
  let search: Search | undefined;
  const own = listsOf(analysis);
  const lists = chain === undefined ? own : chained(own, chain, transactions.count);
  const question = { time, lists, meter };
  try {
    const sources = sourcesOf(dependencies, byKey);
    const unordered = alone ? dependencies.unordered : [];
    const problems = new Problems({
      transactions,
      sources,
      isSnapshot,
      alone,
      minded,
      unordered,
    });
    const watch = (begun: Search): void => {
      search = begun;
    };
    const problem = problems.of(members ?? membersOf(dependencies.happened));
    const found = meter.within(workMax, () => solve(problem, { ...question, watch }));
    if (found.refutation === undefined) return { order: found.order, facts: factsOf(search) };
    const { refutation } = found;
    const facts = factsOf(search);
    search = undefined;
    // Edges between lists are those of the whole history.
    if (own !== undefined || !isMadeSmall) return { refutation, facts };
    return { refutation: shrink(refutation, problems, question), facts };
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
function chained(
  lists: ListEdges | undefined,
  chain: Iterable<readonly [number, number]>,
  count: number,
): ListEdges {
  const edges = lists?.edges ?? new LabelledEdges();
  for (const [before, after] of chain) edges.add(before, after, CONTINUES);
  return { edges, nodeCount: lists?.nodeCount ?? count };
}

/** What lists say, apart from what registers do; undefined when there are none. */
function listsOf({ dependencies, byKey, transactions }: KeysKnown): ListEdges | undefined {
  const { registers, happened } = dependencies;
  if (registers.size === transactions.keyCount) return undefined;
  const own = new Dependencies(transactions);
  own.happened.set(happened);
  const lists = new AddListEdges(own);
  for (let key = 0; key < transactions.keyCount; key++) {
    if (registers.has(key)) continue;
    lists.addKey(byKey.micro.subarray(byKey.starts[key], byKey.starts[key + 1]));
  }
  return { edges: own.edges, nodeCount: own.nodeCount };
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
