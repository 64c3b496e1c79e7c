/** What became of operations while each kind of fault was going on, and while none was. */
import { INFO, INVOKE, NEMESIS, NONE, OK, type History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import { lastEvents } from "./heals.js";
import { latencyFacts } from "./quantiles.js";

/** What it is called when no fault is going on. */
const NO_FAULT = "none";

interface Counts {
  /** Invoked, ok, fail, info. */
  readonly outcomes: [number, number, number, number];
  readonly latenciesMs: number[];
}

/**
 * Counts, availability and latency by fault: an operation belongs to each fault that was going on
 * when it was invoked. Undefined when the nemesis did nothing.
 *
 *     nemesis    start-x ········ start-y ···· stop-x ···· stop-y
 *                |------- x ------|-- x and y --|---- y ----|
 */
export function countsByFault(history: History): { readonly [fault: string]: Value } | undefined {
  const { length, types, processes, functions, functionNames, pairs, timesNs } = history;
  const isLast = lastEvents(history);
  const going = new Set<string>();
  const counts = new Map<string, Counts>();
  const countsOf = (fault: string): Counts => {
    const known = counts.get(fault);
    if (known !== undefined) return known;
    const fresh: Counts = { outcomes: [0, 0, 0, 0], latenciesMs: [] };
    counts.set(fault, fresh);
    return fresh;
  };
  let isQuiet = true;
  for (let i = 0; i < length; i++) {
    if (processes[i] === NEMESIS) {
      isQuiet = false;
      const f = functionNames[functions[i] as number] as string;
      if (f.startsWith("start-")) going.add(f.slice("start-".length));
      else if (f.startsWith("stop-") && isLast[i] === 1) going.delete(f.slice("stop-".length));
      else if (f === "heal" && isLast[i] === 1) going.clear();
      continue;
    }
    if (types[i] !== INVOKE) continue;
    const end = pairs[i] as number;
    const outcome = end === NONE ? INFO : (types[end] as number);
    for (const fault of going.size === 0 ? [NO_FAULT] : going) {
      const { outcomes, latenciesMs } = countsOf(fault);
      outcomes[0]++;
      outcomes[outcome as 1 | 2 | 3]++;
      if (outcome === OK) {
        latenciesMs.push(((timesNs[end] as number) - (timesNs[i] as number)) / 1e6);
      }
    }
  }
  if (isQuiet) return undefined;
  return Object.fromEntries(
    [...counts].map(([fault, { outcomes, latenciesMs }]) => {
      const [invoked, ok, fail, info] = outcomes;
      const latencyMs = latencyFacts(Float64Array.from(latenciesMs));
      return [fault, { invoked, ok, fail, info, availability: ok / invoked, latencyMs }];
    }),
  );
}
