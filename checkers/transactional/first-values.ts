/** The operation that says what was there before all transactions. */
import { HarnessError } from "../../src/errors.js";
import type { Operation } from "../../src/history/operation.js";
import { canonical, type Value } from "../../src/history/value.js";

/**
 * The `init` among operations, if there is one.
 * @throws HarnessError `bad-argument` unless it is the only one, and ok before the first
 */
export function initOf(
  operations: readonly Operation[],
  first: Operation | undefined,
): Operation | undefined {
  const [init, another] = operations.filter(({ f }) => f === "init");
  if (init === undefined) return undefined;
  const isFirst =
    init.outcome === "ok" &&
    another === undefined &&
    (init.completion as number) < (first?.invocation ?? Infinity);
  if (isFirst) return init;
  throw new HarnessError(
    "bad-argument",
    `operation ${init.invocation} (init) says what is there before all transactions: expected one, ok before the first begins`,
    { event: init.invocation },
  );
}

/**
 * Key → what an `init` says was there; without what was not.
 * @throws HarnessError `bad-argument` unless it says so with an object
 */
export function madeBy({ input, output = null }: Operation): readonly (readonly [string, Value])[] {
  const made = { ...asRows(input), ...asRows(output) };
  return Object.entries(made).filter(([, value]) => value !== null);
}

/** Rows as an object from key to value. @throws HarnessError `bad-argument` for anything else */
export function asRows(value: Value): { readonly [key: string]: Value } {
  if (value === null) return {};
  if (typeof value === "object" && !Array.isArray(value)) {
    return value as { readonly [key: string]: Value };
  }
  throw new HarnessError(
    "bad-argument",
    `${canonical(value).slice(0, 60)} are no rows; expected an object from key to value`,
  );
}

/** A key as text: what was a number is a text where it names a field of an object. */
export function nameOfKey(key: Value): string {
  return typeof key === "string" ? key : canonical(key);
}
