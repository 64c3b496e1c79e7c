/**
 * What may be saved under which key. The bounds are those that every kind of store can keep: a
 * PostgreSQL text has no zero character, and no encoding has half a surrogate pair.
 */
import { HarnessError } from "../errors.js";
import type { Value } from "../history/value.js";
import type { ChangeOptions, ListOptions, StateChange } from "./persistence.js";

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
        : // oxlint-disable-next-line no-control-regex -- the zero character is what it is about
          /\u0000|\p{Surrogate}/u.test(key)
          ? "Unicode text without zero characters"
          : key.startsWith(RESERVED_PREFIX)
            ? `without the prefix ${RESERVED_PREFIX}, which is the store's own`
            : undefined;
  if (problem === undefined) return;
  throw new HarnessError("bad-argument", `the key of a state is ${problem}, not ${shown(key)}`);
}

/** The JSON text of a value. @throws HarnessError `bad-argument` when it is no plain JSON */
export function textOf(value: Value): string {
  checkPlain(value);
  return JSON.stringify(value);
}

/** @throws HarnessError `bad-argument` when this is no condition */
export function checkExpected({ expected }: ChangeOptions): void {
  if (expected === undefined || (Number.isSafeInteger(expected) && expected >= 0)) return;
  throw new HarnessError(
    "bad-argument",
    `an expected version is an integer from 0 on, not ${shown(expected)}`,
  );
}

/** @throws HarnessError `bad-argument` when these are no changes, or two are of one key */
export function checkBatch(changes: readonly StateChange[]): void {
  const keys = new Set<string>();
  for (const change of changes) {
    checkKey(change.key);
    checkExpected(change);
    if (change.kind === "save") checkPlain(change.value);
    if (keys.has(change.key)) {
      const message = `a batch changes a key once, and this one twice: ${shown(change.key)}`;
      throw new HarnessError("bad-argument", message);
    }
    keys.add(change.key);
  }
}

/** @throws HarnessError `bad-argument` when this is no page */
export function checkListing({ limit }: ListOptions): void {
  if (limit === undefined || (Number.isSafeInteger(limit) && limit > 0)) return;
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

function checkPlain(value: unknown): void {
  if (value === null || typeof value === "string" || typeof value === "boolean") return;
  if (typeof value === "number" && Number.isFinite(value)) return;
  if (Array.isArray(value)) {
    for (const item of value) checkPlain(item);
    return;
  }
  const prototype: unknown = typeof value === "object" ? Object.getPrototypeOf(value) : undefined;
  if (prototype === Object.prototype || prototype === null) {
    for (const item of Object.values(value as object)) checkPlain(item);
    return;
  }
  throw new HarnessError("bad-argument", `a state is plain JSON, and ${shown(value)} is not`);
}

function shown(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
