/**
 * The values that operations carry: plain JSON. Codecs of richer formats map what they read onto it
 * (a keyword becomes its name, a set an array; see `docs/history-format.md`).
 */

/** A plain JSON value. */
export type Value =
  | null
  | boolean
  | number
  | string
  | readonly Value[]
  | { readonly [key: string]: Value };

/**
 * A text that is equal for equal values, whatever the order of their object keys.
 * Interning, memo keys and equality all go through it.
 * @throws TypeError for what JSON would empty (a `Map`, a `Set`, a `Promise`): all of them would be
 *   equal
 */
export function canonical(value: Value): string {
  if (typeof value === "number") return numberText(value);
  // What is no JSON at all (undefined, from a client in plain JavaScript) is null.
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map((item: Value) => canonical(item)).join(",")}]`;
  const object = value as { readonly [key: string]: Value };
  if (!isPlainObject(object)) return jsonText(value);
  const keys = Object.keys(object).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(object[key] as Value)}`).join(",")}}`;
}

/** Whether an object is what its fields are, and not something that has a JSON form of its own. */
export function isPlainObject(object: { readonly [key: string]: unknown }): boolean {
  return typeof object["toJSON"] !== "function" && !isEmptiedByJson(object);
}

function isEmptiedByJson(value: object): boolean {
  return value instanceof Map || value instanceof Set || value instanceof Promise;
}

/** For what a client in plain JavaScript may return: a `Date` or `Buffer` is what its JSON says. */
function jsonText(value: object): string {
  if (!isEmptiedByJson(value)) return canonical(JSON.parse(JSON.stringify(value)) as Value);
  const hint = value instanceof Promise ? "Await it" : "Make it an array or a plain object";
  throw new TypeError(`a ${value.constructor.name} is no plain JSON value; ${hint} first`);
}

/**
 * The JSON text of a number. Integers beyond 2^53 - 1 get an exponent: written in full they would
 * claim to be exact, and are read as text (see `docs/history-format.md`).
 */
function numberText(value: number): string {
  if (Number.isSafeInteger(value) || !Number.isInteger(value)) {
    return Number.isFinite(value) ? String(value) : "null";
  }
  return value.toExponential();
}

/** Deep equality of values. */
export function sameValue(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return false;
  return canonical(a) === canonical(b);
}
