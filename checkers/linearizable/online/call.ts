/**
 * An operation of a running history, as far as its outcome is known yet.
 */
import type { Model, ModelOperation } from "../../../src/model/model.js";
import { canonical, type Value } from "../../../src/history/value.js";

/**
 * What is known of a call: `open` (no completion yet), `required` (it completed, and its result is
 * to be explained), `optional` (indeterminate: it may have happened, or still happen), `void` (it
 * certainly did not happen).
 */
export type Fate = "open" | "required" | "optional" | "void";

/** One operation. */
export interface Call {
  /** Index of the invocation event. */
  readonly invocation: number;
  readonly process: number;
  readonly f: string;
  readonly key: Value | undefined;
  readonly input: Value;
  /** Its bit in the configurations, free again when it has completed. */
  readonly slot: number;
  /** Index of the completion event; Infinity as long as there is none. */
  completion: number;
  fate: Fate;
  /** Of a required call. */
  output: Value | undefined;
  outcome: "ok" | "fail";
  /** Equal for calls that the model cannot tell apart when their completion is forgotten. */
  readonly name: string;
}

/** An event of the window: an invocation, or the return of a required call. */
export interface Step {
  /** Its index in the history. */
  readonly at: number;
  readonly call: Call;
  readonly returns: boolean;
}

/** What is known of the call after the event `asOf`. */
export function fateOf(call: Call, asOf: number): Fate {
  return call.fate !== "optional" && call.completion > asOf ? "open" : call.fate;
}

/** An operation that begins. */
export function createCall(
  { f, key, input, process }: ModelOperation & { readonly process: number },
  { invocation, slot, model }: { invocation: number; slot: number; model: Model },
): Call {
  const seen = model.observesProcess === true ? process : "";
  const name = `info ${seen} ${key === undefined ? "" : canonical(key)} ${canonical(input)} ${f}`;
  const completion = Infinity;
  const outcome = "ok";
  const output = undefined;
  const fate = "open";
  return {
    invocation,
    process,
    f,
    key,
    input,
    slot,
    completion,
    fate,
    output,
    outcome,
    name,
  };
}

/** Equal for required calls that the model cannot tell apart. */
export function requiredName({ outcome, output, name }: Call): string {
  return `${outcome} ${canonical(output ?? null)} ${name}`;
}

/** The operation as the model is asked about it: as it completed, or with that forgotten. */
export function operationOf(call: Call, model: Model, forgotten: boolean): ModelOperation {
  const { f, key, input, output, outcome, process } = call;
  return {
    f,
    key,
    input,
    output: forgotten ? undefined : output,
    outcome: forgotten ? "info" : outcome,
    ...(model.observesProcess === true ? { process } : {}),
  };
}
