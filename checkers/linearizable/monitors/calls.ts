/**
 * Lays the operations of one part out as the columns that monitors work on.
 */
import { INFO, NONE, type History } from "../../../src/history/history.js";
import type { ObjectType } from "../../../src/model/model.js";
import type { Meter } from "../meter.js";
import type { Part } from "../parts.js";
import { NEVER, type Calls, type Monitor } from "./monitor.js";

/** Bytes of columns an operation. */
const BYTES_PER_CALL = 1 + 1 + 5 * 4;

/**
 * The operations of a part as a monitor wants them; a text with the reason when it has an operation
 * that has no place in the monitor's type.
 * @throws LimitReached
 */
export function callsOf(
  { history, part, type }: { history: History; part: Part; type: ObjectType },
  monitor: Monitor,
  meter: Meter,
): Calls | string {
  const roleOf = history.functionNames.map((f) => monitor.roles.indexOf(type.roles[f] ?? ""));
  const invocations = invocationsOf(part, history);
  const count = invocations.length;
  meter.reserve(BYTES_PER_CALL * count);
  const roles = new Uint8Array(count);
  const outcomes = new Uint8Array(count);
  const completions = new Int32Array(count);
  const inputs = new Int32Array(count);
  const outputs = new Int32Array(count);
  const processes = new Int32Array(count);
  meter.spend(count);
  for (let call = 0; call < count; call++) {
    const invocation = invocations[call] as number;
    const f = history.functions[invocation] as number;
    const role = roleOf[f] as number;
    if (role < 0) return `${history.functionNames[f]} has no place in it`;
    roles[call] = role;
    inputs[call] = history.values[invocation] as number;
    processes[call] = history.processes[invocation] as number;
    const completion = history.pairs[invocation] as number;
    const outcome = completion === NONE ? INFO : (history.types[completion] as number);
    outcomes[call] = outcome;
    completions[call] = outcome === INFO ? NEVER : completion;
    outputs[call] = outcome === INFO ? NONE : (history.values[completion] as number);
  }
  const { pool } = history;
  return { count, roles, outcomes, invocations, completions, inputs, outputs, processes, pool };
}

/** The invocations of a part, ascending. */
export function invocationsOf(part: Part, { length: events }: History): Int32Array {
  if (part.invocations !== undefined) return part.invocations;
  const { completed, indeterminate } = part;
  const invocations = new Int32Array(completed.length + indeterminate.length);
  if (invocations.length < events / 16) {
    invocations.set(completed);
    invocations.set(indeterminate, completed.length);
    return invocations.sort();
  }
  // A part that is most of the history: to walk over all events is faster than to sort.
  const belongs = new Uint8Array(events);
  for (const invocation of completed) belongs[invocation] = 1;
  for (const invocation of indeterminate) belongs[invocation] = 1;
  let count = 0;
  for (let event = 0; event < events; event++) {
    if (belongs[event] === 1) invocations[count++] = event;
  }
  return invocations;
}
