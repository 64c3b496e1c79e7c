/**
 * A state that is saved on conditions, with a version that tells two states of one key apart:
 * `load` → `{value, version}` or null; `save` of `{value, expected}` and `delete` of `{expected}` →
 * `{version}`, or `{conflict}` with the version that the state has instead of the expected one.
 * `delete` → null where there is none.
 *
 * What is kept is `[version, value]`, and `[version]` after a deletion, so that versions rise for
 * ever.
 */
import type { Value } from "../../src/history/value.js";
import {
  listIn,
  recordIn,
  type ObjectCall,
  type ObjectAnswer,
  type StoredObject,
} from "./object.js";

/** Each save has the next version. */
export const stateObject: StoredObject = (kept, call) =>
  changeState(kept, call, Number(listIn(kept)[0] ?? 0) + 1);

/** As `stateObject`, with the version that the next save is to have. */
export function changeState(kept: Value, call: ObjectCall, next: number): ObjectAnswer {
  const { f, argument } = call;
  const [last = 0, ...values] = listIn(kept);
  const version = values.length === 0 ? 0 : last;
  if (f === "load") return { value: version === 0 ? null : { value: values[0] as Value, version } };
  if (f !== "save" && f !== "delete") return undefined;
  const { value = null, expected = null } = recordIn(argument);
  if (expected !== null && expected !== version) return { value: { conflict: version } };
  if (f === "save") return { value: { version: next }, next: [next, value] };
  return version === 0 ? { value: null } : { value: { version: last }, next: [last] };
}

/** Whether a call of a state changes nothing, wherever it is. */
export function onlyLooks(call: Value): boolean {
  return listIn(call)[0] === "load";
}

/** The states whose keys begin with a prefix, as pairs of key and version, in any order. */
export function listStates(
  entries: Iterable<readonly [keyText: string, kept: Value]>,
  prefix: Value,
): readonly Value[] {
  const beginning = typeof prefix === "string" ? prefix : "";
  const listed: Value[] = [];
  for (const [text, kept] of entries) {
    if (!text.startsWith(STATE_PREFIX)) continue;
    const key = listIn(JSON.parse(text) as Value)[1];
    const [version = 0, ...values] = listIn(kept);
    const isListed = typeof key === "string" && key.startsWith(beginning);
    if (isListed && values.length > 0) listed.push([key, version]);
  }
  return listed;
}

/** What the text of every key of a state begins with. */
const STATE_PREFIX = '["state",';
