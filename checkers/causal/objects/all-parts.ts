/**
 * A model of all parts at once, from one whose states are those of one part: causality goes across
 * keys, so that their states are needed together.
 */
import type { History } from "../../../src/history/history.js";
import { canonical, type Value } from "../../../src/history/value.js";
import type { LookAhead, Model, ModelOperation } from "../../../src/model/model.js";

/** States by the names of parts; what no operation has touched is not there. */
interface States {
  readonly [part: string]: Value;
}

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
  const { lookAhead, ...rest } = model;
  const nameOf = (operation: ModelOperation): string => canonical(partition(operation) ?? null);
  const ofPart = (state: Value, part: string): Value => {
    const states = state as States;
    return Object.hasOwn(states, part) ? (states[part] as Value) : model.initial();
  };
  const ofAllParts: LookAhead | undefined = lookAhead && {
    observes: (operation) => lookAhead.observes(operation),
    mayLeadTo: (state, observation) =>
      lookAhead.mayLeadTo(ofPart(state, nameOf(observation)), observation),
    restores: (operation, observation) =>
      nameOf(operation) === nameOf(observation) && lookAhead.restores(operation, observation),
    // What is there of other parts still matters.
    overwrites: () => false,
  };
  return {
    ...rest,
    ...(ofAllParts === undefined ? {} : { lookAhead: ofAllParts }),
    initial: () => ({}),
    step: (state, operation) => {
      const part = nameOf(operation);
      const next = model.step(ofPart(state, part), operation);
      return next.map((each) => withPart(state as States, part, each));
    },
  };
}

function withPart(states: States, part: string, next: Value): Value {
  return { ...states, [part]: next };
}
