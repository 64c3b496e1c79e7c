/**
 * Decides one of the weak levels: what it forces of the order of commits either leaves an order, or
 * makes a cycle, or is forced of the initial value, before which nothing comes.
 */
import { topologicalOrder } from "../../../src/graph/digraph.js";
import type { BaseIsolation } from "../../../src/consistency/level.js";
import type { Meter } from "../../linearizable/meter.js";
import { forcedByAtomicViews } from "./atomic.js";
import { forcedByCauses } from "./causal.js";
import { commitGraphOf, type CommitGraph, type Known } from "./commit-graph.js";
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

/** What came out. */
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
    if (order.length < graph.count) return { cycle: shortCycleOf(graph), forced: undefined };
    causes = { graph, order };
  }
  meter.check();
  const { transactions, sessions } = known;
  const forced =
    causes !== undefined
      ? forcedByCauses({ known, ...causes }, sources, meter)
      : base === "read-atomic"
        ? forcedByAtomicViews(transactions, sources, sessions)
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
      return { cycle: shortCycleOf(alone), forced: undefined };
    }
  }
  return { cycle: shortCycleOf(graph), forced };
}
