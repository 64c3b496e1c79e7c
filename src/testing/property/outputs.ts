/**
 * What an operation may return in a state: guesses, of which the model keeps those that are right.
 * A model says whether a result is possible, not which results there are; but results are made of
 * what is in the state and in the input.
 */
import { HarnessError } from "../../errors.js";
import { sameValue, type Value } from "../../history/value.js";
import type { Model, ModelOperation } from "../../model/model.js";
import type { CalledWith } from "./calls.js";

/** A result, and the state that it leads to. */
export interface Possible<State extends Value = Value> {
  readonly output: Value;
  readonly next: State;
}

/** Where an operation is carried out. */
export interface Moment<State extends Value = Value> {
  readonly state: State;
  readonly process: number;
  /** A number that nothing had before. */
  readonly fresh: number;
}

/** The results that are possible in a state, each with where it leads to. */
export function possibleOutputs<State extends Value>(
  model: Model<State>,
  moment: Moment<State>,
  called: CalledWith,
): readonly Possible<State>[] {
  const of = (outputs: readonly Value[]): readonly Possible<State>[] => {
    const found: Possible<State>[] = [];
    for (const output of outputs) {
      if (found.some((known) => sameValue(known.output, output))) continue;
      for (const next of stepped(model, moment, { called, output })) found.push({ output, next });
    }
    return found;
  };
  // Each id is a part of its own, so that the state does not know which ones there are.
  if (model.type?.name === "unique-ids") return of([moment.fresh]);
  const operation = operationOf(called, null, moment.process);
  // A change that may answer anything says that it is done.
  const plain = model.readOnly?.(operation) === true ? [] : of([null, true, false]);
  return plain.length > 0 ? plain : of(guesses(moment.state, called.value));
}

/** Where a result leads to; nowhere for one that the model does not know at all. */
function stepped<State extends Value>(
  model: Model<State>,
  { state, process }: Moment<State>,
  { called, output }: { readonly called: CalledWith; readonly output: Value },
): readonly State[] {
  try {
    return model.step(state, operationOf(called, output, process));
  } catch (error) {
    if (error instanceof HarnessError) return [];
    throw error;
  }
}

/** A call with its result, as a model is asked about it. */
export function operationOf(
  { f, key, value }: CalledWith,
  output: Value,
  process: number,
): ModelOperation {
  return { f, key, input: value, output, outcome: "ok", process };
}

/** The state itself, what is in it, its length, what comes next, and plain answers. */
function guesses(state: Value, input: Value): readonly Value[] {
  const parts = partsOf(state, 3);
  const numbers = parts.filter((part) => typeof part === "number");
  return [
    state,
    ...(Array.isArray(input) ? [seenBy(state, input as readonly Value[])] : []),
    ...parts,
    null,
    true,
    false,
    ...numbers.map((number) => number + 1),
    ...(Array.isArray(state) ? [state.length] : []),
    0,
    1,
    input,
    [],
  ];
}

function partsOf(value: Value, depth: number): readonly Value[] {
  if (value === null || typeof value !== "object" || depth === 0) return [];
  const items = Object.values(value) as readonly Value[];
  return items.concat(items.flatMap((item) => partsOf(item, depth - 1)));
}

/** A transaction with what its reads see. */
function seenBy(state: Value, micros: readonly Value[]): Value {
  const registers = (state ?? {}) as { readonly [name: string]: Value };
  const written = new Map<Value, Value>();
  return micros.map((micro): Value => {
    if (!Array.isArray(micro)) return micro;
    const [f = null, name = null, value = null] = micro as readonly Value[];
    if (f === "w") written.set(name, value);
    const seen = written.has(name) ? written.get(name) : registers[name as string];
    return [f, name, f === "r" ? (seen ?? null) : value];
  });
}
