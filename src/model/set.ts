/**
 * A set. Elements are independent of one another, so that a history without reads of the whole set
 * is taken apart by element; one with keys (a set per key) is taken apart by key. The state: the
 * members, sorted.
 */
import { HarnessError } from "../errors.js";
import { sameValue, type Value } from "../history/value.js";
import { compareValues, withElement, withoutElement, type Elements } from "./container-rules.js";
import { isChange, partOfElement, restrictedTo, sees, valuesOfElement } from "./element-rules.js";
import type { Model } from "./model.js";

/** The options of a set. */
export interface SetOptions {
  /** The members at first; default none. */
  readonly initial?: readonly Value[] | null;
}

/**
 * A set with `add` and `remove`, which may answer whether they changed it, `contains` → boolean,
 * and `read` → all members in any order.
 */
export function set(options: SetOptions = {}): Model {
  const initial = membersOf(options.initial ?? []);
  const model: Model<Elements> = {
    name: "set",
    options: { initial },
    origin: { module: import.meta.url, factory: "set" },
    functions: ["add", "remove", "contains", "read"],
    initial: () => initial,
    step: (members, operation): readonly Elements[] => {
      const { f, input, output, outcome } = operation;
      if (f === "read") return sees(members, operation) ? [members] : [];
      if (f !== "add" && f !== "remove" && f !== "contains") return [];
      const has = members.some((member) => sameValue(member, input));
      const answer = f === "add" ? !has : has;
      if (outcome === "ok" && typeof output === "boolean" && output !== answer) return [];
      if (f === "contains" || !answer) return [members];
      return [f === "add" ? withElement(members, input) : withoutElement(members, input)];
    },
    partition: partOfElement,
    type: {
      name: "set",
      roles: { add: "add", remove: "remove", contains: "contains", read: "read" },
    },
    values: valuesOfElement,
    restrict: (operation, keeps) => restrictedTo(operation, keeps, initial),
    readOnly: (operation) => !isChange(operation),
  };
  return model;
}

function membersOf(given: unknown): Elements {
  if (!Array.isArray(given)) {
    throw new HarnessError("bad-argument", "model option initial is a list of members for a set");
  }
  const sorted = (given as Elements).toSorted(compareValues);
  return sorted.filter((one, place) => place === 0 || !sameValue(one, sorted[place - 1] as Value));
}
