/**
 * A lock that its holder may acquire again, and that is free after as many releases: what Java's
 * `ReentrantLock` and Hazelcast's locks are.
 */
import type { Value } from "../history/value.js";
import {
  answer,
  askerOf,
  checkedCount,
  checkedOwner,
  isRefusal,
  ownership,
  type OwnerOptions,
} from "./lock-rules.js";
import { byKey, type Model } from "./model.js";

/** The options of a reentrant mutex. */
export interface ReentrantMutexOptions extends OwnerOptions {
  /** Default `"process"`; without owners nobody could tell who may enter again. */
  readonly owner?: "input" | "process";
  /** How often its holder may have acquired it at once; null (default): any number of times. */
  readonly max?: number | null;
}

/**
 * A lock with `acquire` and `release`, per key where the history has keys. The state is
 * `[holder, count]`, null when it is free.
 */
export function reentrantMutex(options: ReentrantMutexOptions = {}): Model {
  const owner = checkedOwner(options.owner ?? "process", ["input", "process"]);
  const max = checkedCount("max", options.max ?? null);
  const acquired = (state: Value, asker: string): Value | undefined => {
    if (state === null) return [asker, 1];
    const [holder, count] = state as readonly [string, number];
    return holder === asker && (max === null || count < max) ? [holder, count + 1] : undefined;
  };
  const released = (state: Value, asker: string): Value | undefined => {
    if (state === null) return undefined;
    const [holder, count] = state as readonly [string, number];
    if (holder !== asker) return undefined;
    return count === 1 ? null : [holder, count - 1];
  };
  return {
    name: "reentrant-mutex",
    options: { owner, max },
    origin: { module: import.meta.url, factory: "reentrantMutex" },
    functions: ["acquire", "release"],
    initial: () => null,
    step: (state, operation): readonly Value[] => {
      const { f } = operation;
      if (f !== "acquire" && f !== "release") return [];
      const asker = askerOf(operation, owner);
      const next = f === "acquire" ? acquired(state, asker) : released(state, asker);
      return answer(state, operation, next);
    },
    partition: byKey,
    ...ownership({ name: "reentrant-mutex", owner, natural: "process" }),
    readOnly: isRefusal,
  };
}
