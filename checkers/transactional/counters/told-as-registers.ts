/**
 * The history of registers that a bank is, once it is chosen what each read of an account is of. A
 * transfer that somebody read happened, also where its end is not known, and so it had read.
 */
import { historyOf, INVOKE, type History, type NewEvent } from "../../../src/history/history.js";
import type { Value } from "../../../src/history/value.js";
import type { BalanceRead } from "../../../src/verdict/counter-certificate.js";
import type { Time } from "../cycles.js";
import type { Balances } from "./balances.js";
import type { CounterHistory } from "./layout.js";
import { counterName } from "./names.js";

/** Whether somebody moves money from an account to itself, which programs do in several ways. */
export function movesInPlace({ transactions }: CounterHistory): boolean {
  return transactions.some(({ operation: { f }, deeds: [from, to] }) => {
    return f === "transfer" && from?.key === to?.key;
  });
}

/** What a level asks. */
export interface ToldFor {
  readonly time: Time;
  /** Whether who precedes a transaction in its session only has to commit before it. */
  readonly isOrderOnly: boolean;
}

/**
 * The history of registers that these reads make. A transfer whose end is not known, and that
 * somebody read, completes when all is over, so that it precedes nobody. Where its process went on
 * it is one of a process of its own; what its session did before it is then shown by registers,
 * each written by one of these and read by it.
 */
export function toldAsRegisters(
  counters: CounterHistory,
  balances: Balances,
  about: ToldFor,
): History {
  const { history, transactions, keys } = counters;
  const seen = new Set(balances.map(({ of }) => of));
  const late = lateIn(counters, seen);
  const before: ReadonlyMap<number, readonly number[]> =
    about.time === "process" ? sessionsBefore(counters, late) : new Map();
  const marked = new Set([...before.values()].flat());
  const reads = new Map<number, BalanceRead[]>();
  for (const read of balances) {
    const own = reads.get(read.reader);
    if (own === undefined) reads.set(read.reader, [read]);
    else own.push(read);
  }
  const told = new Map(
    transactions.map(({ operation: { invocation, f }, deeds }) => {
      const own = (reads.get(invocation) ?? []).map(({ key, of }): readonly Value[] => {
        return ["r", counterName(key), of === null ? null : leftBy(of)];
      });
      const done = (before.get(invocation) ?? []).map((each): readonly Value[] => {
        return ["r", doneBy(each), leftBy(each)];
      });
      const micro = about.isOrderOnly ? [...own, ...done] : [...done, ...own];
      for (const { key } of f === "transfer" ? deeds : []) {
        micro.push(["w", counterName(keys[key] as Value), leftBy(invocation)]);
      }
      if (marked.has(invocation)) micro.push(["w", doneBy(invocation), leftBy(invocation)]);
      return [invocation, micro];
    }),
  );
  const events = Array.from({ length: history.length }, (_, index): NewEvent => {
    const event = history.event(index);
    const invocation = event.type === "invoke" ? index : (history.pairs[index] as number);
    const micro = told.get(invocation);
    if (micro === undefined) return { ...event, f: `left-out-${event.f}` };
    const process = late.get(invocation) ?? event.process;
    if (event.type !== "invoke" && late.has(invocation)) {
      const { timeNs } = event;
      return { type: "info", process: "nemesis", f: "left-out", value: null, timeNs };
    }
    return { type: event.type, process, f: "txn", value: micro, timeNs: event.timeNs };
  });
  const timeNs = history.timesNs[history.length - 1] ?? 0;
  for (const [invocation, process] of late) {
    events.push({ type: "ok", process, f: "txn", value: told.get(invocation) as Value, timeNs });
  }
  return historyOf(events);
}

/** Those that somebody read whose end is not known, with the process of each. */
function lateIn(
  { history, transactions }: CounterHistory,
  seen: ReadonlySet<number | null>,
): ReadonlyMap<number, number> {
  const last = new Map<number, number>();
  for (let index = 0; index < history.length; index++) {
    if (history.types[index] === INVOKE) last.set(history.processes[index] as number, index);
  }
  let fresh = history.processes.reduce((most, each) => Math.max(most, each + 1), 0);
  const late = new Map<number, number>();
  for (const { operation } of transactions) {
    const { invocation, outcome } = operation;
    if (outcome !== "info" || !seen.has(invocation)) continue;
    const process = history.processes[invocation] as number;
    late.set(invocation, last.get(process) === invocation ? process : fresh++);
  }
  return late;
}

/** Those that have a process of their own now → who precedes each in its session. */
function sessionsBefore(
  { history, transactions }: CounterHistory,
  late: ReadonlyMap<number, number>,
): ReadonlyMap<number, readonly number[]> {
  const before = new Map<number, readonly number[]>();
  for (const [invocation, process] of late) {
    const own = history.processes[invocation] as number;
    if (process === own) continue;
    const those = transactions.flatMap(({ operation: { invocation: at, outcome } }) =>
      outcome === "ok" && at < invocation && history.processes[at] === own ? [at] : [],
    );
    before.set(invocation, those);
  }
  return before;
}

/** A register that is no account: those are texts. */
function doneBy(transaction: number): Value {
  return ["done by", transaction];
}

function leftBy(transfer: number): Value {
  return `by ${transfer}`;
}
