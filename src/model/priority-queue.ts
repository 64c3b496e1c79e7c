/**
 * A priority queue. An element is a number, which is its own priority, or `[priority, value]`;
 * of equal priorities any comes first. The state: the elements, sorted, the first to go in front.
 */
import { HarnessError } from "../errors.js";
import { canonical, type Value } from "../history/value.js";
import {
  checkedFailure,
  compareValues,
  container,
  withElement,
  type EmptyOptions,
  type FailedRemoval,
} from "./container-rules.js";
import type { Model } from "./model.js";

/** The options of a priority queue. */
export interface PriorityQueueOptions extends EmptyOptions {
  /** Which priority comes first; default `"min"`, the smallest. */
  readonly order?: "max" | "min";
  /** `"observe"`: a `fail` of an extract or a peek saw it empty. Default `"ignore"`. */
  readonly failedExtract?: FailedRemoval;
}

/** A queue with `insert`, and `extract` and `peek` → what comes first, or that it was empty. */
export function priorityQueue(options: PriorityQueueOptions = {}): Model {
  const { empty = null, order = "min" } = options;
  const failedExtract = checkedFailure("failedExtract", options.failedExtract);
  if (order !== "min" && order !== "max") {
    throw new HarnessError(
      "bad-argument",
      `model option order is "min" or "max", not ${canonical(order)}`,
    );
  }
  const sign = order === "min" ? 1 : -1;
  const compare = (one: Value, other: Value): number =>
    sign * (priorityOf(one) - priorityOf(other)) || compareValues(one, other);
  return container({
    name: "priority-queue",
    options: { empty, order, failedExtract },
    origin: { module: import.meta.url, factory: "priorityQueue" },
    empty,
    failed: failedExtract,
    inserts: {
      insert: (elements, value) => {
        priorityOf(value);
        return withElement(elements, value, compare);
      },
    },
    removals: {
      extract: (elements) => {
        const first = elements[0];
        if (first === undefined) return [];
        const end = elements.findIndex((each) => priorityOf(each) !== priorityOf(first));
        const tied = end < 0 ? elements : elements.slice(0, end);
        return tied.flatMap((value, place) =>
          place > 0 && compare(tied[place - 1] as Value, value) === 0
            ? []
            : [{ value, rest: elements.toSpliced(place, 1) }],
        );
      },
    },
    peeks: { peek: "extract" },
    type: {
      name: "priority-queue",
      roles: { insert: "insert", extract: "extract", peek: "peek" },
    },
  });
}

function priorityOf(element: Value): number {
  const priority: unknown =
    Array.isArray(element) && element.length === 2 ? (element[0] as unknown) : element;
  if (typeof priority === "number") return priority;
  throw new HarnessError(
    "malformed-input",
    `insert needs a number or [priority, value], not ${canonical(element)}`,
  );
}
