/**
 * A multiset: a set that may hold an element several times. Elements are independent as in a set,
 * and histories are taken apart in the same way. The state: the elements, sorted.
 */
import { sameValue } from "../history/value.js";
import { withElement, withoutElement, type Elements } from "./container-rules.js";
import { isChange, partOfElement, restrictedTo, sees, valuesOfElement } from "./element-rules.js";
import type { Model } from "./model.js";

/**
 * A multiset with `add` of one copy, `remove` of one, which may answer whether there was any,
 * `count` → how many copies, and `read` → all elements in any order, with repetitions.
 */
export function multiset(): Model {
  const model: Model<Elements> = {
    name: "multiset",
    options: {},
    origin: { module: import.meta.url, factory: "multiset" },
    functions: ["add", "remove", "count", "read"],
    initial: () => [],
    step: (elements, operation): readonly Elements[] => {
      const { f, input, output, outcome } = operation;
      if (f === "read") return sees(elements, operation) ? [elements] : [];
      if (f === "add") return [withElement(elements, input)];
      if (f !== "remove" && f !== "count") return [];
      const copies = elements.filter((each) => sameValue(each, input)).length;
      if (f === "count") {
        const wrong = outcome === "ok" && typeof output === "number" && output !== copies;
        return wrong ? [] : [elements];
      }
      if (outcome === "ok" && typeof output === "boolean" && output !== copies > 0) return [];
      return [withoutElement(elements, input)];
    },
    partition: partOfElement,
    type: {
      name: "multiset",
      roles: { add: "add", remove: "remove", count: "count", read: "read" },
    },
    values: valuesOfElement,
    restrict: (operation, keeps) => restrictedTo(operation, keeps),
    readOnly: (operation) => !isChange(operation),
  };
  return model;
}
