/**
 * Asks the monitors of a model's type before anything is searched.
 */
import assert from "node:assert/strict";
import { INFO, NONE, type History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import type { Model, ObjectType } from "../../src/model/model.js";
import { LimitReached, type Meter } from "./meter.js";
import { monitorsOf } from "./monitors/all-monitors.js";
import { callsOf } from "./monitors/calls.js";
import { NEVER, type Calls, type Monitor, type MonitorAnswer } from "./monitors/monitor.js";
import { isKeyless, type Part } from "./parts.js";

/** Invocations in an order of effect. */
export type Order = readonly number[] | Int32Array;

/** What a monitor found out about a part, in events of the history. */
export type MonitorFinding =
  | {
      readonly kind: "linearizable";
      readonly order: Order;
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
  const { history, part, model } = question;
  const { type } = model;
  if (type === undefined || hasNothing(part)) return undefined;
  for (const monitor of monitorsOf(type.name)) {
    const asked = ask(monitor, { history, part, model, type, meter });
    if (asked !== undefined) return findingOf(asked.answer, asked.calls, monitor.name);
  }
  return undefined;
}

/** Nothing to explain: not worth a question. */
function hasNothing(part: Part): boolean {
  return part.invocations === undefined && part.completed.length === 0;
}

/** What a monitor of all parts at once found out. */
export type WholeFinding =
  | Extract<MonitorFinding, { kind: "linearizable" }>
  /** The part that has no linearization. */
  | { readonly kind: "not-linearizable"; readonly part: Part };

/**
 * Whether some monitor decides all parts of such a history at once. Monitors do not see keys, so
 * that a history with keys is taken apart.
 */
export function hasMonitorOfAll(history: History, model: Model): boolean {
  if (model.partition === undefined || model.type === undefined) return false;
  if (!monitorsOf(model.type.name).some((monitor) => monitor.partOf !== undefined)) return false;
  return isKeyless(history);
}

/**
 * Asks monitors that decide all parts of a history at once, given as one; undefined when none is
 * suited, or the budget does not suffice.
 */
export function askMonitorsOfAll(
  question: { readonly history: History; readonly model: Model; readonly part: Part },
  meter: Meter,
): WholeFinding | undefined {
  const { history, part, model } = question;
  const { type } = model;
  if (type === undefined || hasNothing(part)) return undefined;
  for (const monitor of monitorsOf(type.name)) {
    if (monitor.partOf === undefined) continue;
    try {
      const asked = ask(monitor, { history, part, model, type, meter });
      if (asked === undefined) continue;
      const found = findingOf(asked.answer, asked.calls, monitor.name);
      if (found.kind === "linearizable") return found;
      return { kind: "not-linearizable", part: partAbout(found.suspects, question, asked) };
    } catch (error) {
      if (!(error instanceof LimitReached)) throw error;
    }
  }
  return undefined;
}

/** The operations of the part that a suspect belongs to. */
function partAbout(
  [suspect]: readonly number[],
  { history, model }: { history: History; model: Model },
  { monitor, calls }: { monitor: Monitor; calls: Calls },
): Part {
  assert(suspect !== undefined, `${monitor.name} refuted nothing`);
  const partOf = (call: number): number => monitor.partOf?.(calls, call) ?? NONE;
  const { invocations, completions, outcomes } = calls;
  const about = partOf(invocations.indexOf(suspect));
  const completed: number[] = [];
  const indeterminate: number[] = [];
  for (let call = 0; call < calls.count; call++) {
    if (partOf(call) !== about) continue;
    if (outcomes[call] === INFO) indeterminate.push(invocations[call] as number);
    else completed.push(call);
  }
  completed.sort((a, b) => (completions[a] as number) - (completions[b] as number));
  return {
    part: model.partition?.(history.operation(suspect)) ?? null,
    completed: completed.map((call) => invocations[call] as number),
    indeterminate,
  };
}

/** A monitor's answer; undefined when it is not suited. @throws LimitReached */
function ask(
  monitor: Monitor,
  question: {
    readonly history: History;
    readonly model: Model;
    readonly part: Part;
    readonly type: ObjectType;
    readonly meter: Meter;
  },
): { readonly monitor: Monitor; readonly calls: Calls; readonly answer: Suited } | undefined {
  const { model, meter } = question;
  const held = meter.bytes;
  try {
    const calls = callsOf(question, monitor, meter);
    if (typeof calls === "string") return undefined;
    const answer = monitor.decide({ calls, model, meter });
    return answer.kind === "unsuitable" ? undefined : { monitor, calls, answer };
  } finally {
    meter.release(meter.bytes - held);
  }
}

type Suited = Exclude<MonitorAnswer, { kind: "unsuitable" }>;

function findingOf(answer: Suited, calls: Calls, search: string): MonitorFinding {
  const { invocations, pool } = calls;
  if (answer.kind === "linearizable") {
    const { order: given } = answer;
    const order = given instanceof Int32Array ? given : Int32Array.from(given);
    assertOrder(order, calls, search);
    for (let place = 0; place < order.length; place++) {
      order[place] = invocations[order[place] as number] as number;
    }
    return { kind: "linearizable", order, search };
  }
  return {
    kind: "not-linearizable",
    suspects: answer.calls.map((call) => invocations[call] as number),
    values: answer.namedValues ?? answer.values?.map((value) => pool[value] as Value),
    search,
  };
}

/**
 * An order has to hold what completed, each once, and respect real time; whether the model accepts
 * it is for the verifier to say. Cheap, so that it is looked at always.
 */
function assertOrder(
  order: Int32Array,
  { count, outcomes, invocations, completions }: Calls,
  search: string,
): void {
  const placed = new Uint8Array(count);
  let earliestEnd = NEVER;
  for (let place = order.length - 1; place >= 0; place--) {
    const call = order[place] as number;
    if (placed[call] !== 0) assert.fail(`${search} orders an operation twice`);
    placed[call] = 1;
    if ((invocations[call] as number) >= earliestEnd) {
      assert.fail(`${search} goes against real time`);
    }
    const end = completions[call] as number;
    if (end < earliestEnd) earliestEnd = end;
  }
  for (let call = 0; call < count; call++) {
    if (placed[call] === 0 && outcomes[call] !== INFO) {
      assert.fail(`${search} leaves out an operation`);
    }
  }
}
