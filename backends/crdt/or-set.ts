/**
 * An observed-remove set: each addition has a tag of its own, and a removal takes away the tags
 * that it sees. An addition that it does not see stays (Shapiro et al. 2011, section 3.3.5).
 */
import { canonical, type Value } from "../../src/history/value.js";
import type { Crdt } from "./crdt.js";

type Tagged = readonly [tag: string, element: Value];

/** Makes an empty set with `add`, `remove` and `read`. */
export function createOrSet(): Crdt {
  const tags = new Map<string, Value>();
  /** Tags that were taken away, so that they do not come back. */
  const gone = new Set<string>();

  const elements = (): readonly Value[] => {
    const seen = new Map<string, Value>();
    for (const element of tags.values()) seen.set(canonical(element), element);
    return [...seen.values()];
  };

  return {
    call: (f, argument, { slot, tick, variant }) => {
      if (f === "read") return { value: elements() };
      if (f === "add") {
        tags.set(`${slot}.${tick()}`, argument);
        return { value: null };
      }
      if (f !== "remove") return undefined;
      const text = canonical(argument);
      for (const [tag, element] of tags) {
        if (canonical(element) !== text) continue;
        tags.delete(tag);
        if (variant !== "removed-come-back") gone.add(tag);
      }
      return { value: null };
    },
    state: () => [[...tags], [...gone]],
    merge: (state) => {
      const [theirs, theirGone] = state as unknown as readonly [
        readonly Tagged[],
        readonly string[],
      ];
      for (const tag of theirGone) {
        gone.add(tag);
        tags.delete(tag);
      }
      for (const [tag, element] of theirs) if (!gone.has(tag)) tags.set(tag, element);
    },
  };
}
