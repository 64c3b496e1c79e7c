/**
 * A history of transactions as the verifier sees it: the operations of the function `txn`, each a
 * list of micro-operations `[f, key, value]`. One that completed `ok` did what its completion says;
 * of any other only the invocation is known.
 */
import type { History } from "../history/history.js";
import type { Operation } from "../history/operation.js";
import { canonical, type Value } from "../history/value.js";
import { claim, operationAt } from "./claims.js";

/** One micro-operation; `key` is the text of its key. */
export interface Micro {
  readonly f: "append" | "w" | "r";
  readonly key: string;
  /** What was written or read; undefined for a read that is not known. */
  readonly value: Value | undefined;
}

/** One transaction. */
export interface Transaction {
  readonly operation: Operation;
  readonly micro: readonly Micro[];
}

/** The transaction invoked at this index, which comes from a file and may be anything. */
export function transactionAt(history: History, invocation: number): Transaction {
  const operation = operationAt(history, invocation);
  claim(operation.f === "txn", () => `Operation ${invocation} is no transaction.`);
  return transactionOf(operation);
}

/** All transactions, in the order of their invocations. */
export function transactionsOf(history: History): readonly Transaction[] {
  return Array.from(history.invocations(), (at) => history.operation(at))
    .filter(({ f }) => f === "txn")
    .map((operation) => transactionOf(operation));
}

function transactionOf(operation: Operation): Transaction {
  const { outcome, output, input, invocation } = operation;
  const known = outcome === "ok" ? output : input;
  claim(Array.isArray(known), () => `Operation ${invocation} has no micro-operations.`);
  const micro = (known as readonly Value[]).map((each): Micro => {
    claim(
      Array.isArray(each) && each.length >= 2,
      () => `Operation ${invocation} has a malformed micro-operation.`,
    );
    const [f, key, value = null] = each as readonly Value[];
    const name = NAMES.get(f as Value);
    claim(name !== undefined, () => `Operation ${invocation} does ${canonical(f as Value)}.`);
    const isUnknown = name === "r" && outcome !== "ok";
    return { f: name, key: canonical(key as Value), value: isUnknown ? undefined : value };
  });
  return { operation, micro };
}

const NAMES: ReadonlyMap<Value, Micro["f"]> = new Map<Value, Micro["f"]>([
  ["append", "append"],
  ["w", "w"],
  ["write", "w"],
  ["r", "r"],
  ["read", "r"],
]);

/** The elements of a list that was read, as texts; null is the empty list. */
export function elementsOf({ value }: Micro): readonly string[] {
  return Array.isArray(value) ? value.map((each: Value) => canonical(each)) : [];
}

/** Whether one transaction of a process completed before the other was invoked. */
export function precedesInTime(first: Operation, second: Operation): boolean {
  return first.outcome === "ok" && (first.completion as number) < second.invocation;
}
