/**
 * Histories of which some completions stand alone: Elle's tests and others write transactions so.
 * When such an operation was invoked nobody knows; what is known is that its process did one at a
 * time. So its invocation is put where it may have been at the earliest, right after what its
 * process did before, or before the first transaction: real time then orders it after what is known
 * to have come before, and no more.
 *
 *     file      ok 0 (process 0)   ok 1 (process 1)   ok 2 (process 0)
 *     history   [0   [1   0]   [2   1]   2]
 */
import { emptyColumns } from "./columns.js";
import { createLazyHistory, INVOKE, NEMESIS, NONE, type History } from "./history.js";

/** Functions whose completions may stand alone: what they did is all in the completion. */
export const WHOLE: ReadonlySet<string> = new Set(["txn", "init"]);

/** A history with all invocations, and the position that each event had without those put in. */
export interface Completed {
  readonly history: History;
  /** Event → the event of the file; of an invocation that was put in, its completion. */
  readonly given: Int32Array;
  /** How many were put in. */
  readonly count: number;
  /** The event of the file that is the first of them. */
  readonly first: number;
}

/** Puts invocations in, in O(n); undefined where no completion stands alone. */
export function withInvocations(history: History): Completed | undefined {
  const { length, types, processes, pairs } = history;
  const isAlone = (event: number): boolean =>
    pairs[event] === NONE && types[event] !== INVOKE && processes[event] !== NEMESIS;
  const alone: number[] = [];
  for (let event = 0; event < length; event++) if (isAlone(event)) alone.push(event);
  if (alone.length === 0) return undefined;
  const given = placed(history, alone);
  const count = given.length;
  /** Event of the file → where it stands now, and its invocation, if that was put in. */
  const moved = new Int32Array(length);
  const begun = new Int32Array(length).fill(NONE);
  for (let at = 0; at < count; at++) {
    const event = given[at] as number;
    if (isAlone(event) && begun[event] === NONE) begun[event] = at;
    else moved[event] = at;
  }
  const columns = emptyColumns(count);
  let timeNs = 0;
  for (let at = 0; at < count; at++) {
    const event = given[at] as number;
    const isNew = begun[event] === at;
    const pair = pairs[event] as number;
    if (!isNew) timeNs = history.timesNs[event] as number;
    columns.types[at] = isNew ? INVOKE : (types[event] as number);
    columns.processes[at] = processes[event] as number;
    columns.functions[at] = history.functions[event] as number;
    columns.keys[at] = history.keys[event] as number;
    columns.values[at] = history.values[event] as number;
    columns.errors[at] = isNew ? NONE : (history.errors[event] as number);
    columns.timesNs[at] = timeNs;
    if (begun[event] === NONE) columns.pairs[at] = pair === NONE ? NONE : (moved[pair] as number);
    else columns.pairs[at] = (isNew ? moved[event] : begun[event]) as number;
  }
  const { functionNames, lists, valueAt } = history;
  const pool = { at: valueAt, all: () => history.pool };
  return {
    history: createLazyHistory({ length: count, ...columns, functionNames, lists }, pool),
    given,
    count: alone.length,
    first: alone[0] as number,
  };
}

/** The events of the file in their new order; of those that stand alone each twice. */
function placed(history: History, alone: readonly number[]): Int32Array {
  const { length, processes, functions, functionNames } = history;
  const txn = functionNames.indexOf("txn");
  const first = functions.indexOf(txn);
  /** Process → its last event so far. */
  const last = new Map<number, number>();
  /** Event → those that are begun right before it. */
  const begin = new Map<number, number[]>();
  let next = 0;
  for (let event = 0; event < length; event++) {
    const process = processes[event] as number;
    if (event === alone[next]) {
      next++;
      const earliest = Math.max((last.get(process) ?? NONE) + 1, first);
      const before = Math.min(event, earliest);
      const others = begin.get(before);
      if (others === undefined) begin.set(before, [event]);
      else others.push(event);
    }
    last.set(process, event);
  }
  const given = new Int32Array(length + alone.length);
  let at = 0;
  for (let event = 0; event < length; event++) {
    for (const each of begin.get(event) ?? []) given[at++] = each;
    given[at++] = event;
  }
  return given;
}
