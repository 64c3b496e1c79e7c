/**
 * Which operations a sub-history cannot do without, because others saw what they did.
 *
 * A read whose write is left out is wrong by itself, and would be all that is left of any history.
 * So an operation that returned a value keeps at least one of those that brought the value in; and
 * where values cannot be told from one another (counters, balances), every operation on a key that
 * may have changed it.
 */
import type { History } from "../history/history.js";
import type { Operation } from "../history/operation.js";
import { canonical, type Value } from "../history/value.js";

/** How it is known who saw whom: by the values, or not at all. */
export type Seeing = "by-value" | "by-key";

/** Adds to a set of operations (their invocations) what they cannot do without; ascending. */
export type Closure = (chosen: readonly number[]) => readonly number[];

/** The closure for the operations of a history. */
export function closureOf(history: History, seeing: Seeing): Closure {
  const operations = new Map(
    Array.from(history.invocations(), (index) => [index, history.operation(index)] as const),
  );
  const needed = seeing === "by-value" ? bySources(operations) : byKeys(operations);
  return (chosen) => {
    const kept = new Set(chosen);
    const open = [...chosen];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const other of needed(at, kept)) {
        if (kept.has(other)) continue;
        kept.add(other);
        open.push(other);
      }
    }
    return [...kept].toSorted((a, b) => a - b);
  };
}

type Operations = ReadonlyMap<number, Operation>;
/** What an operation needs beside those that are kept already. */
type Needs = (at: number, kept: ReadonlySet<number>) => Iterable<number>;

function bySources(operations: Operations): Needs {
  const sources = new Map<string, number[]>();
  for (const [at, { input, key, f }] of operations) {
    for (const name of scalarsOf(input, f, key)) {
      const known = sources.get(name);
      if (known === undefined) sources.set(name, [at]);
      else known.push(at);
    }
  }
  return function* (at, kept) {
    const { output, key, f, outcome } = operations.get(at) as Operation;
    if (outcome !== "ok" || output === undefined) return;
    for (const name of scalarsOf(output, f, key)) {
      const found = sources.get(name) ?? [];
      if (found.includes(at) || found.some((source) => kept.has(source))) continue;
      if (found[0] !== undefined) yield found[0];
    }
  };
}

function byKeys(operations: Operations): Needs {
  const changes = new Map<string, number[]>();
  for (const [at, { input, key, outcome }] of operations) {
    if (input === null || outcome === "fail") continue;
    const name = canonical(key ?? null);
    const known = changes.get(name);
    if (known === undefined) changes.set(name, [at]);
    else known.push(at);
  }
  return (at) => changes.get(canonical((operations.get(at) as Operation).key ?? null)) ?? [];
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
