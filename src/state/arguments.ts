/**
 * What may be saved under which key. The bounds are those that every kind of store can keep: a
 * PostgreSQL text has no zero character, and no encoding has half a surrogate pair.
 */
import { HarnessError } from "../errors.js";
import type { Value } from "../history/value.js";
import type { ChangeOptions, ListOptions, StateChange } from "./persistence.js";

/** What keys must not have. */
// oxlint-disable-next-line no-control-regex -- the zero character is what it is about
const UNFIT = /\u0000|\p{Surrogate}/u;
/** Values are nested at most so deep: JSON texts that are deeper cannot be written everywhere. */
const MAX_DEPTH = 500;
/** Keys have at most this many UTF-16 units. */
const MAX_KEY_LENGTH = 512;
/** Keys that begin so are the stores' own. */
export const RESERVED_PREFIX = "~ordeal/";

/** @throws HarnessError `bad-argument` when this is no key */
export function checkKey(key: string): void {
  const problem =
    typeof key !== "string" || key === ""
      ? "a text that is not empty"
      : key.length > MAX_KEY_LENGTH
        ? `at most ${MAX_KEY_LENGTH} characters long`
        : UNFIT.test(key)
          ? "Unicode text without zero characters"
          : key.startsWith(RESERVED_PREFIX)
            ? `without the prefix ${RESERVED_PREFIX}, which is the store's own`
            : undefined;
  if (problem === undefined) return;
  throw new HarnessError("bad-argument", `the key of a state is ${problem}, not ${shown(key)}`);
}

/**
 * A copy of a value, which nobody else can change while it is saved.
 * @throws HarnessError `bad-argument` when it is no plain JSON
 */
export function copyOf(value: Value): Value {
  return copied(value, 0);
}

/** @throws HarnessError `bad-argument` when this is no condition */
export function checkExpected({ expected }: ChangeOptions): void {
  if (expected === undefined || (Number.isSafeInteger(expected) && expected >= 0)) return;
  throw new HarnessError(
    "bad-argument",
    `an expected version is an integer from 0 on, not ${shown(expected)}`,
  );
}

/**
 * A copy of the changes of a batch.
 * @throws HarnessError `bad-argument` when these are no changes, or two are of one key
 */
export function copyOfBatch(changes: readonly StateChange[]): readonly StateChange[] {
  const keys = new Set<string>();
  return changes.map((change) => {
    checkKey(change.key);
    checkExpected(change);
    if (keys.has(change.key)) {
      const message = `a batch changes a key once, and this one twice: ${shown(change.key)}`;
      throw new HarnessError("bad-argument", message);
    }
    keys.add(change.key);
    if (change.kind === "save") return { ...change, value: copyOf(change.value) };
    // What is no deletion must not become one, whatever a caller without types has written.
    if (change.kind === "delete") return { ...change };
    const { kind } = change as { readonly kind: unknown };
    const message = `a change is of the kind "save" or "delete", not ${shown(kind)}`;
    throw new HarnessError("bad-argument", message);
  });
}

/** @throws HarnessError `bad-argument` when this is no page */
export function checkListing({ prefix = "", after = "", limit = 1 }: ListOptions): void {
  for (const text of [prefix, after]) {
    if (typeof text === "string" && !UNFIT.test(text)) continue;
    const message = `a listing begins with, and after, Unicode text without zero characters, not ${shown(text)}`;
    throw new HarnessError("bad-argument", message);
  }
  if (Number.isSafeInteger(limit) && limit > 0) return;
  throw new HarnessError("bad-argument", `a limit is an integer from 1 on, not ${shown(limit)}`);
}

/**
 * The order of keys: by code points, which is the order of their bytes in UTF-8 too. (UTF-16 units
 * put what lies beyond U+FFFF before U+E000.)
 */
export function compareKeys(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  for (let i = 0; i < end; i++) {
    const first = a.charCodeAt(i);
    const second = b.charCodeAt(i);
    if (first !== second) return rank(first) - rank(second);
  }
  return a.length - b.length;
}

/** Surrogates go behind all other units. */
function rank(unit: number): number {
  return unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

function copied(value: unknown, depth: number): Value {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (depth > MAX_DEPTH) {
    const message = `a state is nested ${MAX_DEPTH} deep at the most, and does not contain itself`;
    throw new HarnessError("bad-argument", message);
  }
  // Not `map`, which would pass over the holes of an array.
  if (Array.isArray(value)) return Array.from(value, (item) => copied(item, depth + 1));
  const prototype: unknown = typeof value === "object" ? Object.getPrototypeOf(value) : undefined;
  if (prototype === Object.prototype || prototype === null) {
    const copy: { [name: string]: Value } = {};
    for (const name of Object.keys(value as object)) {
      const item = copied((value as { readonly [name: string]: unknown })[name], depth + 1);
      // Set in the usual way, this one would be the prototype of the copy.
      if (name !== "__proto__") copy[name] = item;
      else Object.defineProperty(copy, name, { ...OWN, value: item });
    }
    return copy;
  }
  throw new HarnessError("bad-argument", `a state is plain JSON, and ${shown(value)} is not`);
}

const OWN = { configurable: true, enumerable: true, writable: true };

function shown(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
