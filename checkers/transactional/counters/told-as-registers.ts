/**
 * The history of registers that a bank is, once it is chosen what each read of an account is of. A
 * transfer that somebody read happened, also where its end is not known, and so it had read.
 */
import { historyOf, INVOKE, type History, type NewEvent } from "../../../src/history/history.js";
import type { Value } from "../../../src/history/value.js";
import type { BalanceRead } from "../../../src/verdict/counter-certificate.js";
import type { Balances } from "./balances.js";
import type { CounterHistory } from "./layout.js";
import { counterName } from "./names.js";

/** Whether somebody moves money from an account to itself, which programs do in several ways. */
export function movesInPlace({ transactions }: CounterHistory): boolean {
  return transactions.some(({ operation: { f }, deeds: [from, to] }) => {
    return f === "transfer" && from?.key === to?.key;
  });
}

/**
 * The history of registers that these reads make; undefined where one whose end is not known, whom
 * somebody read, would have to precede others of its process, as `keepsTime` has it. Such a one
 * completes when all is over, so that it precedes nobody.
 */
export function toldAsRegisters(
  { history, transactions, keys }: CounterHistory,
  balances: Balances,
  keepsTime: boolean,
): History | undefined {
  const reads = new Map<number, BalanceRead[]>();
  for (const read of balances) {
    const own = reads.get(read.reader);
    if (own === undefined) reads.set(read.reader, [read]);
    else own.push(read);
  }
  const seen = new Set(balances.map(({ of }) => of));
  const told = new Map(
    transactions.map(({ operation: { invocation, f }, deeds }) => {
      const micro = (reads.get(invocation) ?? []).map(({ key, of }): readonly Value[] => {
        return ["r", counterName(key), of === null ? null : leftBy(of)];
      });
      if (f === "transfer") {
        for (const { key } of deeds) {
          micro.push(["w", counterName(keys[key] as Value), leftBy(invocation)]);
        }
      }
      return [invocation, micro];
    }),
  );
  const late = transactions
    .map(({ operation }) => operation)
    .filter(({ outcome, invocation }) => outcome === "info" && seen.has(invocation));
  const isLate = new Set(late.map(({ invocation }) => invocation));
  const last = new Map<number, number>();
  for (let index = 0; index < history.length; index++) {
    if (history.types[index] === INVOKE) last.set(history.processes[index] as number, index);
  }
  const fresh = history.processes.reduce((most, each) => Math.max(most, each + 1), 0);
  const processOf = new Map<number, number>();
  for (const { invocation } of late) {
    const process = history.processes[invocation] as number;
    const isLast = last.get(process) === invocation;
    if (!isLast && keepsTime) return undefined;
    processOf.set(invocation, isLast ? process : fresh + processOf.size);
  }
  const events = Array.from({ length: history.length }, (_, index): NewEvent => {
    const event = history.event(index);
    const invocation = event.type === "invoke" ? index : (history.pairs[index] as number);
    const micro = told.get(invocation);
    if (micro === undefined) return { ...event, f: `left-out-${event.f}` };
    const process = processOf.get(invocation) ?? event.process;
    if (event.type !== "invoke" && isLate.has(invocation)) {
      const { timeNs } = event;
      return { type: "info", process: "nemesis", f: "left-out", value: null, timeNs };
    }
    return { type: event.type, process, f: "txn", value: micro, timeNs: event.timeNs };
  });
  const timeNs = history.timesNs[history.length - 1] ?? 0;
  for (const { invocation } of late) {
    const process = processOf.get(invocation) as number;
    events.push({ type: "ok", process, f: "txn", value: told.get(invocation) as Value, timeNs });
  }
  return historyOf(events);
}

function leftBy(transfer: number): Value {
  return `by ${transfer}`;
}
