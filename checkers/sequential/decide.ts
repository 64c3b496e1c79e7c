/**
 * Decides a layout: linearizability first, which is more than is asked but easier to see; then
 * saturation and a schedule where they are suited; for others what is linearizable but for a few
 * operations, and the search.
 */
import type { Model } from "../../src/model/model.js";
import { createKinds } from "../linearizable/kinds.js";
import type { Meter } from "../linearizable/meter.js";
import { Transitions } from "../linearizable/transitions.js";
import type { Layout } from "./layout.js";
import { linearize } from "./from-linearization.js";
import { explainOrders } from "./explain-order.js";
import { saturate } from "./saturation.js";
import { schedule } from "./schedule.js";
import { searchOrder } from "./search.js";
import { orderWithSlack } from "./slack.js";
import { wantsOf } from "./wants.js";

/** What came of it, and which algorithm decided. */
export type Decided =
  | { readonly kind: "explained"; readonly order: readonly number[]; readonly search: string }
  | {
      readonly kind: "refuted";
      /** Invocations of required operations that contradict one another; all if unknown. */
      readonly suspects: readonly number[];
      readonly search: string;
    };

/** Whether the required operations have an order. @throws LimitReached */
export function decideOrder(layout: Layout, model: Model, meter: Meter): Decided {
  const held = meter.bytes;
  try {
    const linearized = layout.whole ? linearize(layout.history, model, meter) : undefined;
    if (linearized?.kind === "order") {
      return { kind: "explained", order: linearized.order, search: "linearization" };
    }
    const transitions = new Transitions(model, meter);
    const wants = wantsOf(layout, model, transitions);
    const named = (operations: readonly number[]): readonly number[] =>
      operations.map((operation) => layout.invocations[operation] as number);
    if (wants !== undefined) {
      const initial = transitions.initial();
      const saturated = saturate(layout, wants, { initial, meter });
      if (saturated.kind === "cyclic") {
        return { kind: "refuted", suspects: named(saturated.operations), search: "saturation" };
      }
      if (saturated.kind === "consistent" && wants.whole) {
        const { graph, before } = saturated;
        const found = schedule(graph, before, meter);
        if (found.kind === "explained") {
          return { kind: "explained", order: named(found.order), search: "schedule" };
        }
        const shown = explainOrders(graph, before, found.orders);
        const suspects = new Set([...shown, ...found.operations]);
        return { kind: "refuted", suspects: named([...suspects]), search: "schedule" };
      }
    }
    if (linearized !== undefined) {
      const { contradictory } = linearized;
      const order = orderWithSlack(layout.history, contradictory, { model, meter });
      if (order !== undefined) return { kind: "explained", order, search: "slack" };
    }
    const kinds = createKinds(layout.history, transitions, model.observesProcess);
    const found = searchOrder(layout, { transitions, kinds, meter, wants });
    if (found.kind === "explained") {
      return { kind: "explained", order: found.order, search: "search" };
    }
    return { kind: "refuted", suspects: named(layout.sequences.flat()), search: "search" };
  } finally {
    meter.release(meter.bytes - held);
  }
}
