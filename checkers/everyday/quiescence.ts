/**
 * When a history comes to rest: nobody changes anything any more, and the nemesis neither. What
 * lies after that is what "eventually" means in a history that ends.
 */
import { FAIL, INVOKE, NEMESIS, NONE, type History } from "../../src/history/history.js";
import { outcomeOf } from "./functions.js";

/** The end of all changes. */
export interface Quiescence {
  /** Index of the event; `NONE` when nothing was ever changed. */
  readonly index: number;
  /** Invocations of updates that did not fail. */
  readonly updates: number;
  /** The first update that nobody gave up on and that never ended: it may still be under way. */
  readonly open: number;
  /** Faults that began and were not healed. */
  readonly faults: readonly string[];
}

/**
 * Finds it. An update is over when it is acknowledged, or when its client gives up on it; what
 * failed has changed nothing. `isUpdate` has 1 for the functions that change something.
 */
export function quiescenceOf(history: History, isUpdate: Uint8Array): Quiescence {
  const { length, types, processes, functions, functionNames, pairs } = history;
  const going = new Set<string>();
  let [index, updates, open] = [NONE, 0, NONE];
  for (let i = 0; i < length; i++) {
    if (processes[i] === NEMESIS) {
      const f = functionNames[functions[i] as number] as string;
      if (f.startsWith("start-")) going.add(f.slice("start-".length));
      else if (f.startsWith("stop-")) going.delete(f.slice("stop-".length));
      else if (f === "heal") going.clear();
      index = i;
      continue;
    }
    if (isUpdate[functions[i] as number] !== 1) continue;
    if (types[i] !== INVOKE) {
      if (types[i] !== FAIL) index = i;
      continue;
    }
    if (outcomeOf(history, i) === FAIL) continue;
    updates++;
    if (pairs[i] !== NONE) continue;
    index = i;
    if (open === NONE) open = i;
  }
  return { index, updates, open, faults: [...going] };
}
