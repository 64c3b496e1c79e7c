/** What the micro-operations of a history are called, without taking it apart. */
import { NONE, OK, type History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";

/** Whether some micro-operation is called so; mostly each name is asked about once. */
export function hasMicroNamed(history: History, isMeant: (name: Value) => boolean): boolean {
  const { length, types, functions, functionNames, values, pairs, lists, valueAt } = history;
  const txn = functionNames.indexOf("txn");
  if (txn < 0) return false;
  if (lists === undefined) return history.pool.some((value) => namesIn(value).some(isMeant));
  const { starts, items } = lists;
  /** Position → 1 when it was asked about. */
  const known = new Uint8Array(starts.length);
  for (let event = 0; event < length; event++) {
    if (functions[event] !== txn) continue;
    const start = starts[values[event] as number] as number;
    if (!(start >= 0)) continue;
    // What was done is mostly called by the invocation, but it may say nothing.
    const asked = types[event] === OK ? starts[values[pairs[event] as number] as number] : NONE;
    if ((asked as number) >= 0 && items[asked as number] === items[start]) continue;
    const end = start + (items[start] as number);
    for (let place = start + 1; place <= end; place++) {
      const micro = starts[items[place] as number] as number;
      if (!(micro >= 0) || items[micro] === 0) continue;
      const name = items[micro + 1] as number;
      if (known[name] === 1) continue;
      known[name] = 1;
      if (isMeant(valueAt(name))) return true;
    }
  }
  return false;
}

function namesIn(value: Value): readonly Value[] {
  if (!Array.isArray(value)) return [];
  return value.map((each: Value): Value => (Array.isArray(each) ? each[0] : null) ?? null);
}
