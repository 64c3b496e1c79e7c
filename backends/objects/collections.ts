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

/**
 * A log: `send` → the offset, `read` of `{from, limit}` → pairs of [offset, message], `take` of
 * `{group, limit}` → the pairs that come next for a group, which moves on. The state is the
 * messages, and where each group stands.
 */
export const logObject: StoredObject = (state, { f, argument }) => {
  const { messages: kept = [], groups: standing = {} } = recordIn(state);
  const [messages, groups] = [listIn(kept), recordIn(standing)];
  const { from = 0, limit = Infinity, group = "" } = recordIn(argument) as LogSlice;
  if (f === "send") {
    return { value: messages.length, next: { messages: [...messages, argument], groups } };
  }
  if (f !== "read" && f !== "take") return undefined;
  const start = f === "read" ? from : Number(groups[group] ?? 0);
  const pairs = messages.slice(start, start + limit).map((each, i): Value => [start + i, each]);
  if (f === "read" || pairs.length === 0) return { value: pairs };
  return { value: pairs, next: { messages, groups: { ...groups, [group]: start + pairs.length } } };
};

interface LogSlice {
  readonly from?: number;
  readonly limit?: number;
  readonly group?: string;
}
