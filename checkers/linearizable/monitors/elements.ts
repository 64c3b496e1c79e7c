/**
 * What the monitors of queues and priority queues work on: the elements of a container, each
 * inserted once, with everything that was seen of it in numbers.
 *
 * Every value has to be inserted at most once, so that a result tells where it came from; a history
 * that inserts one twice is not suited. For an element let `seen` be the removals and peeks that
 * returned it, its *heads*: at each of them the element was the next to go. Then in any order
 *
 * - the insert takes effect before every head: not after `insertEnd`, the earliest completion of
 *   any of them, even when it completes later or never;
 * - the removal takes effect after every peek: not before `lastStart`, the latest invocation.
 *
 * Indeterminate operations:
 *
 * - an insert whose element was seen happened, before `insertEnd`;
 * - one whose element was never seen is dropped. Sound: take the operation, and the indeterminate
 *   removal that may have got its element, out of an order, and the states differ by an element
 *   that is never at the head of an observation, so that all results stay right. Whoever explains
 *   the history without it explains the history, for it need not have happened;
 * - a peek is dropped, for it changes nothing and says nothing;
 * - a removal may have got any element that no other removal returned: a *wildcard*. Those elements
 *   are *left*; what the wildcards do with them is for the monitors.
 */
import { FAIL, INFO, NONE, OK } from "../../../src/history/history.js";
import type { Value } from "../../../src/history/value.js";
import type { Meter } from "../meter.js";
import { NEVER, type Calls, type MonitorAnswer } from "./monitor.js";
import { PositionNumbering } from "./numbering.js";
import type { Times } from "./timeline.js";

/** Positions of the roles of a container: what inserts and removes; the third one looks. */
export const INSERT = 0;
export const REMOVE = 1;

/** The elements in the order of the invocations of their inserts. */
export interface Elements {
  readonly count: number;
  /** By element: position in the pool. */
  readonly values: Int32Array;
  /** By element: the call that inserted it, and the one that removed it or `NONE`. */
  readonly inserts: Int32Array;
  readonly removes: Int32Array;
  /** By element: 1 when nobody can have observed it (see above). */
  readonly dropped: Uint8Array;
  /** By element, as in `Times`; `NEVER` without such an event. */
  readonly insertEnds: Int32Array;
  /** The earliest completion of a head. */
  readonly firstEnds: Int32Array;
  readonly lastStarts: Int32Array;
  /** By call: its element; `NONE` for observations of emptiness and indeterminate removals. */
  readonly elementOf: Int32Array;
  /** The peeks of an element: the first, and by call the next one; `NONE` at the end. */
  readonly firstPeek: Int32Array;
  readonly nextPeek: Int32Array;
  /** Calls that found the container empty, ascending. */
  readonly empties: readonly number[];
  /** Indeterminate removals, ascending. */
  readonly wildcards: readonly number[];
}

/** Elements, or why the question is answered already. */
export type ElementsOrAnswer =
  | { readonly kind: "elements"; readonly elements: Elements }
  | MonitorAnswer;

const BYTES_PER_CALL = 16 * 4;

/** Sorts calls by their elements. O(n). @throws LimitReached */
export function elementsOf(calls: Calls, times: Times, meter: Meter): ElementsOrAnswer {
  meter.reserve(BYTES_PER_CALL * calls.count);
  meter.spend(2 * calls.count);
  const numbers = new PositionNumbering(calls.pool.length, calls.count);
  const inserted = insertsOf(calls, numbers);
  if ("kind" in inserted) return inserted;
  const seen = collect(calls, times, { ...inserted, numbers });
  return seen.kind === "elements" ? (refutedElement(calls, times, seen.elements) ?? seen) : seen;
}

interface Inserted {
  readonly values: Int32Array;
  readonly inserts: Int32Array;
  /** By element: 1 when it was inserted twice, if at all. */
  readonly twice: Uint8Array;
  readonly elementOf: Int32Array;
}

function insertsOf(calls: Calls, numbers: PositionNumbering): Inserted | MonitorAnswer {
  const { count, roles, outcomes, inputs, pool } = calls;
  const elementOf = new Int32Array(count);
  const inserts = new Int32Array(count);
  let twice: Uint8Array | undefined;
  let elements = 0;
  for (let call = 0; call < count; call++) {
    if (roles[call] !== INSERT) {
      elementOf[call] = NONE;
      continue;
    }
    const position = inputs[call] as number;
    const outcome = outcomes[call] as number;
    if (outcome === FAIL) return unsuitable("a failed insert counts as an observation");
    const element = numbers.numberOf(position);
    elementOf[call] = element;
    if (element === elements) {
      if (pool[position] === null) {
        return unsuitable("null was inserted, which stands for emptiness");
      }
      inserts[elements++] = call;
      continue;
    }
    const bothIndeterminate = outcome === INFO && outcomes[inserts[element] as number] === INFO;
    if (!bothIndeterminate) return unsuitable("a value was inserted twice");
    twice ??= new Uint8Array(count);
    twice[element] = 1;
  }
  return {
    values: numbers.positions.subarray(0, elements),
    inserts: inserts.subarray(0, elements),
    twice: twice ?? new Uint8Array(elements),
    elementOf,
  };
}

function collect(
  calls: Calls,
  { starts, ends }: Times,
  {
    values,
    inserts,
    twice,
    elementOf,
    numbers,
  }: Inserted & { readonly numbers: PositionNumbering },
): ElementsOrAnswer {
  const { count, roles, outcomes, outputs, pool } = calls;
  const removes = new Int32Array(values.length).fill(NONE);
  const firstEnds = new Int32Array(values.length).fill(NEVER);
  const lastStarts = new Int32Array(values.length);
  for (let element = 0; element < values.length; element++) {
    lastStarts[element] = starts[inserts[element] as number] as number;
  }
  const firstPeek = new Int32Array(values.length).fill(NONE);
  const nextPeek = new Int32Array(count);
  const empties: number[] = [];
  const wildcards: number[] = [];
  for (let call = 0; call < count; call++) {
    const role = roles[call] as number;
    if (role === INSERT) continue;
    const outcome = outcomes[call] as number;
    if (outcome === INFO) {
      if (role === REMOVE) wildcards.push(call);
      continue;
    }
    const output = outputs[call] as number;
    const element = outcome === FAIL ? NONE : numbers.find(output);
    if (element === NONE) {
      if (outcome !== FAIL && pool[output] !== null) return refuted([call], [output]);
      empties.push(call);
      continue;
    }
    if (twice[element] === 1) return unsuitable("a value was inserted twice");
    elementOf[call] = element;
    if (role === REMOVE) {
      const other = removes[element] as number;
      if (other !== NONE)
        return refuted([inserts[element] as number, other, call], [output], calls);
      removes[element] = call;
    } else {
      nextPeek[call] = firstPeek[element] as number;
      firstPeek[element] = call;
    }
    const end = ends[call] as number;
    if (end < (firstEnds[element] as number)) firstEnds[element] = end;
    const start = starts[call] as number;
    if (start > (lastStarts[element] as number)) lastStarts[element] = start;
  }
  const insertEnds = new Int32Array(values.length);
  const dropped = new Uint8Array(values.length);
  for (let element = 0; element < values.length; element++) {
    const end = ends[inserts[element] as number] as number;
    const first = firstEnds[element] as number;
    insertEnds[element] = end < first ? end : first;
    if (end === NEVER && first === NEVER) dropped[element] = 1;
  }
  const elements: Elements = {
    count: values.length,
    values,
    inserts,
    removes,
    dropped,
    insertEnds,
    firstEnds,
    lastStarts,
    elementOf,
    firstPeek,
    nextPeek,
    empties,
    wildcards,
  };
  return { kind: "elements", elements };
}

/** An element that contradicts itself: seen before it was inserted, or after it was removed. */
function refutedElement(
  calls: Calls,
  { starts, ends }: Times,
  elements: Elements,
): MonitorAnswer | undefined {
  const { count, values, inserts, removes, firstEnds, lastStarts } = elements;
  for (let element = 0; element < count; element++) {
    const first = firstEnds[element] as number;
    const insert = inserts[element] as number;
    const remove = removes[element] as number;
    const isEarly = first <= (starts[insert] as number);
    if (!isEarly && remove === NONE) continue;
    const last = lastStarts[element] as number;
    if (!isEarly && last < (ends[remove] as number)) continue;
    const about = [values[element] as number];
    const all = callsAbout(elements, [element]);
    const heads = all.filter((call) => call !== insert);
    if (isEarly) return refuted(heads.filter((call) => ends[call] === first).slice(0, 1), about);
    const late = all.filter((call) => starts[call] === last).slice(0, 1);
    return refuted([insert, remove, ...late], about, calls);
  }
  return undefined;
}

/** True for the states that containers begin with. */
export function isEmptyContainer(state: Value): boolean {
  return Array.isArray(state) && state.length === 0;
}

/** The answer that elements, and operations that found the container empty, contradict. */
export function refutation(
  calls: Calls,
  elements: Elements,
  cause: { readonly elements: readonly number[]; readonly empties: readonly number[] },
): MonitorAnswer {
  const { removes, values, empties } = elements;
  const named = [...callsAbout(elements, cause.elements), ...cause.empties];
  // A left element must not be explained by an operation that is known to have got nothing.
  if (cause.elements.some((element) => removes[element] === NONE)) {
    for (const call of empties) if (calls.outcomes[call] === OK) named.push(call);
  }
  const about = cause.elements.map((element) => values[element] as number);
  return refuted(named, about, calls);
}

/** A refutation by these calls: the completed ones among them, in their order. */
function refuted(
  named: readonly number[],
  values: readonly number[],
  calls?: Calls,
): MonitorAnswer {
  const completed = named.filter((call) => calls === undefined || calls.outcomes[call] !== INFO);
  return {
    kind: "not-linearizable",
    calls: [...new Set(completed)].sort((a, b) => a - b),
    values,
  };
}

/** Every call about one of the elements. */
function callsAbout(elements: Elements, about: readonly number[]): number[] {
  const { inserts, removes, firstPeek, nextPeek } = elements;
  return about.flatMap((element) => {
    const found = [inserts[element] as number];
    const remove = removes[element] as number;
    if (remove !== NONE) found.push(remove);
    for (let call = firstPeek[element] as number; call !== NONE; call = nextPeek[call] as number) {
      found.push(call);
    }
    return found;
  });
}

function unsuitable(reason: string): MonitorAnswer {
  return { kind: "unsuitable", reason };
}
