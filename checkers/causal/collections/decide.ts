/**
 * Decides consistency of sets and logs that only grow, in polynomial time: elements are added once,
 * so that every result says exactly which additions come before it and which do not.
 *
 * - `causal`: what precedes causally (causes.ts) is shown, and lists keep it.
 * - `causal-convergence`: and one order of everything keeps all lists. Sets show no order, so that
 *   for them the two are one.
 * - `causal-memory`: and each session has an order of everything that keeps causality, in which all
 *   its reads are right. For sets it has one whenever they are causal: suppose that what reads of
 *   the session demand and causality go round in a circle. Of the reads on it that lack what comes
 *   next let R be the session's last, and `a` what it lacks. From `a` on the circle keeps causality
 *   until the next such read, which is not after R, so that `a` precedes R and should be shown.
 * - `pram`: the same with the order of sessions alone, and for sets it is a demand of its own.
 * - `sequential`: one order of everything in which all reads are right.
 */
import type { SessionGuarantee } from "../../../src/verdict/certificate.js";
import type { Meter } from "../../linearizable/meter.js";
import type { CausalLevel } from "../decide.js";
import { AdditionsByKey } from "./additions.js";
import { causesOf, type Causes } from "./causes.js";
import { decideGuarantees } from "./guarantees.js";
import type { Collections } from "./layout.js";
import { ListTree } from "./listed.js";
import { cycleIn, orderOf, wayFrom } from "./order.js";
import { Constraints, SHOWS, type CollectionStep } from "./steps.js";
import { orderOfAll, viewsOf, type View } from "./views.js";

/** What is promised. */
export type CollectionPromise = CausalLevel | "sequential" | readonly SessionGuarantee[];

/** What broke. */
export type CollectionPattern =
  | "causality-cycle"
  | "missing-element"
  | "misplaced-element"
  | "diverging-lists"
  | "view-cycle"
  | "order-cycle"
  | "guarantee"
  | "read-your-writes"
  | "monotonic-reads";

/** An order of operations, or one for some sessions each; or steps that go round in a circle. */
export type CollectionDecision =
  | { readonly kind: "order"; readonly order: ArrayLike<number> & Iterable<number> }
  | { readonly kind: "views"; readonly views: readonly View[] }
  | {
      readonly kind: "cyclic";
      readonly pattern: CollectionPattern;
      readonly cycle: readonly CollectionStep[];
    };

/** Decides, for results that are possible each. @throws LimitReached */
export function decideCollections(
  collections: Collections,
  promise: CollectionPromise,
  meter: Meter,
): CollectionDecision {
  const additions = new AdditionsByKey(collections);
  const about = { collections, additions, meter };
  if (promise === "sequential") {
    const found = orderOfAll(about);
    return found.kind === "order" ? found : cyclic("order-cycle", found.cycle);
  }
  if (typeof promise !== "string") {
    const found = decideGuarantees(about, promise);
    if (found.kind === "order") return found;
    return cyclic(found.broken ?? "guarantee", found.cycle);
  }
  if (promise === "pram") {
    const found = viewsOf({ ...about, shows: undefined });
    return "views" in found
      ? { kind: "views", views: found.views }
      : cyclic("view-cycle", found.cycle);
  }
  const causes = causesOf(collections, additions, meter);
  if (causes.kind !== "order") return uncaused(collections, causes);
  if (!collections.isOrdered) return { kind: "order", order: causes.order };
  const constraints = new Constraints(collections, true);
  constraints.addAll(causes.shows, SHOWS);
  const tree = new ListTree(collections, meter);
  const misplaced = tree.misplaced(causes.clocks, meter);
  if (misplaced !== undefined) {
    const { earlier, later, read } = misplaced;
    const way = wayFrom(constraints, later, earlier);
    return cyclic("misplaced-element", [...way, { from: earlier, to: later, by: "listed", read }]);
  }
  if (promise === "causal") return { kind: "order", order: causes.order };
  if (promise === "causal-memory") {
    const found = viewsOf({ ...about, shows: causes.shows });
    return "views" in found
      ? { kind: "views", views: found.views }
      : cyclic("view-cycle", found.cycle);
  }
  tree.constrain(constraints);
  const order = orderOf(constraints, meter);
  if (order !== undefined) return { kind: "order", order };
  return cyclic("diverging-lists", cycleIn(constraints));
}

function uncaused(
  collections: Collections,
  causes: Exclude<Causes, { readonly kind: "order" }>,
): CollectionDecision {
  if (causes.kind === "cyclic") return cyclic("causality-cycle", causes.cycle);
  const { add, read, shows } = causes;
  const constraints = new Constraints(collections, true);
  constraints.addAll(shows, SHOWS);
  const way = wayFrom(constraints, add, read);
  return cyclic("missing-element", [...way, { from: read, to: add, by: "lacks" }]);
}

function cyclic(pattern: CollectionPattern, cycle: readonly CollectionStep[]): CollectionDecision {
  return { kind: "cyclic", pattern, cycle };
}
