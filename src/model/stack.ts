/** A stack, last in, first out. The state: the elements from the bottom on. */
import {
  checkedFailure,
  container,
  type EmptyOptions,
  type FailedRemoval,
} from "./container-rules.js";
import type { Model } from "./model.js";

/** The options of stacks and deques. */
export interface StackOptions extends EmptyOptions {
  /** `"observe"`: a `fail` of a pop or a peek saw it empty. Default `"ignore"`. */
  readonly failedPop?: FailedRemoval;
}

/** A stack with `push`, and `pop` and `peek` → the top, or what says that it was empty. */
export function stack(options: StackOptions = {}): Model {
  const { empty = null } = options;
  const failedPop = checkedFailure("failedPop", options.failedPop);
  return container({
    name: "stack",
    options: { empty, failedPop },
    origin: { module: import.meta.url, factory: "stack" },
    empty,
    failed: failedPop,
    inserts: { push: (elements, value) => [...elements, value] },
    removals: {
      pop: (elements) => {
        const value = elements.at(-1);
        return value === undefined ? [] : [{ value, rest: elements.slice(0, -1) }];
      },
    },
    peeks: { peek: "pop" },
    type: { name: "stack", roles: { push: "push", pop: "pop", peek: "peek" } },
  });
}
