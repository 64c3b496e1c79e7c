/**
 * Stacks whose values are pushed at most once: linearizable or not, in O(n log n).
 *
 * After Lee & Mathur, "Efficient decrease-and-conquer linearizability monitoring" (2025), and
 * Abdulla et al., "Efficient linearizability monitoring" (PLDI 2025): elements are taken out from
 * the bottom of the stack up, each as soon as its push and its pop can find the stack empty but for
 * those below. Peeks, and an order of effect, are added here: `stack/nesting.ts`.
 *
 * An operation that found the stack empty needs a gap that no element covers; any will do, for no
 * life that is chosen later spans it.
 *
 * Indeterminate pops (*wildcards*) can get elements that nobody else popped (*left* ones), which
 * stay to the end otherwise. Decided twice: with the wildcard that began first for every left
 * element, so that what is refuted is refuted in truth; and with each wildcard for one element,
 * chosen by deadlines (`stack/wildcards.ts`), so that what is explained is explained. Where neither
 * says anything, the order of the first gives other deadlines; between the two the monitor is not
 * suited.
 *
 * The elements that are stuck have no order by themselves, which is a claim about a projection;
 * they are made few first (`stack/shrink.ts`), for a search has to confirm it.
 */
import assert from "node:assert/strict";
import { elementsOf, isEmptyContainer, refutation } from "./elements.js";
import { chooseGaps } from "./fifo/emptiness.js";
import type { Meter } from "../meter.js";
import type { Monitor, MonitorAnswer, MonitorQuestion } from "./monitor.js";
import { orderOfEffect } from "./priority/effects.js";
import { nest, type Given, type Nesting } from "./stack/nesting.js";
import { sharing, shrink } from "./stack/shrink.js";
import { assignWildcards, reassignWildcards } from "./stack/wildcards.js";
import { momentsOf } from "./timeline.js";

/** Decides stacks without capacity that are empty at first. */
export const stackNesting: Monitor = {
  name: "stack-nesting",
  type: "stack",
  roles: ["push", "pop", "peek"],
  decide,
};

const BYTES_PER_CALL = 40 * 4;

function decide({ calls, model, meter }: MonitorQuestion): MonitorAnswer {
  if (!isEmptyContainer(model.initial())) return unsuitable("the stack is not empty at first");
  const times = momentsOf(calls, meter);
  const found = elementsOf(calls, times, meter);
  if (found.kind !== "elements") return found;
  const { elements } = found;
  meter.reserve(BYTES_PER_CALL * calls.count);
  meter.spend(8 * calls.count);
  const relaxed = sharing(calls, times, elements);
  const isExact = elements.wildcards.length === 0;
  const given = isExact ? relaxed : { ...relaxed, wildcards: assignWildcards(elements, times) };
  const exact = nest(given);
  if (exact.kind === "nested") return order(given, exact);
  meter.spend(8 * calls.count);
  const shared = isExact ? exact : nest(relaxed);
  if (shared.kind === "nested") return guessAgain(relaxed, shared, meter);
  if (shared.kind === "stuck") {
    const few = shrink(relaxed, shared.elements, meter);
    return refutation(calls, elements, { elements: few, empties: [] });
  }
  // Elements cover the same gaps in a queue, as far as emptiness goes.
  const gaps = chooseGaps(elements, times);
  assert(gaps.kind === "covered", "where nobody can have found the stack empty, it is covered");
  return refutation(calls, elements, gaps);
}

/** Other wildcards for the left elements, where those that were guessed first explain nothing. */
function guessAgain(relaxed: Given, shared: Nesting, meter: Meter): MonitorAnswer {
  for (const until of ["gap", "end"] as const) {
    meter.spend(8 * relaxed.calls.count);
    const given = { ...relaxed, wildcards: reassignWildcards(relaxed, shared, until) };
    const exact = nest(given);
    if (exact.kind === "nested") return order(given, exact);
  }
  return unsuitable("which elements the indeterminate pops got is not clear");
}

/** In one gap, those on top leave first, and come last, as with priorities. */
function order({ calls, times, elements }: Given, nesting: Nesting): MonitorAnswer {
  const ranked = { byRank: nesting.fromTop, ranks: new Int32Array(0), tied: undefined };
  const given = { calls, times, elements, ranked };
  return { kind: "linearizable", order: orderOfEffect(given, nesting.coverage) };
}

function unsuitable(reason: string): MonitorAnswer {
  return { kind: "unsuitable", reason };
}
