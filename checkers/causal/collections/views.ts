/**
 * Orders of everything in which the reads of some sessions are right: for pipelined RAM with no
 * more than the order of sessions, for causal memory with everything that precedes causally. (What
 * a session did not see precedes nothing of what it saw, so that it may be in its order too.)
 */
import type { EdgeList } from "../../../src/graph/digraph.js";
import type { Meter } from "../../linearizable/meter.js";
import type { AdditionsByKey } from "./additions.js";
import { ADDS, type Collections } from "./layout.js";
import { cycleIn, orderOf } from "./order.js";
import { Reads } from "./reads.js";
import { Constraints, SHOWS, type CollectionStep } from "./steps.js";

/** An order, or why there is none. */
export type Viewed =
  | { readonly kind: "order"; readonly order: Int32Array }
  | { readonly kind: "cyclic"; readonly cycle: readonly CollectionStep[] };

/** What is asked of views. */
export interface ViewsQuestion {
  readonly collections: Collections;
  readonly additions: AdditionsByKey;
  /** What other reads show precedes them as well; undefined: only what the reads in view show. */
  readonly shows: EdgeList | undefined;
  readonly meter: Meter;
}

/** An order for some sessions, with the sessions that it explains. */
export interface View {
  readonly sessions: readonly number[];
  readonly order: Int32Array;
}

/**
 * For each session that reads an order in which its reads are right: one for as many of them as
 * have one together, looked for by halves. Or a cycle, for one session. @throws LimitReached
 */
export function viewsOf(
  question: ViewsQuestion,
): { readonly views: readonly View[] } | { readonly cycle: readonly CollectionStep[] } {
  const { collections, meter } = question;
  const { starts, kinds } = collections;
  const readers: number[] = [];
  for (let session = 0; session + 1 < starts.length; session++) {
    const own = kinds.subarray(starts[session], starts[session + 1]);
    if (own.some((kind) => kind !== ADDS)) readers.push(session);
  }
  const views: View[] = [];
  const open: (readonly number[])[] = readers.length === 0 ? [] : [readers];
  for (let sessions = open.pop(); sessions !== undefined; sessions = open.pop()) {
    const found = viewOf(question, sessions);
    if (found.kind === "order") {
      meter.reserve(4 * collections.count);
      views.push({ sessions, order: found.order });
    } else if (found.kind === "cyclic") return { cycle: found.cycle };
    else {
      const half = sessions.length >> 1;
      open.push(sessions.slice(half), sessions.slice(0, half));
    }
  }
  return { views };
}

/** One order for the reads of all these sessions. @throws LimitReached */
function viewOf(
  question: ViewsQuestion,
  sessions: readonly number[],
): Viewed | { readonly kind: "none" } {
  const { collections, shows, meter } = question;
  const { starts } = collections;
  const constraints = new Constraints(collections, true);
  if (shows !== undefined) constraints.addAll(shows, SHOWS);
  const reads: number[] = [];
  for (const session of sessions) {
    const end = starts[session + 1] as number;
    for (let operation = starts[session] as number; operation < end; operation++) {
      reads.push(operation);
    }
  }
  const conflict = new Reads(question, constraints).constrain(reads);
  const order = conflict === undefined ? orderOf(constraints, meter) : undefined;
  if (order !== undefined) return { kind: "order", order };
  if (sessions.length > 1) return { kind: "none" };
  return { kind: "cyclic", cycle: conflict ?? cycleIn(constraints) };
}

/** One order in which all reads are right. @throws LimitReached */
export function orderOfAll(question: Omit<ViewsQuestion, "shows">): Viewed {
  const { collections, meter } = question;
  const constraints = new Constraints(collections, true);
  const all = Array.from({ length: collections.count }, (_, operation) => operation);
  const conflict = new Reads(question, constraints).constrain(all);
  const order = conflict === undefined ? orderOf(constraints, meter) : undefined;
  if (order !== undefined) return { kind: "order", order };
  return { kind: "cyclic", cycle: conflict ?? cycleIn(constraints) };
}
