/**
 * Counters: `read` returns the number, `add`, `increment` and `decrement` change it and may answer
 * the number before or after.
 *
 * 1. All amounts are the same but for zeros (a counter of likes): decided in O(n log n), whatever
 *    is indeterminate. The counter grows by steps, see `growth/sweep.ts`.
 * 2. Amounts differ, but have one sign: what no order of any *parts* of the amounts explains has no
 *    order, see `counter/bounds.ts`; where there are few amounts, and adds say no number, an order
 *    is found by `counter/few-amounts.ts`; otherwise not suited, for which amounts make up a number
 *    that was read is a sum of subsets, for which nobody knows a fast way.
 * 3. Amounts of both signs: refuted when a number is beyond what all amounts of one sign that may
 *    have come, and those of the other one that must have come, amount to; otherwise not suited.
 *
 * Numbers have to be whole, and all sums exact: models add in floating point, where the order
 * would matter otherwise.
 */
import { INFO } from "../../../src/history/history.js";
import { amountsOf, type Amounts } from "./counter/amounts.js";
import { refuteByBounds } from "./counter/bounds.js";
import { orderOfFewAmounts } from "./counter/few-amounts.js";
import { sameSteps } from "./counter/same-steps.js";
import { fewCalls } from "./growth/few-calls.js";
import { sweep } from "./growth/sweep.js";
import type { Calls, Monitor, MonitorAnswer, MonitorQuestion } from "./monitor.js";
import { timelineOf } from "./timeline.js";

/** Decides counters of equal amounts, and refutes others. */
export const counterSteps: Monitor = {
  name: "counter-steps",
  type: "counter",
  roles: [
    "read",
    ...["", "-returns-new", "-returns-old"].flatMap((suffix) =>
      ["add", "increment", "decrement"].map((role) => role + suffix),
    ),
  ],
  decide,
};

function decide({ calls, model, meter }: MonitorQuestion): MonitorAnswer {
  const read = amountsOf(calls, model, meter);
  if (typeof read === "string") return { kind: "unsuitable", reason: read };
  const lie = impossible(calls, read);
  if (lie !== undefined) return { kind: "not-linearizable", calls: [lie] };
  const timeline = timelineOf(calls, meter);
  if (read.step === undefined) {
    const refuted = refuteByBounds({ calls, amounts: read, timeline }, meter);
    if (refuted !== undefined) return { kind: "not-linearizable", calls: refuted };
    const order = orderOfFewAmounts({ calls, amounts: read, timeline }, meter);
    if (order !== undefined) return { kind: "linearizable", order };
    return { kind: "unsuitable", reason: "the amounts differ" };
  }
  const growth = sameSteps(calls, read, read.step, meter);
  if (Array.isArray(growth)) return { kind: "not-linearizable", calls: growth };
  const swept = sweep(growth, timeline, meter);
  if (swept.kind === "order") return { kind: "linearizable", order: swept.order };
  const { completed } = fewCalls({ calls, growth, timeline }, swept);
  return { kind: "not-linearizable", calls: completed };
}

/** A call that answers what is no whole number, although all numbers are. */
function impossible({ count, outcomes }: Calls, { before }: Amounts): number | undefined {
  for (let call = 0; call < count; call++) {
    if (outcomes[call] !== INFO && Number.isNaN(before[call])) return call;
  }
  return undefined;
}
