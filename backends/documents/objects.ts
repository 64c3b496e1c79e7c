/**
 * The objects of a store in a shared document: a map (`get`, `put`, `delete`), sets (`set`) and
 * counters (`counter`). Everything is a field of one flat map. A map within the map would be made
 * anew by each replica that is the first to need it, and of several that were made at the same time
 * only one stays; for the same reason each replica counts in a field of its own.
 */
import type { Value } from "../../src/history/value.js";
import {
  fail,
  keyText,
  ok,
  unsupported,
  type Command,
  type StoreAnswer,
} from "../store-commands.js";
import type { SharedDocument } from "./document.js";

/** Carries out a command; `slot` names this replica and its incarnation. */
export function performOn(document: SharedDocument, slot: string, command: Command): StoreAnswer {
  const { f, key, value } = command;
  const name = keyText([f === "set" || f === "counter" ? f : "map", key]);
  if (f === "get") return ok(document.get(name) ?? null);
  if (f === "put") {
    document.set(name, value);
    return ok(value);
  }
  if (f === "delete") {
    document.delete(name);
    return ok(null);
  }
  if (!Array.isArray(value)) return unsupported(f);
  const [call, argument = null] = value as readonly Value[];
  if (f === "set") return onSet({ document, name, call, argument });
  if (f === "counter") return onCounter({ document, name, call, argument }, slot);
  return unsupported(f);
}

interface Call {
  readonly document: SharedDocument;
  readonly name: string;
  readonly call: Value | undefined;
  readonly argument: Value;
}

/** An element is a field that begins with the name of its set. */
function onSet({ document, name, call, argument }: Call): StoreAnswer {
  const field = `${name} ${JSON.stringify(argument)}`;
  if (call === "add") document.set(field, argument);
  else if (call === "remove") document.delete(field);
  else if (call === "contains") return ok(document.get(field) !== undefined);
  else if (call === "read") return ok([...fieldsOf(document, name)].map(([, value]) => value));
  else return fail("bad-request", "a set has add, remove, contains and read");
  return ok(null);
}

function onCounter({ document, name, call, argument }: Call, slot: string): StoreAnswer {
  if (call === "read") {
    let sum = 0;
    for (const [, value] of fieldsOf(document, name)) sum += value as number;
    return ok(sum);
  }
  if (call !== "add") return fail("bad-request", "a counter has add and read");
  const field = `${name} ${slot}`;
  document.set(field, ((document.get(field) as number | undefined) ?? 0) + Number(argument));
  return ok(null);
}

function* fieldsOf(document: SharedDocument, name: string): Iterable<[string, Value]> {
  const begin = `${name} `;
  for (const field of [...document.names()].toSorted()) {
    const value = field.startsWith(begin) ? document.get(field) : undefined;
    if (value !== undefined) yield [field, value];
  }
}
