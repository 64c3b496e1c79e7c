/**
 * A source of ids, none of which is given twice. Ids are independent of one another, so that the
 * state is that of one id: whether it was given.
 *
 * Nobody knows which id a `generate` gave that is indeterminate or answers null, perhaps none that
 * was ever seen: such ones are a part of their own and contradict nothing. Asked within a part, it
 * gives the part's id, or another.
 */
import type { Value } from "../history/value.js";
import type { Model, ModelOperation } from "./model.js";

/** A source with `generate` → an id. */
export function uniqueIds(): Model<boolean> {
  return {
    name: "unique-ids",
    options: {},
    origin: { module: import.meta.url, factory: "uniqueIds" },
    functions: ["generate"],
    initial: () => false,
    step: (given, operation): readonly boolean[] => {
      if (operation.f !== "generate") return [];
      if (idOf(operation) === undefined) return given ? [true] : [false, true];
      return given ? [] : [true];
    },
    partition: (operation) => idOf(operation)?.[0] ?? null,
    type: { name: "unique-ids", roles: { generate: "generate" } },
    values: (operation) => idOf(operation),
  };
}

/** The id in a list, undefined when it is not known. */
function idOf({ output = null, outcome }: ModelOperation): readonly [Value] | undefined {
  return outcome === "info" || output === null ? undefined : [output];
}
