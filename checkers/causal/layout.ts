/**
 * A history of registers as causal and session checks see it: one sequence of operations a session,
 * and for each read the write that it reads from.
 *
 * A session is a process. Its order relates what completed before something else was invoked
 * (Viotti & Vukolić 2016, section 3): an operation of unknown outcome never returned, so that it
 * comes after what its process did before it, and before nothing. One that its process goes on
 * after is therefore a session of its own, with a *parent*.
 *
 * An indeterminate write that was read has happened. One that was not is left out: whoever explains
 * the history with it explains it without it, for no read needs it and none gets worse. A
 * compare-and-set that swapped is a read followed by a write.
 *
 * What registers do not have (an append, a refused compare-and-set, a read whose value several
 * writes wrote) is left out too, and said to be: every promise here holds of a part of a history
 * when it holds of the whole, so that a violation without them is one, but no violation proves
 * nothing.
 */
import { NONE, type History } from "../../src/history/history.js";
import type { Model } from "../../src/model/model.js";
import { collectCalls, type Calls } from "./calls.js";
import { AMBIGUOUS, INITIAL, NOTHING, findSources, type Sources } from "./sources.js";

/** Operations as columns, numbered session by session, in the order of each. */
export interface Registers {
  readonly history: History;
  readonly count: number;
  /** Index of the invocation of each operation. */
  readonly invocations: Int32Array;
  /** Operation → its session. */
  readonly sessions: Int32Array;
  /** Session → its first operation; one entry more than there are sessions. */
  readonly starts: Int32Array;
  /** Session → what its process did last before it, or `NOTHING`. */
  readonly parents: Int32Array;
  /** All operations in the order of their invocation. */
  readonly byInvocation: Int32Array;
  /** Operation → number of its key. */
  readonly keys: Int32Array;
  readonly keyCount: number;
  /** Operations that write. */
  readonly isWrite: Uint8Array;
  /** Operation → the write that it reads, or a constant of sources.ts. */
  readonly sources: Int32Array;
  /** Reads with several possible sources, ascending. */
  readonly ambiguous: readonly number[];
  /** What was left out, in words, with how often; empty when nothing was. */
  readonly leftOut: ReadonlyMap<string, number>;
  /** How many operations completed `ok`. */
  readonly ok: number;
  /** All operations of clients, those that failed as well. */
  readonly operations: number;
}

/** The possible sources of a read whose value was not written once. */
export interface Candidates {
  /** Operations; `INITIAL` for the value from before all writes. */
  readonly of: readonly number[];
  /** False when an indeterminate write may be its source as well. */
  readonly complete: boolean;
}

/** A layout that can say more about its ambiguous reads. */
export interface LaidOut extends Registers {
  candidates(operation: number): Candidates;
}

/** Lays a history out; undefined when the model is no register. */
export function layOutRegisters(history: History, model: Model): LaidOut | undefined {
  const calls = collectCalls(history, model);
  if (calls === undefined) return undefined;
  const sources = findSources(calls);
  return arrange(history, calls, sources);
}

/**
 * Columns are filled in the order of invocation: what is read and written at one time is near one
 * another then, at as many places as there are sessions, however long the history is.
 */
function arrange(history: History, calls: Calls, found: Sources): LaidOut {
  const { numbers, members, byInvocation, starts, parents } = intoSessions(calls, found);
  const count = members.length;
  const sessions = new Int32Array(count);
  for (let session = 0; session + 1 < starts.length; session++) {
    sessions.fill(session, starts[session], starts[session + 1]);
  }
  const invocations = new Int32Array(count);
  const keys = new Int32Array(count);
  const isWrite = new Uint8Array(count);
  const sources = new Int32Array(count);
  const ambiguous: number[] = [];
  for (let place = 0; place < count; place++) {
    const operation = byInvocation[place] as number;
    const call = members[operation] as number;
    invocations[operation] = calls.invocations[call] as number;
    keys[operation] = calls.keys[call] as number;
    isWrite[operation] = calls.written[call] === NONE ? 0 : 1;
    const source = found.sources[call] as number;
    sources[operation] = source >= 0 ? (numbers[source] as number) : source;
    if (source === AMBIGUOUS) ambiguous.push(operation);
  }
  return {
    history,
    count,
    invocations,
    sessions,
    starts,
    parents,
    byInvocation,
    keys,
    keyCount: calls.keyCount,
    isWrite,
    sources,
    ambiguous: ambiguous.sort((a, b) => a - b),
    leftOut: calls.leftOut,
    ok: calls.ok,
    operations: calls.operations,
    candidates: (operation) => {
      const all = found.candidates(members[operation] as number);
      const known = all.filter((call) => call === INITIAL || found.happened[call] === 1);
      return {
        of: known.map((call) => (call === INITIAL ? INITIAL : (numbers[call] as number))),
        complete: known.length === all.length,
      };
    },
  };
}

interface Arranged {
  /** Call → operation, where it happened. */
  readonly numbers: Int32Array;
  /** Operation → call. */
  readonly members: Int32Array;
  readonly byInvocation: Int32Array;
  readonly starts: Int32Array;
  /** Session → operation, or `NOTHING`. */
  readonly parents: Int32Array;
}

function intoSessions(calls: Calls, { happened }: Sources): Arranged {
  const { count, processes, processCount, isCertain } = calls;
  const lasts = new Int32Array(processCount).fill(NONE);
  const sizes = new Int32Array(processCount);
  let total = 0;
  for (let call = 0; call < count; call++) {
    if (happened[call] === 0) continue;
    const process = processes[call] as number;
    lasts[process] = call;
    sizes[process] = (sizes[process] as number) + 1;
    total++;
  }
  /** What its process goes on after is a session of its own, after those of processes. */
  const isAlone = (call: number, process: number): boolean =>
    isCertain[call] === 0 && lasts[process] !== call;
  let aloneCount = 0;
  for (let call = 0; call < count; call++) {
    const process = processes[call] as number;
    if (happened[call] === 0 || !isAlone(call, process)) continue;
    sizes[process] = (sizes[process] as number) - 1;
    aloneCount++;
  }
  /** Process → the operation that its next call is. */
  const places = new Int32Array(processCount);
  const starts: number[] = [0];
  let end = 0;
  for (let process = 0; process < processCount; process++) {
    places[process] = end;
    end += sizes[process] as number;
    if (sizes[process] !== 0) starts.push(end);
  }
  const parents = new Int32Array(starts.length - 1 + aloneCount).fill(NOTHING);
  const befores = new Int32Array(processCount).fill(NOTHING);
  const numbers = new Int32Array(count);
  const members = new Int32Array(total);
  const byInvocation = new Int32Array(total);
  let place = 0;
  for (let call = 0; call < count; call++) {
    if (happened[call] === 0) continue;
    const process = processes[call] as number;
    let operation: number;
    if (isAlone(call, process)) {
      parents[starts.length - 1] = befores[process] as number;
      operation = end++;
      starts.push(end);
    } else {
      operation = places[process] as number;
      places[process] = operation + 1;
      befores[process] = operation;
    }
    numbers[call] = operation;
    members[operation] = call;
    byInvocation[place++] = operation;
  }
  return { numbers, members, byInvocation, starts: Int32Array.from(starts), parents };
}
