/**
 * Transactions on counters as the verifier sees them: increments and totals, of transactions or of
 * a bank. Nothing here is shared with the checker.
 */
import type { History } from "../history/history.js";
import type { Operation } from "../history/operation.js";
import { canonical, type Value } from "../history/value.js";
import { claim } from "./claims.js";

/** One step of a transaction: it adds to a counter, or reads its total. */
export interface CounterStep {
  readonly f: "add" | "read";
  readonly at: number;
  readonly key: string;
  readonly amount: number;
}

/** One transaction; only of one that is ok the reads are known. */
export interface CountingTransaction {
  readonly operation: Operation;
  readonly steps: readonly CounterStep[];
}

/** All of them, and what counters held at first: nothing is said of those that are not known. */
export interface CountingHistory {
  readonly isBank: boolean;
  readonly transactions: readonly CountingTransaction[];
  initialOf(key: string): number | undefined;
}

const SIGNS: ReadonlyMap<Value | undefined, number> = new Map<Value | undefined, number>([
  ["inc", 1],
  ["increment", 1],
  ["add", 1],
  ["dec", -1],
  ["decrement", -1],
]);

/** Reads a history of counters; undefined when it is none. */
export function countingHistory(history: History): CountingHistory | undefined {
  const operations = Array.from(history.invocations(), (at) => history.operation(at));
  const transactions = operations.filter(({ f }) => f === "txn");
  const isBank = transactions.length === 0 && isOfBank(operations);
  if (!isBank && !isOfCounters(transactions)) return undefined;
  const init = operations.find(({ f }) => f === "init");
  const ours = isBank
    ? operations.filter(({ f }) => f === "transfer" || f === "read")
    : transactions;
  claim(
    init === undefined ||
      (init.outcome === "ok" &&
        ours.every(({ invocation }) => invocation > (init.completion as number))),
    () => "What there was at first was not made before all transactions.",
  );
  const initial = new Map(
    [init?.input ?? null, init?.output ?? null]
      .flatMap(entriesOf)
      .map(([key, total]) => [nameOf(key), numberOf(total)] as const),
  );
  return {
    isBank,
    transactions: ours.map((operation) => ({
      operation,
      steps: isBank ? stepsOfBank(operation) : stepsOf(operation),
    })),
    initialOf: (key) => initial.get(key) ?? (isBank ? undefined : 0),
  };
}

/** A counter's key as text. */
export function nameOf(key: Value): string {
  return typeof key === "string" ? key : canonical(key);
}

function microOf({ outcome, output, input }: Operation): readonly (readonly Value[])[] {
  const list = outcome === "ok" ? (output ?? null) : input;
  return Array.isArray(list) ? list.filter((each: Value) => Array.isArray(each)) : [];
}

function isOfCounters(transactions: readonly Operation[]): boolean {
  // Invocations may say nothing.
  const all = transactions.flatMap(({ input, output = null }) => [input, output]);
  const asked = all.flatMap((list) => (Array.isArray(list) ? (list as readonly Value[]) : []));
  const micro = asked.filter((each): each is readonly Value[] => Array.isArray(each));
  if (micro.some(([f]) => f !== "add" && SIGNS.has(f))) return true;
  const added = new Set(micro.filter(([f]) => f === "add").map(([, key]) => nameOf(key as Value)));
  return transactions.flatMap(microOf).some(([f, key, value]) => {
    const isRead = f === "r" || f === "read";
    return isRead && typeof value === "number" && added.has(nameOf(key as Value));
  });
}

function isOfBank(operations: readonly Operation[]): boolean {
  const transfer = operations.find(({ f }) => f === "transfer");
  const asked = transfer?.input ?? null;
  return typeof asked === "object" && asked !== null && !Array.isArray(asked);
}

function stepsOf(operation: Operation): readonly CounterStep[] {
  return microOf(operation).flatMap(([f, name, value = null], at): readonly CounterStep[] => {
    const key = nameOf(name as Value);
    if (f === "r" || f === "read") {
      if (operation.outcome !== "ok") return [];
      return [{ f: "read", at, key, amount: numberOf(value ?? 0) }];
    }
    const sign = SIGNS.get(f);
    claim(sign !== undefined, () => `Counters have no ${canonical(f as Value)}.`);
    return [{ f: "add", at, key, amount: sign * numberOf(value ?? 1) }];
  });
}

function stepsOfBank({ f, key: bank, input, output, outcome }: Operation): readonly CounterStep[] {
  const accountOf = (account: Value): string =>
    nameOf((bank ?? null) === null ? account : [bank as Value, account]);
  if (f === "read") {
    if (outcome !== "ok") return [];
    return entriesOf(output ?? null).flatMap(([key, balance], at): CounterStep[] =>
      balance === null ? [] : [{ f: "read", at, key: accountOf(key), amount: numberOf(balance) }],
    );
  }
  const { from, to, amount } = input as { readonly [name: string]: Value };
  const moved = numberOf(amount ?? null);
  return [
    { f: "add", at: 0, key: accountOf(from as Value), amount: -moved },
    { f: "add", at: 1, key: accountOf(to as Value), amount: moved },
  ];
}

function entriesOf(value: Value): readonly (readonly [Value, Value])[] {
  if (value === null) return [];
  if (Array.isArray(value)) return value;
  return Object.entries(value as { readonly [key: string]: Value });
}

function numberOf(value: Value): number {
  claim(Number.isSafeInteger(value), () => `${canonical(value)} is no number of a counter.`);
  return value as number;
}

/** What a transaction adds to a counter in all; undefined when it does not add to it. */
export function sumOf({ steps }: CountingTransaction, key: string): number | undefined {
  const adds = steps.filter((step) => step.f === "add" && step.key === key);
  return adds.length === 0 ? undefined : adds.reduce((sum, { amount }) => sum + amount, 0);
}

/** What it had added to a counter before a step, after each increment. */
export function ownBefore(
  { steps }: CountingTransaction,
  { key, at }: { readonly key: string; readonly at: number },
): readonly number[] {
  let sum = 0;
  return steps
    .filter((step) => step.f === "add" && step.key === key && step.at < at)
    .map(({ amount }) => (sum += amount));
}

/** Every transaction that adds to a counter and did not fail. */
export function writersOf(
  { transactions }: CountingHistory,
  key: string,
): readonly CountingTransaction[] {
  return transactions.filter(
    (each) => each.operation.outcome !== "fail" && sumOf(each, key) !== undefined,
  );
}
