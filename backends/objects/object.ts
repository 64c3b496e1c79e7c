/**
 * The port of objects: sets, queues, counters and the like, kept under the keys of a store. Each is
 * a pure function from a state and a call to an answer, so that every store that keeps values can
 * keep objects, with its own promises and its own bugs.
 */
import type { Value } from "../../src/history/value.js";

/** One call of an object. */
export interface ObjectCall {
  readonly f: string;
  readonly argument: Value;
}

/**
 * What an object says: a value, with the next state where the call changed something, or that it
 * refuses, which changes nothing. Undefined when it has no such function.
 */
export type ObjectAnswer =
  | { readonly value: Value; readonly next?: Value }
  | { readonly refusal: string; readonly message: string }
  | undefined;

/** An object; the state of one that was never used is null. */
export type StoredObject = (state: Value, call: ObjectCall) => ObjectAnswer;

/** A state that is a list. */
export function listIn(state: Value): readonly Value[] {
  return Array.isArray(state) ? (state as readonly Value[]) : [];
}

/** A state that is a record. */
export function recordIn(state: Value): { readonly [name: string]: Value } {
  return typeof state === "object" && state !== null && !Array.isArray(state)
    ? (state as { readonly [name: string]: Value })
    : {};
}
