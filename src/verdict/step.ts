/**
 * The model's step as verifications ask it: remembered, and by the names of operations, which are
 * equal for operations that the model cannot tell apart.
 */
import { canonical, type Value } from "../history/value.js";
import type { Operation } from "../history/operation.js";
import type { Model, ModelOperation } from "../model/model.js";
import { stateOf } from "../model/state.js";
import type { Account } from "./account.js";

/** The states that an operation may lead to. */
export type Step = (state: Value, operation: Operation) => readonly Value[];

/** The model's step, remembered. */
export function createStep(model: Model, account: Account): Step {
  const names = new Map<Operation, string>();
  const known = new Map<string, readonly Value[]>();
  return (state, operation) => {
    account.tick();
    let name = names.get(operation);
    if (name === undefined) {
      name = nameOf(operation, model);
      names.set(operation, name);
    }
    const question = `${name} ${canonical(state)}`;
    const answer = known.get(question);
    if (answer !== undefined) return answer;
    account.remember(2 * question.length + 100);
    const asked = model.step(state, operation).map((next) => stateOf(model, next));
    known.set(question, asked);
    return asked;
  };
}

/** Equal for operations that differ in nothing that the model sees. */
export function nameOf(operation: ModelOperation, model: Model): string {
  const { f, key, input, output, outcome } = operation;
  const optional = (value: Value | undefined): Value => (value === undefined ? [] : [value]);
  const process = model.observesProcess === true ? operation.process : undefined;
  return canonical([f, optional(key), input, optional(output), outcome, optional(process)]);
}
