/** Objects whose state is a list: sets, queues and logs. */
import { sameValue, type Value } from "../../src/history/value.js";
import { listIn, recordIn, type StoredObject } from "./object.js";

/** A set: `add`, `remove`, and `read` → all elements. What is there already is not added again. */
export const setObject: StoredObject = (state, { f, argument }) => {
  const elements = listIn(state);
  const isThere = elements.some((element) => sameValue(element, argument));
  if (f === "read") return { value: elements };
  if (f === "add") return { value: null, next: isThere ? elements : [...elements, argument] };
  if (f !== "remove") return undefined;
  return { value: null, next: elements.filter((element) => !sameValue(element, argument)) };
};

/** A queue: `enqueue`, `dequeue` → the first element or null, `drain` → all that is left. */
export const queueObject: StoredObject = (state, { f, argument }) => {
  const elements = listIn(state);
  if (f === "enqueue") return { value: null, next: [...elements, argument] };
  if (f === "drain") return { value: elements, next: [] };
  if (f !== "dequeue") return undefined;
  const [first = null, ...rest] = elements;
  return elements.length === 0 ? { value: null } : { value: first, next: rest };
};

/** A log: `send` → the offset, `read` of `{from, limit}` → pairs of [offset, message]. */
export const logObject: StoredObject = (state, { f, argument }) => {
  const messages = listIn(state);
  if (f === "send") return { value: messages.length, next: [...messages, argument] };
  if (f !== "read") return undefined;
  const { from = 0, limit = Infinity } = recordIn(argument) as {
    readonly from?: number;
    readonly limit?: number;
  };
  const shown = messages.slice(from, from + limit);
  return { value: shown.map((message, i): Value => [from + i, message]) };
};
