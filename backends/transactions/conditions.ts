/**
 * Which rows a read by predicate means, as micro-operations say it: `"true"` means all, `["=", 3]`
 * those with this value, `["mod", 2, 0]` the even ones.
 */
import { sameValue, type Value } from "../../src/history/value.js";
import { Abort } from "./transaction.js";

/** What rows are asked for. */
export type Condition =
  | { readonly is: "true" }
  | { readonly is: "="; readonly value: Value }
  | { readonly is: "mod"; readonly divisor: number; readonly remainder: number };

/** Reads a condition. @throws Abort */
export function conditionOf(name: Value): Condition {
  if (name === "true" || name === true) return { is: "true" };
  const [is, first = null, second = null] = (Array.isArray(name) ? name : []) as readonly Value[];
  if (is === "=") return { is, value: first };
  if (is === "mod" && typeof first === "number" && first > 0 && typeof second === "number") {
    return { is, divisor: first, remainder: second };
  }
  throw new Abort("unsupported", `there is no predicate ${JSON.stringify(name)}`);
}

/** Whether a row with this value is meant. */
export function isMeant(condition: Condition, value: Value): boolean {
  if (condition.is === "true") return true;
  if (condition.is === "=") return sameValue(condition.value, value);
  const { divisor, remainder } = condition;
  return (
    Number.isInteger(value) && (((value as number) % divisor) + divisor) % divisor === remainder
  );
}
