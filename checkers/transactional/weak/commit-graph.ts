/**
 * What is known of the order of commits, as a graph: the order of sessions or of real time, who
 * reads from whom, and what a level forces beside. The level holds when it has no cycle: any order
 * that keeps all edges explains the history (Biswas & Enea 2019, theorem 3.1).
 *
 * Nodes are the transactions, then moments (moments.ts), then what stands for all that wrote a key
 * and had completed by some time (completed.ts).
 */
import type { Digraph } from "../../../src/graph/digraph.js";
import type { IntList } from "../../../src/graph/growing.js";
import { NONE } from "../../../src/history/history.js";
import type { Transactions } from "../layout.js";
import type { Forced } from "./forced.js";
import type { Moments } from "./moments.js";
import type { Sessions } from "./sessions.js";

/** What is known of the order, beside what a level forces. */
export interface Known {
  readonly transactions: Transactions;
  readonly sources: Int32Array;
  readonly sessions: Sessions;
  /** Where real time is kept, which contains the order of sessions. */
  readonly moments: Moments | undefined;
  /** Of lists beside registers: who appended after whom. */
  readonly overwrites?: Overwrites | undefined;
}

/** Edges from who appended to a list to who appended next. */
export interface Overwrites {
  readonly froms: IntList;
  readonly tos: IntList;
}

/**
 * Beside each target the reason of the edge: a position in what is forced, or `BY_ORDER` for the
 * order of a session or of time, `CONTINUES`, or below it: `reasonOfRead` of a read.
 */
export type CommitGraph = Omit<Digraph, "edges"> & { readonly reasons: Int32Array };

/** The reason of an edge of a session, and of one to the moment after a transaction. */
export const BY_ORDER = -1;
/** An edge at a node that is no transaction: together with the others there it is one. */
export const CONTINUES: number = -(2 ** 31);

/** The reason of an edge of the order of a list; no micro-operation has so large a number. */
export const BY_VERSIONS: number = -(2 ** 30);

/** The reason of an edge from who is read, and back. */
export function reasonOfRead(read: number): number {
  return -2 - read;
}

/** Makes the graph. O(transactions + reads + forced). */
export function commitGraphOf(known: Known, forced: Forced | undefined): CommitGraph {
  const { transactions, moments } = known;
  const { count } = transactions;
  const nodes = count + (moments?.count ?? 0) + (forced?.groups.count ?? 0);
  const starts = new Int32Array(nodes + 2);
  eachEdge(known, forced, (from) => {
    starts[from + 2] = (starts[from + 2] as number) + 1;
  });
  for (let node = 2; node <= nodes + 1; node++) {
    starts[node] = (starts[node] as number) + (starts[node - 1] as number);
  }
  const length = starts[nodes + 1] as number;
  const targets = new Int32Array(length);
  const reasons = new Int32Array(length);
  eachEdge(known, forced, (from, to, reason) => {
    const place = starts[from + 1] as number;
    starts[from + 1] = place + 1;
    targets[place] = to;
    reasons[place] = reason;
  });
  return { count: nodes, starts: starts.subarray(0, nodes + 1), targets, reasons };
}

/** Always in the same order. */
function eachEdge(
  known: Known,
  forced: Forced | undefined,
  visit: (from: number, to: number, reason: number) => void,
): void {
  const { transactions, sources, sessions, moments, overwrites } = known;
  const { count, owners } = transactions;
  if (moments === undefined) {
    const { before } = sessions;
    for (let each = 0; each < count; each++) {
      if (before[each] !== NONE) visit(before[each] as number, each, BY_ORDER);
    }
  } else {
    eachMoment(moments, count, visit);
  }
  for (let at = 0; at < sources.length; at++) {
    const source = sources[at] as number;
    if (source < 0) continue;
    // Reads in a row from the same transaction make one edge.
    const earlier = at > 0 ? (sources[at - 1] as number) : NONE;
    const isAgain =
      earlier >= 0 && owners[earlier] === owners[source] && owners[at - 1] === owners[at];
    if (!isAgain) visit(owners[source] as number, owners[at] as number, reasonOfRead(at));
  }
  for (let edge = 0; edge < (overwrites?.froms.length ?? 0); edge++) {
    visit(overwrites?.froms.at(edge) ?? NONE, overwrites?.tos.at(edge) ?? NONE, BY_VERSIONS);
  }
  if (forced === undefined) return;
  const { froms, tos, length, groups } = forced;
  const first = count + (moments?.count ?? 0);
  for (let edge = 0; edge < length; edge++) {
    const from = froms[edge] as number;
    visit(from < 0 ? first + ~from : from, tos[edge] as number, edge);
  }
  for (let group = 0; group < groups.count; group++) {
    visit(groups.writers[group] as number, first + group, CONTINUES);
    const before = groups.befores[group] as number;
    if (before !== NONE) visit(first + before, first + group, CONTINUES);
  }
}

function eachMoment(
  { before, after, ended, count: moments }: Moments,
  count: number,
  visit: (from: number, to: number, reason: number) => void,
): void {
  for (const each of ended) visit(each, count + (after[each] as number), BY_ORDER);
  for (let moment = 1; moment < moments; moment++) {
    visit(count + moment - 1, count + moment, CONTINUES);
  }
  for (let each = 0; each < count; each++) {
    if (before[each] !== NONE) visit(count + (before[each] as number), each, CONTINUES);
  }
}
