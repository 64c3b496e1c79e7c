/**
 * Which histories are of counters: what they do, without taking them apart.
 */
import { NEMESIS, type History } from "../../../src/history/history.js";
import { canonical, type Value } from "../../../src/history/value.js";
import { hasMicroNamed } from "../micro-names.js";

/** What adds to a counter, and with which sign. */
export const ADDING: ReadonlyMap<Value, 1 | -1> = new Map<Value, 1 | -1>([
  ["inc", 1],
  ["increment", 1],
  ["dec", -1],
  ["decrement", -1],
  ["add", 1],
]);

/** A counter's key as text: what was a number is a text where it names a field of an object. */
export function counterName(key: Value): string {
  return typeof key === "string" ? key : canonical(key);
}

/** A history of transactions on counters, of a bank, or neither. */
export type CounterKind = "counters" | "bank" | undefined;

/**
 * Looks what a history is. `add` is of counters when a key that is added to is read as a number; of
 * a set it would be read as a list.
 */
export function counterKindOf(history: History): CounterKind {
  const { functionNames } = history;
  if (functionNames.includes("txn")) return isOfCounters(history) ? "counters" : undefined;
  return functionNames.includes("transfer") && isOfTransfers(history) ? "bank" : undefined;
}

function isOfCounters(history: History): boolean {
  let adds = false;
  const increments = hasMicroNamed(history, (name) => {
    adds ||= name === "add";
    return name !== "add" && ADDING.has(name);
  });
  return increments || (adds && addsNumbers(history));
}

/** Whether a key to which somebody adds is read as a number. */
function addsNumbers({ pool }: History): boolean {
  const keys = new Set<string>();
  const micros = pool.filter((value): value is readonly Value[] => Array.isArray(value));
  for (const [f, key] of micros) if (f === "add" && key !== undefined) keys.add(counterName(key));
  return micros.some(
    ([f, key, value]) =>
      (f === "r" || f === "read") &&
      typeof value === "number" &&
      keys.has(counterName(key as Value)),
  );
}

function isOfTransfers(history: History): boolean {
  const { length, types, functions, functionNames, processes, values, valueAt } = history;
  const transfer = functionNames.indexOf("transfer");
  for (let event = 0; event < length; event++) {
    if (functions[event] !== transfer || types[event] !== 0) continue;
    if (processes[event] === NEMESIS) continue;
    const value = valueAt(values[event] as number);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  }
  return false;
}
