/**
 * An order for histories that are linearizable but for a few operations, as those of most systems
 * are that answer late now and then.
 *
 * An operation is made *slack*: it is open from the moment when the one before it of its process
 * ended to the one when the next began. Each process has the same operations in the same order
 * still, and sequential consistency asks nothing more of real time, so a linearization of such a
 * history is an order for the one that was recorded. Whatever contradicts real time is made slack,
 * as long as something does; when only slack operations contradict one another, so is what is about
 * the same values, and if that is no help, nothing follows.
 */
import {
  createLazyHistory,
  INVOKE,
  NEMESIS,
  NONE,
  type History,
  type HistoryColumns,
} from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import type { Model } from "../../src/model/model.js";
import type { Meter } from "../linearizable/meter.js";
import { linearize } from "./from-linearization.js";

/** Less than half, so that what moves beside an event stays apart from what moves there too. */
const QUARTER = 0.25;

/** Columns of the history, places, and where events come from. */
const BYTES_PER_EVENT = 31 + 8 + 4 + 4;

/** How often operations are made slack, and the work that all attempts may take. */
const ROUNDS_MAX = 64;
const WORK_MAX = 1 << 26;

/**
 * An order, as invocations, given few operations that contradict real time; undefined when none is
 * seen.
 */
export function orderWithSlack(
  recorded: History,
  contradictory: readonly number[],
  { model, meter }: { readonly model: Model; readonly meter: Meter },
): readonly number[] | undefined {
  const slack = new Set(contradictory);
  const bytes = BYTES_PER_EVENT * recorded.length;
  const workMax = meter.work + WORK_MAX;
  meter.reserve(bytes);
  try {
    for (let round = 0; round < ROUNDS_MAX && meter.work < workMax; round++) {
      meter.spend(recorded.length);
      const { history, origins } = slacken(recorded, slack);
      const found = linearize(history, model, meter);
      if (found === undefined) return undefined;
      const originOf = (event: number): number => origins[event] as number;
      if (found.kind === "order") return found.order.map(originOf);
      const still = found.contradictory.map(originOf);
      const isKnown = still.every((event) => slack.has(event));
      const before = slack.size;
      for (const event of isKnown ? relatives(recorded, model, still) : still) slack.add(event);
      if (slack.size === before) return undefined;
    }
    return undefined;
  } finally {
    meter.release(bytes);
  }
}

/** All operations about the values that these are about; none where the model does not say. */
function relatives(history: History, model: Model, named: readonly number[]): readonly number[] {
  const valuesOf = (invocation: number): readonly string[] => {
    const values = model.values?.(history.operation(invocation));
    return Array.isArray(values) ? values.map((value: Value) => canonical(value)) : [];
  };
  const kept = new Set(named.flatMap(valuesOf));
  if (kept.size === 0) return [];
  return [...history.invocations()].filter((one) => valuesOf(one).some((each) => kept.has(each)));
}

/** A history whose events are those of another, elsewhere. */
export interface Slackened {
  readonly history: History;
  /** The event of the other history, by event. */
  readonly origins: Int32Array;
}

/** Operations (by invocation) made slack; the others stay open as long as they were. */
export function slacken(recorded: History, slack: ReadonlySet<number>): Slackened {
  const places = placesOf(recorded, slack);
  const origins = Int32Array.from(places.keys()).sort(
    (a, b) => (places[a] as number) - (places[b] as number) || a - b,
  );
  return { history: reordered(recorded, origins), origins };
}

/**
 * Where each event goes: at its own index, or beside that of another. What lies between two slack
 * operations of a process is shared between them.
 */
function placesOf(recorded: History, slack: ReadonlySet<number>): Float64Array {
  const { length, types, processes, pairs } = recorded;
  const places = Float64Array.from({ length }, (_, event) => event);
  /** The invocation before, by process. */
  const last = new Map<number, number>();
  for (let event = 0; event < length; event++) {
    const process = processes[event] as number;
    if (types[event] !== INVOKE || process === NEMESIS) continue;
    const before = last.get(process);
    last.set(process, event);
    const end = before === undefined ? NONE : (pairs[before] as number);
    const from = end === NONE ? -1 : end;
    const isSlack = slack.has(event);
    if (before !== undefined && end !== NONE && slack.has(before)) {
      const to = isSlack ? (from + event) / 2 : event;
      places[end] = to - QUARTER;
      if (isSlack) places[event] = to + QUARTER;
    } else if (isSlack) places[event] = from + QUARTER;
  }
  for (const invocation of last.values()) {
    const end = pairs[invocation] as number;
    if (end !== NONE && slack.has(invocation)) places[end] = length;
  }
  return places;
}

function reordered(recorded: History, origins: Int32Array): History {
  const { length, pairs } = recorded;
  const places = new Int32Array(length);
  for (let place = 0; place < length; place++) places[origins[place] as number] = place;
  const moved = (_: number, place: number, all: { readonly [at: number]: number }): number =>
    all[origins[place] as number] as number;
  const columns: Omit<HistoryColumns, "pool"> = {
    length,
    functionNames: recorded.functionNames,
    lists: recorded.lists,
    types: recorded.types.map(moved),
    processes: recorded.processes.map(moved),
    functions: recorded.functions.map(moved),
    keys: recorded.keys.map(moved),
    values: recorded.values.map(moved),
    errors: recorded.errors.map(moved),
    timesNs: recorded.timesNs.map(moved),
    pairs: Int32Array.from({ length }, (_, place) => {
      const pair = pairs[origins[place] as number] as number;
      return pair === NONE ? NONE : (places[pair] as number);
    }),
  };
  return createLazyHistory(columns, { at: recorded.valueAt, all: () => recorded.pool });
}
