/**
 * Independent keys: many small histories in one run, each of which is cheap to check, while the
 * system works on several at a time. The idea is Jepsen's `independent/concurrent-generator`.
 */
import { HarnessError } from "../errors.js";
import { sameValue, type Value } from "../history/value.js";
import { ask, dispatched, pending } from "./ask.js";
import { limit } from "./bounds.js";
import type { Generator } from "./generator.js";
import { divide } from "./workers.js";

/** How the keys are worked on. */
export interface PerKeyOptions {
  /**
   * The keys in the order in which they are begun; a function gives the key at an index, undefined
   * for no more. Default: 0, 1, 2 … without end.
   */
  readonly keys?: readonly Value[] | ((index: number) => Value | undefined);
  /**
   * How many clients work on a key at a time, at least 1. There are as many groups as the clients
   * suffice for, and at least one; clients that are left over strengthen the groups, so that nobody
   * is idle.
   */
  readonly groupSize: number;
  /**
   * Operations per key; when they are dispatched the group goes on to the next key. Default: no
   * limit.
   */
  readonly limitPerKey?: number;
  /**
   * What is done on a key. Its operations get the key; it is told only of events of the key by its
   * group.
   */
  readonly generator: (key: Value) => Generator;
}

/**
 * Works on one key after another, in groups of clients. Done when every key's generator is.
 * @throws HarnessError `bad-argument` for a group size that is not an integer from 1 up.
 */
export function perKey(options: PerKeyOptions): Generator {
  const { groupSize, limitPerKey, generator } = options;
  const keys = options.keys ?? ((index: number): Value => index);
  if (!Number.isInteger(groupSize) || groupSize < 1) {
    throw new HarnessError("bad-argument", `perKey takes a group size from 1 up, not ${groupSize}`);
  }
  const groupCount = (clientCount: number): number =>
    Math.max(1, Math.floor(clientCount / groupSize));
  return divide({
    groupOf: (worker, clientCount) =>
      worker === "nemesis"
        ? undefined
        : Math.floor((worker * groupCount(clientCount)) / clientCount),
    groupCount,
    take: (index) => {
      const key = typeof keys === "function" ? keys(index) : keys[index];
      if (key === undefined) return undefined;
      const inner = generator(key);
      return keyed(key, limitPerKey === undefined ? inner : limit(limitPerKey, inner));
    },
  });
}

/** Gives every operation the key. */
function keyed(key: Value, generator: Generator): Generator {
  const self: Generator = {
    step: (context) => {
      const step = ask(generator, context);
      if (step.kind === "done") return step;
      const next = step.next === generator ? self : keyed(key, step.next);
      if (step.kind === "pending") return pending(next, step.wakeNs);
      const { f, value, process, timeNs } = step.dispatch;
      return dispatched({ f, key, value, process, timeNs }, next);
    },
    update: (event) => {
      // A worker of the group may still be at the key before.
      if (event.key === undefined || !sameValue(event.key, key)) return self;
      const next = generator.update(event);
      return next === generator ? self : keyed(key, next);
    },
  };
  return self;
}
