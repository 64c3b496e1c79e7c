/**
 * Priority queues whose values are inserted at most once: linearizable or not, in O(n log n).
 *
 * After Lee & Mathur, "Efficient decrease-and-conquer linearizability monitoring" (2025): elements
 * are looked at from the highest priority down, for those of a lower one are in nobody's way. An
 * element is inserted as late and removed as early as possible, so that it is in the queue
 * (*covers* gaps) only when it is so in every order. Each removal and each peek needs a gap in its
 * interval that no element of a higher priority covers; where one has none, there is no order. The
 * steps of one element are in `priority/coverage.ts`, the order of effect in `priority/effects.ts`.
 *
 * Elements of equal priority are in nobody's way among themselves, if the model lets any of them go
 * first; the model is asked, and if it says otherwise such a history is not suited.
 *
 * Indeterminate removals (*wildcards*) can get elements that nobody else removed (*left* ones),
 * which cover everything to the end otherwise. Decided twice: with the wildcard that began first
 * for every left element, so that what is refuted is refuted in truth; and with each wildcard for
 * one element, chosen by deadlines (`priority/wildcards.ts`), so that what is explained is
 * explained. Between the two the monitor is not suited.
 */
import type { Value } from "../../../src/history/value.js";
import type { Model } from "../../../src/model/model.js";
import { elementsOf, isEmptyContainer, refutation } from "./elements.js";
import type { Monitor, MonitorAnswer, MonitorQuestion } from "./monitor.js";
import { coverGaps, type Given } from "./priority/coverage.js";
import { orderOfEffect } from "./priority/effects.js";
import { ranksOf } from "./priority/ranks.js";
import { assignWildcards } from "./priority/wildcards.js";
import { momentsOf } from "./timeline.js";
import { NONE } from "../../../src/history/history.js";

/** Decides priority queues of numbers, or of `[priority, value]`, that are empty at first. */
export const priorityQueue: Monitor = {
  name: "priority-queue-coverage",
  type: "priority-queue",
  roles: ["insert", "extract", "peek"],
  decide,
};

const BYTES_PER_CALL = 30 * 4;

function decide({ calls, model, meter }: MonitorQuestion): MonitorAnswer {
  if (!isEmptyContainer(model.initial())) return unsuitable("the queue is not empty at first");
  const { order } = model.options;
  if (order !== "min" && order !== "max") return unsuitable("the order of priorities is not known");
  const times = momentsOf(calls, meter);
  const found = elementsOf(calls, times, meter);
  if (found.kind !== "elements") return found;
  const { elements } = found;
  meter.reserve(BYTES_PER_CALL * calls.count);
  meter.spend(8 * calls.count);
  const values = Array.from(elements.values, (position) => calls.pool[position] as Value);
  const ranked = ranksOf(values, order);
  if (ranked === undefined) return unsuitable("a priority is not a number");
  const { tied } = ranked;
  if (tied !== undefined && !breaksTiesFreely(model, tied)) {
    return unsuitable("values have equal priorities");
  }
  const given: Given = { calls, times, elements, ranked };
  const shared = elements.wildcards[0] ?? NONE;
  const all = new Int32Array(elements.count).fill(shared);
  const exact = coverGaps(given, shared === NONE ? all : assignWildcards(given));
  if (exact.kind === "gaps") return { kind: "linearizable", order: orderOfEffect(given, exact) };
  if (shared === NONE) return refutation(calls, elements, exact);
  meter.spend(8 * calls.count);
  const relaxed = coverGaps(given, all);
  if (relaxed.kind === "covered") return refutation(calls, elements, relaxed);
  return unsuitable("which elements the indeterminate removals got is not clear");
}

/** Whether either of two values of equal priority may leave first, whichever came first. */
function breaksTiesFreely(model: Model, [one, other]: readonly [Value, Value]): boolean {
  const roles = Object.entries(model.type?.roles ?? {});
  const nameOf = (role: string): string => roles.find(([, named]) => named === role)?.[0] ?? "";
  const about = { key: undefined, outcome: "ok" } as const;
  const insert = (state: Value, value: Value): Value =>
    model.step(state, { ...about, f: nameOf("insert"), input: value, output: value })[0] ?? null;
  const both = insert(insert(model.initial(), one), other);
  return [one, other].every((output) => {
    const extract = { ...about, f: nameOf("extract"), input: null, output };
    return model.step(both, extract).length > 0;
  });
}

function unsuitable(reason: string): MonitorAnswer {
  return { kind: "unsuitable", reason };
}
