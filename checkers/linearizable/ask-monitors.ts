/**
 * Asks the monitors of a model's type before anything is searched.
 */
import assert from "node:assert/strict";
import { INFO, type History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import type { Model } from "../../src/model/model.js";
import type { Meter } from "./meter.js";
import { monitorsOf } from "./monitors/all-monitors.js";
import { bytesOf, callsOf } from "./monitors/calls.js";
import type { Calls, MonitorAnswer } from "./monitors/monitor.js";
import type { Part } from "./parts.js";

/** What a monitor found out about a part, in events of the history. */
export type MonitorFinding =
  | {
      readonly kind: "linearizable";
      readonly order: readonly number[];
      readonly search: string;
    }
  | {
      readonly kind: "not-linearizable";
      /** Invocations of completed operations that contradict one another, ascending. */
      readonly suspects: readonly number[];
      /** The values that the claim is about, when it is about a projection. */
      readonly values: readonly Value[] | undefined;
      readonly search: string;
    };

/** The first answer of a monitor that is suited; undefined when none is. @throws LimitReached */
export function askMonitors(
  question: { readonly history: History; readonly model: Model; readonly part: Part },
  meter: Meter,
): MonitorFinding | undefined {
  const { history, model, part } = question;
  const { type } = model;
  if (type === undefined || part.completed.length === 0) return undefined;
  for (const monitor of monitorsOf(type.name)) {
    const held = meter.bytes;
    try {
      const calls = callsOf({ history, part, type }, monitor, meter);
      if (typeof calls === "string") continue;
      const answer = monitor.decide({ calls, model, meter });
      meter.release(bytesOf(calls));
      if (answer.kind !== "unsuitable") return findingOf(answer, calls, monitor.name);
    } finally {
      meter.release(meter.bytes - held);
    }
  }
  return undefined;
}

function findingOf(
  answer: Exclude<MonitorAnswer, { kind: "unsuitable" }>,
  calls: Calls,
  search: string,
): MonitorFinding {
  const { invocations, pool } = calls;
  if (answer.kind === "linearizable") {
    assertOrder(answer.order, calls, search);
    const order = Array.from(answer.order, (call) => invocations[call] as number);
    return { kind: "linearizable", order, search };
  }
  return {
    kind: "not-linearizable",
    suspects: answer.calls.map((call) => invocations[call] as number),
    values: answer.values?.map((value) => pool[value] as Value),
    search,
  };
}

/**
 * An order has to hold what completed, each once, and respect real time; whether the model accepts
 * it is for the verifier to say. Cheap, so that it is looked at always.
 */
function assertOrder(
  order: Int32Array | readonly number[],
  { count, outcomes, invocations, completions }: Calls,
  search: string,
): void {
  const placed = new Uint8Array(count);
  let earliestEnd = Infinity;
  for (let place = order.length - 1; place >= 0; place--) {
    const call = order[place] as number;
    assert(placed[call] === 0, `${search} orders an operation twice`);
    placed[call] = 1;
    assert((invocations[call] as number) < earliestEnd, `${search} goes against real time`);
    earliestEnd = Math.min(earliestEnd, completions[call] as number);
  }
  for (let call = 0; call < count; call++) {
    assert(placed[call] === 1 || outcomes[call] === INFO, `${search} leaves out an operation`);
  }
}
