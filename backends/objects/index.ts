/**
 * The objects by the function of a store that calls them: `{f: "set", key, value: ["add", 3]}` adds
 * 3 to the set under the key.
 */
import type { Value } from "../../src/history/value.js";
import { queueObject, setObject } from "./collections.js";
import { logObject } from "./logs.js";
import type { ObjectAnswer, StoredObject } from "./object.js";
import {
  bankObject,
  counterObject,
  electionObject,
  idsObject,
  lockObject,
  registersObject,
} from "./records.js";
import { stateObject } from "./state.js";

const OBJECTS: { readonly [f: string]: StoredObject } = {
  set: setObject,
  queue: queueObject,
  log: logObject,
  counter: counterObject,
  ids: idsObject,
  bank: bankObject,
  registers: registersObject,
  lock: lockObject,
  election: electionObject,
  state: stateObject,
};

/** The functions of a store that keeps objects. */
export const OBJECT_FUNCTIONS: readonly string[] = Object.keys(OBJECTS);

/** Calls an object; undefined when there is no such object, or no such function of it. */
export function callObject(f: string, state: Value, call: Value): ObjectAnswer {
  const object = Object.hasOwn(OBJECTS, f) ? OBJECTS[f] : undefined;
  if (object === undefined || !Array.isArray(call)) return undefined;
  const [name = null, argument = null] = call as readonly Value[];
  return typeof name === "string" ? object(state, { f: name, argument }) : undefined;
}
