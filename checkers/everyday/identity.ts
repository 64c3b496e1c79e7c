/** Names for values under which equal values, and no others, meet in a map. */
import { canonical, type Value } from "../../src/history/value.js";

/**
 * Scalars are their own name; a composite has its JSON text behind a mark, and texts that begin
 * with the mark get another, so that nothing else is called the same.
 */
export function identityOf(value: Value): Value {
  if (typeof value === "object" && value !== null) return `#${canonical(value)}`;
  return typeof value === "string" && value.startsWith("#") ? `##${value}` : value;
}
