/**
 * What is known of the order of commits, as a graph: the order of sessions, who reads from whom,
 * and what a level forces beside. The level holds when it has no cycle: any order that keeps all
 * edges explains the history (Biswas & Enea 2019, theorem 3.1).
 */
import type { Digraph } from "../../../src/graph/digraph.js";
import { NONE } from "../../../src/history/history.js";
import type { Transactions } from "../layout.js";
import type { Forced } from "./forced.js";
import type { Sessions } from "./sessions.js";

/** What is known of the order, beside what a level forces. */
export interface Known {
  readonly transactions: Transactions;
  readonly sources: Int32Array;
  readonly sessions: Sessions;
}

/**
 * Beside each target the reason of the edge: a position in what is forced, or `BY_ORDER` for the
 * order of a session, or below it: `reasonOfRead` of a read.
 */
export type CommitGraph = Omit<Digraph, "edges"> & { readonly reasons: Int32Array };

/** The reason of an edge of a session. */
export const BY_ORDER = -1;

/** The reason of an edge from who is read, and back. */
export function reasonOfRead(read: number): number {
  return -2 - read;
}

/** Makes the graph. O(transactions + reads + forced). */
export function commitGraphOf(known: Known, forced: Forced | undefined): CommitGraph {
  const { transactions, sources, sessions } = known;
  const { count, owners } = transactions;
  const { before } = sessions;
  const forcedCount = forced?.length ?? 0;
  const isEdge = (at: number): boolean => {
    const source = sources[at] as number;
    if (source < 0) return false;
    // Reads in a row from the same transaction make one edge.
    const earlier = at > 0 ? (sources[at - 1] as number) : NONE;
    return earlier < 0 || owners[earlier] !== owners[source] || owners[at - 1] !== owners[at];
  };
  const starts = new Int32Array(count + 2);
  const tally = (from: number): void => {
    starts[from + 2] = (starts[from + 2] as number) + 1;
  };
  for (const earlier of before) if (earlier !== NONE) tally(earlier);
  for (let at = 0; at < sources.length; at++) {
    if (isEdge(at)) tally(owners[sources[at] as number] as number);
  }
  for (let edge = 0; edge < forcedCount; edge++) tally((forced as Forced).froms[edge] as number);
  for (let node = 2; node <= count + 1; node++) {
    starts[node] = (starts[node] as number) + (starts[node - 1] as number);
  }
  const length = starts[count + 1] as number;
  const targets = new Int32Array(length);
  const reasons = new Int32Array(length);
  const add = (from: number, to: number, reason: number): void => {
    const place = starts[from + 1] as number;
    starts[from + 1] = place + 1;
    targets[place] = to;
    reasons[place] = reason;
  };
  for (let each = 0; each < count; each++) {
    if (before[each] !== NONE) add(before[each] as number, each, BY_ORDER);
  }
  for (let at = 0; at < sources.length; at++) {
    if (!isEdge(at)) continue;
    add(owners[sources[at] as number] as number, owners[at] as number, reasonOfRead(at));
  }
  for (let edge = 0; edge < forcedCount; edge++) {
    const { froms, tos } = forced as Forced;
    add(froms[edge] as number, tos[edge] as number, edge);
  }
  return { count, starts: starts.subarray(0, count + 1), targets, reasons };
}
