/**
 * Transactions, and operations of which nothing is known but the values in them: what returned a
 * value keeps everyone who brought that value in.
 */
import type { Operation } from "../../history/operation.js";
import { canonical, type Value } from "../../history/value.js";
import type { Needs, Operations } from "./part.js";

/** For transactions; O(values) for each operation. */
export function transactionNeeds(operations: Operations): Needs {
  const sources = new Map<string, number[]>();
  for (const [at, { input, key, f }] of operations) {
    for (const name of scalarsOf(input, f, key)) {
      const known = sources.get(name);
      if (known === undefined) sources.set(name, [at]);
      else if (known.at(-1) !== at) known.push(at);
    }
  }
  return () =>
    function* (at) {
      const { output, key, f, outcome } = operations.get(at) as Operation;
      if (outcome !== "ok" || output === undefined) return;
      for (const name of scalarsOf(output, f, key)) yield* sources.get(name) ?? [];
    };
}

/** The numbers and texts in a value, each with the key that it belongs to. */
function* scalarsOf(value: Value, f: string, key: Value | undefined): Iterable<string> {
  if (f === "txn" && Array.isArray(value)) {
    for (const part of value as readonly Value[]) {
      if (!Array.isArray(part)) continue;
      const [, of, result = null] = part as readonly Value[];
      yield* scalarsOf(result, "", of);
    }
    return;
  }
  if (Array.isArray(value)) {
    for (const item of value as readonly Value[]) yield* scalarsOf(item, "", key);
  } else if (value !== null && typeof value === "object") {
    for (const item of Object.values(value)) yield* scalarsOf(item, "", key);
  } else if (typeof value === "number" || typeof value === "string") {
    yield `${canonical(key ?? null)} ${canonical(value)}`;
  }
}
