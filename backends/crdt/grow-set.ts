/** A set that only grows: the merge is the union (Shapiro et al. 2011, section 3.3.1). */
import { canonical, type Value } from "../../src/history/value.js";
import type { Crdt } from "./crdt.js";

/** Makes an empty set with `add` and `read`. */
export function createGrowSet(): Crdt {
  const elements = new Map<string, Value>();
  const add = (element: Value): void => void elements.set(canonical(element), element);
  return {
    call: (f, argument) => {
      if (f === "read") return { value: [...elements.values()] };
      if (f !== "add") return undefined;
      add(argument);
      return { value: null };
    },
    state: () => [...elements.values()],
    merge: (state) => {
      for (const element of state as readonly Value[]) add(element);
    },
  };
}
