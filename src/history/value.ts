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
 */
export function canonical(value: Value): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item: Value) => canonical(item)).join(",")}]`;
  const object = value as { readonly [key: string]: Value };
  const keys = Object.keys(object).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(object[key] as Value)}`).join(",")}}`;
}

/** Deep equality of values. */
export function sameValue(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return false;
  return canonical(a) === canonical(b);
}
