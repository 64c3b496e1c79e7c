/** A queue, first in, first out. The state: the elements from the head on. */
import {
  checkedFailure,
  container,
  type EmptyOptions,
  type FailedRemoval,
} from "./container-rules.js";
import type { Model } from "./model.js";

/** The options of queues. */
export interface QueueOptions extends EmptyOptions {
  /** `"observe"`: a `fail` of a dequeue or a peek saw the queue empty. Default `"ignore"`. */
  readonly failedDequeue?: FailedRemoval;
}

/** A queue with `enqueue`, and `dequeue` and `peek` → the head, or what says that it was empty. */
export function fifoQueue(options: QueueOptions = {}): Model {
  const { empty = null } = options;
  const failedDequeue = checkedFailure("failedDequeue", options.failedDequeue);
  return container({
    name: "fifo-queue",
    options: { empty, failedDequeue },
    origin: { module: import.meta.url, factory: "fifoQueue" },
    empty,
    failed: failedDequeue,
    inserts: { enqueue: (elements, value) => [...elements, value] },
    removals: {
      dequeue: ([value, ...rest]) => (value === undefined ? [] : [{ value, rest }]),
    },
    peeks: { peek: "dequeue" },
    type: {
      name: "fifo-queue",
      roles: { enqueue: "enqueue", dequeue: "dequeue", peek: "peek" },
    },
  });
}
