/**
 * Which histories are of counters: what they do, without taking them apart.
 */
import { HarnessError } from "../../../src/errors.js";
import { NEMESIS, type History } from "../../../src/history/history.js";
import { canonical, type Value } from "../../../src/history/value.js";
import { hasMicroNamed } from "../micro-names.js";

/** What adds to a counter, and with which sign. */
export const ADDING: ReadonlyMap<Value, 1 | -1> = new Map<Value, 1 | -1>([
  ["inc", 1],
  ["increment", 1],
  ["dec", -1],
  ["decrement", -1],
  ["add", 1],
]);

/** A counter's key as text: what was a number is a text where it names a field of an object. */
export function counterName(key: Value): string {
  return typeof key === "string" ? key : canonical(key);
}

/** A history of transactions on counters, of a bank, or neither. */
export type CounterKind = "counters" | "bank" | undefined;

/**
 * Looks what a history is. `add` is of counters when a key that is added to is read as a number; of
 * a set it would be read as a list.
 * @throws HarnessError `bad-argument` where transfers of a bank stand beside transactions
 */
export function counterKindOf(history: History): CounterKind {
  const { functionNames } = history;
  const isBank = functionNames.includes("transfer") && firstTransfer(history) !== undefined;
  if (!functionNames.includes("txn")) return isBank ? "bank" : undefined;
  if (isBank) refuseBoth(history);
  return isOfCounters(history) ? "counters" : undefined;
}

/** A bank is judged by itself, so that transactions beside it would be left out, or it would. */
function refuseBoth(history: History): void {
  const { functionNames, functions } = history;
  const [txn, transfer] = [functionNames.indexOf("txn"), functionNames.indexOf("transfer")];
  const count = (of: number): number =>
    history.invocations().reduce((sum, at) => sum + (functions[at] === of ? 1 : 0), 0);
  const [transactions, transfers] = [count(txn), count(transfer)];
  if (transactions === 0) return;
  const isOdd = transactions <= transfers;
  const event = isOdd
    ? (history.invocations().find((at) => functions[at] === txn) as number)
    : (firstTransfer(history) as number);
  const message = isOdd
    ? `operation ${event} is a transaction (txn) beside a bank (${transfers} of transfer), which is judged by itself: put it into a history of its own, or write all of them as transactions`
    : `operation ${event} is a transfer of a bank beside ${transactions} transactions (txn), and a bank is judged by itself: write it as a transaction, or put it into a history of its own`;
  const example = '[["inc", "a", -5], ["inc", "b", 5]] for a transfer, [["r", "a", 95]] for a read';
  throw new HarnessError("bad-argument", `${message}: ${example}`, { event });
}

function isOfCounters(history: History): boolean {
  let adds = false;
  const increments = hasMicroNamed(history, (name) => {
    adds ||= name === "add";
    return name !== "add" && ADDING.has(name);
  });
  return increments || (adds && addsNumbers(history));
}

/** Whether a key to which somebody adds is read as a number. */
function addsNumbers({ pool }: History): boolean {
  const keys = new Set<string>();
  const micros = pool.filter((value): value is readonly Value[] => Array.isArray(value));
  for (const [f, key] of micros) if (f === "add" && key !== undefined) keys.add(counterName(key));
  return micros.some(
    ([f, key, value]) =>
      (f === "r" || f === "read") &&
      typeof value === "number" &&
      keys.has(counterName(key as Value)),
  );
}

/** The invocation of the first transfer, where that moves something as those of banks do. */
function firstTransfer(history: History): number | undefined {
  const { length, types, functions, functionNames, processes, values, valueAt } = history;
  const transfer = functionNames.indexOf("transfer");
  for (let event = 0; event < length; event++) {
    if (functions[event] !== transfer || types[event] !== 0) continue;
    if (processes[event] === NEMESIS) continue;
    const value = valueAt(values[event] as number);
    const isOfBank = typeof value === "object" && value !== null && !Array.isArray(value);
    return isOfBank ? event : undefined;
  }
  return undefined;
}
