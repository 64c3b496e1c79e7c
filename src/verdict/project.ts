/**
 * Projection to the values that a refutation names: see `values` in the model port for what a model
 * promises. If there was a right order of the whole, the promise gives one of the projection.
 */
import type { Operation } from "../history/operation.js";
import { canonical, type Value } from "../history/value.js";
import type { Model } from "../model/model.js";
import { claim } from "./claims.js";

/** The operation as the projection has it; undefined when it is left out. */
export function createProjection(
  values: readonly Value[] | undefined,
  model: Model,
): (operation: Operation) => Operation | undefined {
  if (values === undefined) return (operation) => operation;
  claim(model.values !== undefined, () => `The model ${model.name} allows no projection.`);
  const kept = new Set(values.map((value) => canonical(value)));
  const keeps = (value: Value): boolean => kept.has(canonical(value));
  return (operation) => {
    const about = model.values?.(operation);
    if (about === undefined) return undefined;
    claim(about !== "all", () => `Operation ${operation.invocation} is about all values.`);
    const named = about.filter((value) => keeps(value)).length;
    claim(
      named === 0 || named === about.length,
      () => `Operation ${operation.invocation} is about some of the values and about others.`,
    );
    if (about.length > 0 && named === 0) return undefined;
    return { ...operation, ...model.restrict?.(operation, keeps) };
  };
}
