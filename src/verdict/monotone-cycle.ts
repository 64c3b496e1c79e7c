/**
 * Whether in a cycle each transaction that read what the next one overwrites had depended by then
 * on the one before it: by that read or an earlier one, by the order of time, or, for a monotonic
 * view, by what it had written before (Adya 1999, chapter 4, PL-2L and PL-MSR). Then no order of
 * the moments of reads and of commits has all of these edges.
 */
import type { History } from "../history/history.js";
import { canonical, type Value } from "../history/value.js";
import type { DependencyEdge, GivenEdge } from "./isolation-certificate.js";
import { isOpenRead } from "./verify-points.js";
import { elementsOf, transactionAt, type Micro } from "./transactions.js";

type Edge = DependencyEdge | GivenEdge;
type Anti = Edge & { readonly by: "rw" | "update" };

/** What a transaction did, and which of it are reads that count. */
interface Told {
  readonly micro: readonly Micro[];
  readonly reads: readonly boolean[];
}

/** The edges are confirmed already; `byWrites`: whether what was written before counts. */
export function isMonotone(edges: readonly Edge[], history: History, byWrites: boolean): boolean {
  return edges.every((edge, place) => {
    if (!isAnti(edge)) return true;
    const before = edges.at(place - 1) as Edge;
    if (before.by === "process" || before.by === "realtime") return true;
    const { micro } = transactionAt(history, edge.from);
    // Moments of reads are of what others left; what is read later comes with the commit.
    const reads = micro.map((_, at) => (byWrites ? micro[at]?.f === "r" : isOpenRead(micro, at)));
    const from = enteredAt(before, { micro, reads, byWrites });
    const to = leftAt(edge, { micro, reads, history });
    return from >= 0 && from <= to;
  });
}

function isAnti(edge: Edge): edge is Anti {
  return edge.by === "rw" || edge.by === "update";
}

/** The micro-operation by which a transaction first depends on who precedes it, or -1. */
function enteredAt(
  edge: Edge,
  { micro, reads, byWrites }: Told & { readonly byWrites: boolean },
): number {
  if (edge.by === "wr") {
    const key = canonical(edge.key);
    return micro.findIndex(
      (each, at) => reads[at] === true && each.key === key && shows(each, edge.value),
    );
  }
  if (edge.by !== "ww" || !byWrites) return -1;
  const key = canonical(edge.key);
  // Whoever writes a key several times has written over others from the first time on.
  const isNext = (each: Micro): boolean =>
    !("next" in edge) || canonical(each.value ?? null) === canonical(edge.next);
  return micro.findIndex((each) => each.f !== "r" && each.key === key && isNext(each));
}

/** The last micro-operation that read what the next one overwrites, or -1. */
function leftAt(
  edge: Anti,
  { micro, reads, history }: Told & { readonly history: History },
): number {
  const key = canonical(edge.key);
  const isOf = (each: Micro): boolean => {
    if (each.value === undefined) return false;
    if ("given" in edge) {
      const writer = transactionAt(history, edge.given[0]);
      const last = writer.micro.findLast(({ f, key: of }) => f !== "r" && of === key);
      return last !== undefined && canonical(each.value) === canonical(last.value ?? null);
    }
    if ("step" in edge) return canonical(each.value) === canonical(edge.step.value);
    return !elementsOf(each).includes(canonical(edge.next));
  };
  return micro.findLastIndex((each, at) => reads[at] === true && each.key === key && isOf(each));
}

/** Whether a read is of this value, or of a list that ends with it. */
function shows(each: Micro, value: Value): boolean {
  if (each.value === undefined) return false;
  const text = canonical(value);
  return canonical(each.value) === text || elementsOf(each).at(-1) === text;
}
