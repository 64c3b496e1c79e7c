/** A queue with two ends. The state: the elements from the front on. */
import { checkedFailure, container } from "./container-rules.js";
import type { Model } from "./model.js";
import type { StackOptions } from "./stack.js";

/**
 * A deque with `push-front`, `push-back`, and `pop-front`, `pop-back`, `peek-front`, `peek-back` →
 * the element at that end, or what says that it was empty.
 */
export function deque(options: StackOptions = {}): Model {
  const { empty = null } = options;
  const failedPop = checkedFailure("failedPop", options.failedPop);
  return container({
    name: "deque",
    options: { empty, failedPop },
    origin: { module: import.meta.url, factory: "deque" },
    empty,
    failed: failedPop,
    inserts: {
      "push-front": (elements, value) => [value, ...elements],
      "push-back": (elements, value) => [...elements, value],
    },
    removals: {
      "pop-front": ([value, ...rest]) => (value === undefined ? [] : [{ value, rest }]),
      "pop-back": (elements) => {
        const value = elements.at(-1);
        return value === undefined ? [] : [{ value, rest: elements.slice(0, -1) }];
      },
    },
    peeks: { "peek-front": "pop-front", "peek-back": "pop-back" },
  });
}
