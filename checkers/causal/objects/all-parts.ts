/**
 * A model of all parts at once, from one whose states are those of one part: causality goes across
 * keys, so that their states are needed together.
 */
import type { History } from "../../../src/history/history.js";
import { canonical, type Value } from "../../../src/history/value.js";
import type { Model } from "../../../src/model/model.js";

/** The model itself where it has no parts, or where an operation is about all of them. */
export function modelOfAllParts(history: History, model: Model): Model {
  if (model.partition === undefined) return model;
  const partition: NonNullable<Model["partition"]> = (operation) => model.partition?.(operation);
  for (const invocation of history.invocations()) {
    const operation = history.operation(invocation);
    if (operation.process === "nemesis" || partition(operation) !== undefined) continue;
    const isSeen = operation.outcome !== "fail" || model.observesFailure?.(operation) === true;
    if (isSeen) return model;
  }
  return {
    ...model,
    initial: () => ({}),
    step: (state, operation) => {
      const states = state as { readonly [part: string]: Value };
      const part = canonical(partition(operation) ?? null);
      const own = Object.hasOwn(states, part) ? (states[part] as Value) : model.initial();
      return model.step(own, operation).map((next) => withPart(states, part, next));
    },
  };
}

function withPart(states: { readonly [part: string]: Value }, part: string, next: Value): Value {
  return { ...states, [part]: next };
}
