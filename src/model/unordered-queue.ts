/** A queue without an order, a bag: a dequeue gets any element. The state: the elements, sorted. */
import { canonical } from "../history/value.js";
import { checkedFailure, container, withElement } from "./container-rules.js";
import type { QueueOptions } from "./fifo-queue.js";
import type { Model } from "./model.js";

/** A bag with `enqueue`, and `dequeue` and `peek` → any element, or what says that it was empty. */
export function unorderedQueue(options: QueueOptions = {}): Model {
  const { empty = null } = options;
  const failedDequeue = checkedFailure("failedDequeue", options.failedDequeue);
  return container({
    name: "unordered-queue",
    options: { empty, failedDequeue },
    origin: { module: import.meta.url, factory: "unorderedQueue" },
    empty,
    failed: failedDequeue,
    inserts: { enqueue: (elements, value) => withElement(elements, value) },
    removals: {
      // Equal elements lie side by side, and leave the same behind.
      dequeue: (elements) => {
        const names = elements.map((value) => canonical(value));
        return elements.flatMap((value, place) =>
          place > 0 && names[place - 1] === names[place]
            ? []
            : [{ value, rest: elements.toSpliced(place, 1) }],
        );
      },
    },
    peeks: { peek: "dequeue" },
  });
}
