/**
 * Which histories are of counters: what they do, without taking them apart.
 */
import { NEMESIS, OK, type History } from "../../../src/history/history.js";
import { canonical, type Value } from "../../../src/history/value.js";

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
  const hasBoth = functionNames.includes("transfer") && functionNames.includes("read");
  return hasBoth && isOfTransfers(history) ? "bank" : undefined;
}

function isOfCounters(history: History): boolean {
  const { length, types, functions, functionNames, values, lists, valueAt } = history;
  const txn = functionNames.indexOf("txn");
  if (lists === undefined) {
    const { pool } = history;
    return pool.some(incrementsIn) || (pool.some(addsIn) && addsNumbers(history));
  }
  const { starts, items } = lists;
  /** Position → 1 when it names nothing of counters, 2 when it does, 3 when it may. */
  const known = new Uint8Array(starts.length);
  let isAdding = false;
  for (let event = 0; event < length; event++) {
    if (functions[event] !== txn || types[event] === OK) continue;
    const start = starts[values[event] as number] as number;
    if (!(start >= 0)) continue;
    const end = start + (items[start] as number);
    for (let place = start + 1; place <= end; place++) {
      const micro = starts[items[place] as number] as number;
      if (!(micro >= 0) || items[micro] === 0) continue;
      const name = items[micro + 1] as number;
      if (known[name] === 0) {
        const value = valueAt(name);
        known[name] = value === "add" ? 3 : ADDING.has(value) ? 2 : 1;
      }
      if (known[name] === 2) return true;
      if (known[name] === 3) isAdding = true;
    }
  }
  return isAdding && addsNumbers(history);
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

function incrementsIn(value: Value): boolean {
  return namesIn(value).some((name) => name !== "add" && ADDING.has(name));
}

function addsIn(value: Value): boolean {
  return namesIn(value).includes("add");
}

function namesIn(value: Value): readonly Value[] {
  if (!Array.isArray(value)) return [];
  const names = value.map((each: Value): Value => (Array.isArray(each) ? each[0] : null) ?? null);
  return names;
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
