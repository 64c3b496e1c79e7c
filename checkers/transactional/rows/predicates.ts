/**
 * Predicates over values, as micro-operations name them: `true` is true of every row, `["=", v]` of
 * those that are `v`, `["mod", n, r]` of integers that leave `r` when divided by `n`.
 */
import { HarnessError } from "../../../src/errors.js";
import { canonical, type Value } from "../../../src/history/value.js";

/** Whether a row with this value is meant. */
export type Predicate = (value: Value) => boolean;

/** The predicate of this name. @throws HarnessError `bad-argument` if there is none */
export function predicateNamed(name: Value): Predicate {
  if (name === true || name === "true") return () => true;
  if (Array.isArray(name)) {
    const [f, a = null, b = null] = name as readonly Value[];
    if (f === "=" && name.length === 2) return (value) => canonical(value) === canonical(a);
    if (f === "mod" && name.length === 3 && typeof a === "number" && a > 0) {
      return (value) => typeof value === "number" && ((value % a) + a) % a === b;
    }
  }
  throw new HarnessError(
    "bad-argument",
    `there is no predicate ${canonical(name)}; expected "true", ["=", value] or ["mod", divisor, remainder]`,
  );
}
