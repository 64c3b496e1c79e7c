/** Objects whose state is a list: sets and queues. */
import { sameValue } from "../../src/history/value.js";
import { listIn, type StoredObject } from "./object.js";

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
