/**
 * Decides a layout: linearizability first, which is more than is asked but easier to see; then
 * saturation where it is suited, then the search.
 */
import type { Model } from "../../src/model/model.js";
import { createKinds } from "../linearizable/kinds.js";
import type { Meter } from "../linearizable/meter.js";
import { Transitions } from "../linearizable/transitions.js";
import type { Layout } from "./layout.js";
import { orderFromLinearization } from "./from-linearization.js";
import { saturate } from "./saturation.js";
import { searchOrder } from "./search.js";
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
    if (layout.whole) {
      const order = orderFromLinearization(layout.history, model, meter);
      if (order !== undefined) return { kind: "explained", order, search: "linearization" };
    }
    const transitions = new Transitions(model, meter);
    const wants = wantsOf(layout, model, transitions);
    const named = (operations: readonly number[]): readonly number[] =>
      operations.map((operation) => layout.invocations[operation] as number);
    let before: Int32Array | undefined;
    if (wants !== undefined) {
      const initial = transitions.initial();
      const saturated = saturate(layout, wants, { initial, meter });
      if (saturated.kind === "cyclic") {
        return { kind: "refuted", suspects: named(saturated.operations), search: "saturation" };
      }
      if (saturated.kind === "consistent") before = saturated.before;
    }
    const kinds = createKinds(layout.history, transitions, model.observesProcess);
    const found = searchOrder(layout, { transitions, kinds, meter, before, wants });
    if (found.kind === "explained") {
      const search = before === undefined ? "search" : "saturated-search";
      return { kind: "explained", order: found.order, search };
    }
    return { kind: "refuted", suspects: named(layout.sequences.flat()), search: "search" };
  } finally {
    meter.release(meter.bytes - held);
  }
}
