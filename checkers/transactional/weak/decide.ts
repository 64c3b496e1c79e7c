/**
 * Decides one of the weak levels: what it forces of the order of commits either leaves an order, or
 * makes a cycle, or is forced of the initial value, before which nothing comes.
 */
import { topologicalOrder } from "../../../src/graph/digraph.js";
import type { BaseIsolation } from "../../../src/consistency/level.js";
import { NONE } from "../../../src/history/history.js";
import type { Meter } from "../../linearizable/meter.js";
import { forcedByAtomicViews } from "./atomic.js";
import { forcedByCauses } from "./causal.js";
import { CONTINUES, commitGraphOf, type CommitGraph, type Known } from "./commit-graph.js";
import type { Forced, Missed } from "./forced.js";
import { forcedByMonotonicViews } from "./monotonic.js";
import { shortCycleOf, type Step } from "./short-cycle.js";
import type { Sources } from "./sources.js";

/** Levels that are decided here, from weak to strong: each implies those before it. */
export const WEAK_BASES = ["monotonic-atomic-view", "read-atomic", "causal-cerone"] as const;
export type WeakBase = (typeof WEAK_BASES)[number];

/** Whether a level is decided here. */
export function isWeak(base: BaseIsolation): base is WeakBase {
  return WEAK_BASES.some((each) => each === base);
}

/** What came out; an order is of all nodes of the graph. */
export type Decision =
  | { readonly order: Int32Array }
  | { readonly cycle: readonly Step[]; readonly forced: Forced | undefined }
  /** Some reads of the initial value, any of which shows it. */
  | { readonly missed: readonly Missed[] };

/** Decides a level for what is known of a history. @throws LimitReached */
export function decide(base: WeakBase, known: Known, sources: Sources, meter: Meter): Decision {
  let causes: { readonly graph: CommitGraph; readonly order: Int32Array } | undefined;
  if (base === "causal-cerone") {
    const graph = commitGraphOf(known, undefined);
    const order = topologicalOrder(graph);
    if (order.length < graph.count) return { cycle: cycleOf(graph, known), forced: undefined };
    causes = { graph, order };
  }
  meter.check();
  const { transactions } = known;
  const forced =
    causes !== undefined
      ? forcedByCauses({ known, ...causes }, sources, meter)
      : base === "read-atomic"
        ? forcedByAtomicViews(known, sources)
        : forcedByMonotonicViews(transactions, sources);
  meter.check();
  if (forced.missed.length > 0) return { missed: forced.missed };
  if (forced.length === 0 && causes !== undefined) return { order: causes.order };
  const graph = commitGraphOf(known, forced);
  const order = topologicalOrder(graph);
  meter.check();
  if (order.length === graph.count) return { order };
  if (causes === undefined) {
    const alone = commitGraphOf(known, undefined);
    if (topologicalOrder(alone).length < alone.count) {
      return { cycle: cycleOf(alone, known), forced: undefined };
    }
  }
  return { cycle: cycleOf(graph, known), forced };
}

/** A short cycle of transactions: what leads to one by other nodes is one step. */
function cycleOf(graph: CommitGraph, { transactions }: Known): readonly Step[] {
  const { count } = transactions;
  const found = shortCycleOf(graph);
  const begin = found.findIndex(({ from }) => from < count);
  const steps: Step[] = [];
  let from = NONE;
  let reason = CONTINUES;
  for (const step of [...found.slice(begin), ...found.slice(0, begin)]) {
    if (step.from < count) {
      from = step.from;
      reason = CONTINUES;
    }
    if (step.reason !== CONTINUES) reason = step.reason;
    if (step.to < count) steps.push({ from, to: step.to, reason });
  }
  return steps;
}
