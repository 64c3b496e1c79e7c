/**
 * The model's step on the states of all parts together, for claims that are about several keys.
 */
import type { History } from "../history/history.js";
import type { Value } from "../history/value.js";
import type { Model } from "../model/model.js";
import { stateOf } from "../model/state.js";
import type { Account } from "./account.js";
import { createPartNames } from "./claims.js";
import { createStep, type Step } from "./step.js";

/** States by the names of parts; what no operation has touched is not there. */
type States = { readonly [part: string]: Value };

/** The step, and the state that it begins with. */
export function createPartedStep(
  history: History,
  model: Model,
  account: Account,
): { readonly initial: Value; readonly step: Step } {
  const nameOf = createPartNames(history, model);
  const step = createStep(model, account);
  const initial = stateOf(model, model.initial());
  return {
    initial: {},
    step: (state, operation) => {
      const states = state as States;
      const part = nameOf(operation);
      const own = Object.hasOwn(states, part) ? (states[part] as Value) : initial;
      return step(own, operation).map((next) => withPart(states, part, next));
    },
  };
}

function withPart(states: States, part: string, next: Value): States {
  return { ...states, [part]: next };
}
