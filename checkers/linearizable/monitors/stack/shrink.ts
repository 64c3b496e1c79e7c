/**
 * Few elements of a stack that have no order, out of many that have none: delta debugging.
 *
 * Chunks of the elements are left out while the rest, a history of its own, stays stuck; first one
 * half of them, then ever smaller ones. What is left out of a stuck set needs no argument: whatever
 * remains is looked at itself. How much is looked at in total is bounded, so that the result is
 * small as a rule, and minimal when it was small to begin with; the general search does the rest.
 */
import type { Meter } from "../../meter.js";
import { elementsOf, REMOVE, type Elements } from "../elements.js";
import type { Calls } from "../monitor.js";
import { momentsOf, type Times } from "../timeline.js";
import { INFO, NONE } from "../../../../src/history/history.js";
import { nest, type Given } from "./nesting.js";

/** How many elements are looked at in total for each one that there was, and at least. */
const LOOKS = 8;
const LOOKS_MIN = 20_000;

/** A part of the stuck elements that is stuck by itself. @throws LimitReached */
export function shrink(given: Given, stuck: readonly number[], meter: Meter): readonly number[] {
  const byElement = callsByElement(given);
  let kept = stuck;
  let looks = Math.max(LOOKS_MIN, LOOKS * stuck.length);
  let chunk = kept.length;
  while (chunk > 1) {
    chunk = Math.ceil(chunk / 2);
    // The last ones first: what is stuck was stuck before they came, most often.
    for (let end = kept.length; end > 0 && kept.length > 1; end -= chunk) {
      const without = [...kept.slice(0, Math.max(0, end - chunk)), ...kept.slice(end)];
      looks -= without.length;
      if (looks < 0) return kept;
      if (without.length > 0 && isStuck(given, { without, byElement }, meter)) kept = without;
    }
  }
  return kept;
}

/** Whether some elements are stuck by themselves; the first wildcard stands for all. */
function isStuck(
  { calls, elements }: Given,
  { without, byElement }: { without: readonly number[]; byElement: ByElement },
  meter: Meter,
): boolean {
  const { first, calls: all } = byElement;
  const chosen: number[] = [];
  for (const element of without) {
    for (let at = first[element] as number; at < (first[element + 1] as number); at++) {
      chosen.push(all[at] as number);
    }
  }
  const [wildcard] = elements.wildcards;
  if (wildcard !== undefined) chosen.push(wildcard);
  const within = chosenCalls(calls, Int32Array.from(chosen).sort());
  const held = meter.bytes;
  try {
    const times = momentsOf(within, meter);
    const found = elementsOf(within, times, meter);
    if (found.kind !== "elements") return found.kind === "not-linearizable";
    meter.spend(8 * within.count);
    return nest(sharing(within, times, found.elements)).kind === "stuck";
  } finally {
    meter.release(meter.bytes - held);
  }
}

/** What is asked when every left element may be got by the wildcard that began first. */
export function sharing(calls: Calls, times: Times, elements: Elements): Given {
  const wildcards = new Int32Array(elements.count).fill(elements.wildcards[0] ?? NONE);
  return { calls, times, elements, wildcards };
}

interface ByElement {
  /** By element: the place of its first call in `calls`. */
  readonly first: Int32Array;
  readonly calls: Int32Array;
}

function callsByElement({ calls, elements }: Given): ByElement {
  const { count, elementOf } = elements;
  const first = new Int32Array(count + 1);
  for (const element of elementOf) {
    if (element !== NONE) first[element + 1] = (first[element + 1] as number) + 1;
  }
  for (let element = 0; element < count; element++) {
    first[element + 1] = (first[element + 1] as number) + (first[element] as number);
  }
  const next = first.slice();
  const sorted = new Int32Array(first[count] as number);
  for (let call = 0; call < calls.count; call++) {
    const element = elementOf[call] as number;
    if (element === NONE || isUnseen(calls, call)) continue;
    sorted[next[element] as number] = call;
    next[element] = (next[element] as number) + 1;
  }
  return { first, calls: sorted };
}

/** An indeterminate pop has no element. */
function isUnseen({ roles, outcomes }: Calls, call: number): boolean {
  return roles[call] === REMOVE && outcomes[call] === INFO;
}

function chosenCalls(calls: Calls, chosen: Int32Array): Calls {
  const pick = (column: Int32Array): Int32Array =>
    Int32Array.from(chosen, (call) => column[call] as number);
  return {
    count: chosen.length,
    roles: Uint8Array.from(chosen, (call) => calls.roles[call] as number),
    outcomes: Uint8Array.from(chosen, (call) => calls.outcomes[call] as number),
    invocations: pick(calls.invocations),
    completions: pick(calls.completions),
    inputs: pick(calls.inputs),
    outputs: pick(calls.outputs),
    processes: pick(calls.processes),
    pool: calls.pool,
  };
}
