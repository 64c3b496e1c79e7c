/**
 * A history as sequential consistency sees it: one sequence of operations a process, in the order
 * in which the process invoked them, and nothing else about time.
 *
 * An indeterminate operation may take effect at any time after what its process did before it, or
 * never; its process may have gone on without it. So it stands in no sequence: it is *optional*,
 * from a place in the sequence of its process on.
 */
import { FAIL, INFO, INVOKE, NEMESIS, NONE, OK, type History } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import { byKey, type Model } from "../../src/model/model.js";

/** Operations as columns; an operation is named by its position, in the order of invocation. */
export interface Layout {
  readonly history: History;
  /** True when nothing was left out or forgotten. */
  readonly whole: boolean;
  readonly count: number;
  /** Index of the invocation of each operation. */
  readonly invocations: Int32Array;
  /** Position of its process in `sequences`. */
  readonly processes: Int32Array;
  /** The part of the model that it belongs to, from 0. */
  readonly parts: Int32Array;
  readonly partNames: readonly Value[];
  /** Required operations of each process, in order. */
  readonly sequences: readonly (readonly number[])[];
  readonly optional: readonly Optional[];
  /** How many operations completed `ok`. */
  readonly ok: number;
  /** All operations of clients, those that failed as well. */
  readonly operations: number;
}

/** An operation that may have happened. */
export interface Optional {
  readonly operation: number;
  /** Position of its process in `sequences`. */
  readonly process: number;
  /** How many required operations of its process come before it. */
  readonly after: number;
}

/** Which operations a layout is about; all of them when absent. */
export interface Chosen {
  /** Completed operations whose completion counts. */
  required(invocation: number): boolean;
  /** Operations that are not there at all. */
  absent(invocation: number): boolean;
}

/** Lays a history out. */
export function layOutByProcess(history: History, model: Model, chosen?: Chosen): Layout {
  const partOf = createPartNumbers(history, model);
  const invocations: number[] = [];
  const processes: number[] = [];
  const parts: number[] = [];
  const sequences: number[][] = [];
  const optional: Optional[] = [];
  const known = new Map<number, number>();
  let ok = 0;
  let operations = 0;
  for (let event = 0; event < history.length; event++) {
    if (history.types[event] !== INVOKE || history.processes[event] === NEMESIS) continue;
    operations++;
    const completion = history.pairs[event] as number;
    const outcome = completion === NONE ? INFO : (history.types[completion] as number);
    if (outcome === OK) ok++;
    const observed = outcome === FAIL && model.observesFailure?.(history.operation(event)) === true;
    if (outcome === FAIL && !observed) continue;
    if (chosen?.absent(event) === true) continue;
    const required = outcome !== INFO && (chosen === undefined || chosen.required(event));
    // What is not required may have happened, but an observed failure did not.
    if (!required && outcome === FAIL) continue;
    const name = history.processes[event] as number;
    let process = known.get(name);
    if (process === undefined) {
      process = sequences.push([]) - 1;
      known.set(name, process);
    }
    const sequence = sequences[process] as number[];
    const operation = invocations.push(event) - 1;
    processes.push(process);
    parts.push(partOf.number(event));
    if (required) sequence.push(operation);
    else optional.push({ operation, process, after: sequence.length });
  }
  return {
    history,
    whole: chosen === undefined,
    count: invocations.length,
    invocations: Int32Array.from(invocations),
    processes: Int32Array.from(processes),
    parts: Int32Array.from(parts),
    partNames: partOf.names,
    sequences,
    optional,
    ok,
    operations,
  };
}

/** Numbers parts; a history with an operation about all parts is one part. */
function createPartNumbers(
  history: History,
  model: Model,
): { readonly names: Value[]; number(invocation: number): number } {
  const names: Value[] = [];
  const byName = new Map<string, number>();
  const numbered = (part: Value): number => {
    const name = canonical(part);
    let number = byName.get(name);
    if (number === undefined) {
      number = names.push(part) - 1;
      byName.set(name, number);
    }
    return number;
  };
  if (model.partition === undefined || isOnePart(history, model)) {
    return { names, number: () => numbered(null) };
  }
  if (model.partition === byKey) {
    const byPosition = new Map<number, number>();
    return {
      names,
      number: (invocation) => {
        const key = history.keys[invocation] as number;
        let number = byPosition.get(key);
        if (number === undefined) {
          number = numbered(key === NONE ? null : history.valueAt(key));
          byPosition.set(key, number);
        }
        return number;
      },
    };
  }
  return {
    names,
    number: (invocation) => numbered(model.partition?.(history.operation(invocation)) ?? null),
  };
}

function isOnePart(history: History, model: Model): boolean {
  if (model.partition === byKey) return false;
  return history.invocations().some((invocation) => {
    const operation = history.operation(invocation);
    if (operation.outcome === "fail" && model.observesFailure?.(operation) !== true) return false;
    return model.partition?.(operation) === undefined;
  });
}
