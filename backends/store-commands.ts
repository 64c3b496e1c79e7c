/**
 * What the functions of a key-value store mean, as a pure function: the state and a command give an
 * answer and perhaps a change. The backends differ in where they keep the state and when they
 * answer, not in this.
 *
 * A register is the store under the key `null`. What was never written reads as `null`. Objects
 * have keys of their own.
 */
import { canonical, sameValue, type Value } from "../src/history/value.js";
import { callObject, OBJECT_FUNCTIONS } from "./objects/index.js";

/** One operation, as a client asks for it. */
export interface Command {
  readonly f: string;
  /** `null` for a register, which has no key. */
  readonly key: Value;
  readonly value: Value;
}

/** The value of each key; a key is there as its canonical text (`keyText`). */
export type StoreState = ReadonlyMap<string, Value>;

/** What a command does to the state: sets one key, or removes it when `value` is undefined. */
export interface StoreChange {
  readonly key: string;
  readonly value: Value | undefined;
}

/** What the store says to a command. A `fail` has certainly not happened and never will. */
export type StoreAnswer =
  | { readonly outcome: "ok"; readonly value: Value }
  | { readonly outcome: "fail" | "info"; readonly code: string; readonly message: string };

/** An answer with the change that has to be made for it to be true. */
export interface Applied {
  readonly answer: StoreAnswer;
  readonly change?: StoreChange;
}

/** The functions of a register. */
export const REGISTER_FUNCTIONS: readonly string[] = ["read", "write", "cas"];

/** The functions of a key-value store. */
export const KV_FUNCTIONS: readonly string[] = ["get", "put", "append", "delete"];

/** All of them, with those of objects (`objects/index.ts`). */
export const STORE_FUNCTIONS: readonly string[] = [
  ...REGISTER_FUNCTIONS,
  ...KV_FUNCTIONS,
  ...OBJECT_FUNCTIONS,
];

/** The text under which a key is stored: equal for equal keys. */
export function keyText(key: Value): string {
  return typeof key === "string" && key.length <= KNOWN_LENGTH_MAX ? known(key) : canonical(key);
}

/** The texts of the last short keys: all nodes of a store work on the same few, all the time. */
const KNOWN = new Map<string, string>();
const KNOWN_MAX = 1_000;
const KNOWN_LENGTH_MAX = 32;

function known(key: string): string {
  let text = KNOWN.get(key);
  if (text === undefined) {
    if (KNOWN.size >= KNOWN_MAX) KNOWN.clear();
    text = canonical(key);
    KNOWN.set(key, text);
  }
  return text;
}

/** Works out a command against a state, which it does not change. */
export function applyCommand(state: StoreState, command: Command): Applied {
  const key = keyText(command.key);
  const current = state.get(key) ?? null;
  switch (command.f) {
    case "read":
    case "get":
      return { answer: ok(current) };
    case "write":
    case "put":
      return { answer: ok(command.value), change: { key, value: command.value } };
    case "cas":
      return compareAndSet(key, current, command.value);
    case "append":
      return append(key, current, command.value);
    case "delete":
      return { answer: ok(null), change: { key, value: undefined } };
    default:
      return applyObject(state, command);
  }
}

/** An object has its keys for itself. */
function applyObject(state: StoreState, { f, key: name, value }: Command): Applied {
  const key = keyText([f, name]);
  const answer = callObject(f, state.get(key) ?? null, value);
  if (answer === undefined) return { answer: unsupported(f) };
  if ("refusal" in answer) return { answer: fail(answer.refusal, answer.message) };
  if (answer.next === undefined) return { answer: ok(answer.value) };
  return { answer: ok(answer.value), change: { key, value: answer.next } };
}

/** The key whose value a command is about. */
export function stateKeyOf({ f, key }: Command): string {
  return OBJECT_FUNCTIONS.includes(f) ? keyText([f, key]) : keyText(key);
}

/** Makes a change on a state. */
export function applyChange(state: Map<string, Value>, { key, value }: StoreChange): void {
  if (value === undefined) state.delete(key);
  else state.set(key, value);
}

/** The answer to a function that the store does not have. */
export function unsupported(f: string): StoreAnswer {
  return fail("unsupported", `this store has no function ${f}`);
}

/** A success. */
export function ok(value: Value): StoreAnswer {
  return { outcome: "ok", value };
}

/** A definite failure. */
export function fail(code: string, message: string): StoreAnswer {
  return { outcome: "fail", code, message };
}

/** An outcome that the store does not know. */
export function indeterminate(code: string, message: string): StoreAnswer {
  return { outcome: "info", code, message };
}

function compareAndSet(key: string, current: Value, argument: Value): Applied {
  if (!Array.isArray(argument) || argument.length !== 2) {
    return { answer: fail("bad-argument", "cas takes [expected, new]") };
  }
  const [expected, next] = argument as unknown as readonly [Value, Value];
  if (!sameValue(current, expected)) {
    const message = `the value is ${canonical(current)}, not ${canonical(expected)}`;
    return { answer: fail("mismatch", message) };
  }
  return { answer: ok(argument), change: { key, value: next } };
}

function append(key: string, current: Value, argument: Value): Applied {
  if (typeof argument !== "string") {
    return { answer: fail("bad-argument", "append takes a string") };
  }
  if (current !== null && typeof current !== "string") {
    return { answer: fail("wrong-type", "append works on strings and on nothing else") };
  }
  return { answer: ok(argument), change: { key, value: (current ?? "") + argument } };
}
