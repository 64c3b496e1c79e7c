/**
 * What a model answers, made safe to keep. States are compared by their JSON: a `Map` or a `Date`
 * would equal any other one, and a state that a later step changes in place would be another one
 * than was compared. Either would make wrong verdicts without a sign of it; here they are errors.
 */
import { HarnessError } from "../errors.js";
import type { Value } from "../history/value.js";
import type { Model } from "./model.js";

/**
 * A frozen copy of a state.
 * @throws HarnessError `bad-argument` when it is not plain JSON
 */
export function stateOf(model: Model, given: Value): Value {
  return typeof given === "object" ? copyOf(model, given) : scalarOf(model, given);
}

function copyOf(model: Model, given: Value): Value {
  if (given === null || typeof given !== "object") return scalarOf(model, given);
  if (Array.isArray(given)) {
    return Object.freeze(Array.from(given as readonly Value[], (item) => copyOf(model, item)));
  }
  const prototype: unknown = Object.getPrototypeOf(given);
  // Plain objects of another realm (a worker, a vm) have another Object.prototype.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) throw notJson(model, given);
  const entries = Object.entries(given).map(([key, value]) => [key, copyOf(model, value)]);
  return Object.freeze(Object.fromEntries(entries) as { readonly [key: string]: Value });
}

function scalarOf(model: Model, given: Value): Value {
  if (typeof given === "string" || typeof given === "boolean" || given === null) return given;
  if (typeof given === "number" && Number.isFinite(given)) return given;
  throw notJson(model, given);
}

function notJson(model: Model, given: unknown): HarnessError {
  const name =
    typeof given === "object" && given !== null
      ? `a ${(given.constructor as { readonly name?: string } | undefined)?.name ?? "class instance"}`
      : String(given);
  return new HarnessError(
    "bad-argument",
    `the model ${model.name} is at fault: its state is or holds ${name}, which is not plain JSON. ` +
      "Keep states as numbers, texts, booleans, null, arrays and plain objects of such.",
  );
}
