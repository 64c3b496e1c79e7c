/**
 * What sets and multisets share: operations are about one element, except for a read of them all.
 */
import { HarnessError } from "../errors.js";
import { canonical, sameValue, type Value } from "../history/value.js";
import { compareValues, type Elements } from "./container-rules.js";
import type { ModelOperation } from "./model.js";

/** The key where there is one, else the element; undefined for a read, which is about them all. */
export function partOfElement({ f, key, input }: ModelOperation): Value | undefined {
  if (key !== undefined && key !== null) return key;
  return f === "read" ? undefined : input;
}

/** The element; a read always stays, with the elements that are kept. */
export function valuesOfElement({ f, input, outcome }: ModelOperation): Elements | undefined {
  if (f !== "read") return [input];
  return outcome === "ok" ? [] : undefined;
}

/**
 * A read of the elements that are kept, and of those of the beginning that are not: what is about
 * these is left out, so that they stay.
 */
export function restrictedTo(
  operation: ModelOperation,
  keeps: (value: Value) => boolean,
  initial: Elements = [],
): ModelOperation {
  if (operation.f !== "read" || operation.outcome !== "ok") return operation;
  const shown = membersIn(operation).filter((value) => keeps(value));
  return { ...operation, output: [...shown, ...initial.filter((value) => !keeps(value))] };
}

/** Whether a read may see these sorted elements; it answers them in any order. */
export function sees(elements: Elements, operation: ModelOperation): boolean {
  if (operation.outcome !== "ok") return true;
  return sameValue(membersIn(operation).toSorted(compareValues), elements);
}

/** Whether the operation may change what there is. */
export function isChange({ f, outcome, output }: ModelOperation): boolean {
  if (f === "remove") return outcome !== "ok" || output !== false;
  return f === "add";
}

function membersIn({ output = null }: ModelOperation): Elements {
  if (Array.isArray(output)) return output as Elements;
  throw new HarnessError(
    "malformed-input",
    `read answers ${canonical(output)}; it has to be the list of all elements`,
  );
}
