/**
 * Banks at levels at which money may get lost, as histories of registers: a transfer reads two
 * balances and writes what they then are, and it is said of each read whose balance it was. What
 * shows a level of such registers shows it of the bank; what contradicts it for every choice
 * contradicts it.
 *
 * Of transfers is asked what they read only where somebody read what they left. The others may have
 * read the last of what they see, which adds nothing: nobody depends on them by it.
 */
import { implies, LEVELS } from "../consistency/lattice.js";
import type { BaseIsolation, TransactionalLevel } from "../consistency/level.js";
import { historyOf, type History, type NewEvent } from "../history/history.js";
import type { Value } from "../history/value.js";
import { claim } from "./claims.js";
import type { BalanceRead } from "./counter-certificate.js";
import {
  countingHistory,
  nameOf,
  type CountingHistory,
  type CountingTransaction,
} from "./counters.js";
import { takenApart } from "./taken-apart.js";

/** More are not looked at. */
const CASES_MAX = 1024;
const STEPS_MAX = 2_000_000;

/** Levels that ask in which order one transaction reads, which a bank does not tell. */
const BY_ORDER: ReadonlySet<BaseIsolation> = new Set<BaseIsolation>([
  "monotonic-snapshot-read",
  "monotonic-view",
  "monotonic-atomic-view",
]);

/** The bank of a level that does not keep others from coming in between. @throws ClaimRefused */
function bankOf(history: History, level: TransactionalLevel): CountingHistory {
  const isBelow = implies(level, "read-committed") && !implies(level, "cursor-stability");
  claim(isBelow, () => `At ${level} accounts are no registers.`);
  const bank = countingHistory(history);
  claim(bank?.isBank === true, () => "There is no bank.");
  for (const { operation, steps } of bank.transactions) {
    const [from, to] = steps;
    const isOfTwo = operation.f !== "transfer" || from?.key !== to?.key;
    claim(isOfTwo, () => `The transfer ${operation.invocation} is of one account.`);
  }
  return bank;
}

function keepsTime(level: TransactionalLevel): boolean {
  return (
    takenApart(LEVELS.find(({ name }) => name === level) ?? { name: level }).keeps !== undefined
  );
}

/** The history of registers. @throws ClaimRefused when what was read is not what was left */
export function withBalances(
  history: History,
  balances: readonly BalanceRead[],
  level: TransactionalLevel,
): History {
  const bank = bankOf(history, level);
  confirmSums(bank, balances);
  const seen = new Set(balances.map(({ of }) => of));
  const told = new Map<number, Value>();
  const late = new Map<number, number>();
  const processes = [...history.processes];
  for (const { operation, steps } of bank.transactions) {
    const { invocation, outcome, f } = operation;
    const reads = balances
      .filter(({ reader }) => reader === invocation)
      .map(({ key, of }): Value => ["r", nameOf(key), of === null ? null : leftBy(of)]);
    const writes = steps
      .filter((step) => step.f === "add")
      .map(({ key }): Value => ["w", key, leftBy(invocation)]);
    told.set(invocation, [...reads, ...writes]);
    if (f !== "transfer" || outcome !== "info" || !seen.has(invocation)) continue;
    // It happened, and precedes nobody in time: it completes when all is over.
    const process = processes[invocation] as number;
    const goesOn = history
      .invocations()
      .some((other) => history.processes[other] === process && other > invocation);
    claim(
      !goesOn || !keepsTime(level),
      () => `Whether ${invocation} precedes others is not known.`,
    );
    late.set(invocation, process);
  }
  let fresh = Math.max(...processes) + 1;
  for (const invocation of late.keys())
    late.set(invocation, keepsTime(level) ? (late.get(invocation) as number) : fresh++);
  const events = Array.from({ length: history.length }, (_, index): NewEvent => {
    const event = history.event(index);
    const invocation = event.type === "invoke" ? index : (history.pairs[index] as number);
    const value = told.get(invocation);
    if (value === undefined) return { ...event, f: `not-of-banks:${event.f}` };
    const { type, timeNs } = event;
    const process = late.get(invocation) ?? event.process;
    if (late.has(invocation) && type !== "invoke") {
      return { type: "info", process: "nemesis", f: "not-of-banks", value: null, timeNs };
    }
    return { type, process, f: "txn", value, timeNs };
  });
  const timeNs = events.at(-1)?.timeNs ?? 0;
  for (const [invocation, process] of late) {
    events.push({ type: "ok", process, f: "txn", value: told.get(invocation) as Value, timeNs });
  }
  return historyOf(events);
}

/** Each balance that was read is what was moved by whom it is of, and by whom that one had read. */
function confirmSums(bank: CountingHistory, balances: readonly BalanceRead[]): void {
  const sources = new Map<string, number | null>();
  for (const { reader, key, of } of balances) {
    const text = `${reader} ${nameOf(key)}`;
    claim(!sources.has(text), () => `${reader} reads an account twice.`);
    sources.set(text, of);
  }
  const moved = new Map<string, number>();
  for (const { operation, steps } of bank.transactions) {
    if (operation.outcome === "fail") continue;
    for (const { f, key, amount } of steps) {
      if (f === "add") moved.set(`${operation.invocation} ${key}`, amount);
    }
  }
  const bases = new Map<string, number>();
  const asked = new Set<string>();
  for (const { operation, steps } of bank.transactions) {
    for (const { f, key, amount } of steps) {
      if (f !== "read") continue;
      const about = (): string => `What ${operation.invocation} read of ${key} is not made so.`;
      let text = `${operation.invocation} ${key}`;
      let sum = 0;
      const passed = new Set([text]);
      for (;;) {
        asked.add(text);
        const of = sources.get(text);
        claim(of !== undefined, about);
        if (of === null) break;
        text = `${of} ${key}`;
        const step = moved.get(text);
        claim(step !== undefined && !passed.has(text), about);
        passed.add(text);
        sum += step;
      }
      const base = bases.get(key) ?? bank.initialOf(key) ?? amount - sum;
      bases.set(key, base);
      claim(base + sum === amount, about);
    }
  }
  claim(asked.size === sources.size, () => "It is said what one read whom nobody read.");
}

/** Every choice of whose balances were read, by its text. @throws ClaimRefused */
export function everyBalance(history: History, level: TransactionalLevel): ReadonlySet<string> {
  const bank = bankOf(history, level);
  const keys = new Set(bank.transactions.flatMap(({ steps }) => steps.map(({ key }) => key)));
  let all: readonly (readonly BalanceRead[])[] = [[]];
  for (const key of keys) {
    const own = ofAccount(bank, key);
    claim(all.length * own.length <= CASES_MAX, () => "There are too many choices.");
    all = all.flatMap((chosen) => own.map((more) => chosen.concat(more)));
  }
  return new Set(
    all.flatMap((chosen) => ordersOf(chosen, level)).map((each) => textOf(each, level)),
  );
}

/** What reads of one account, and of whom they are, may have been of. */
function ofAccount(bank: CountingHistory, key: string): readonly (readonly BalanceRead[])[] {
  const isOf = (f: string) => (step: { readonly f: string; readonly key: string }) =>
    step.f === f && step.key === key;
  const readers = bank.transactions.filter(({ steps }) => steps.some(isOf("read")));
  const movers = new Map<number, number>();
  for (const { operation, steps } of bank.transactions) {
    const step = steps.find(isOf("add"));
    if (step !== undefined && operation.outcome !== "fail") {
      movers.set(operation.invocation, step.amount);
    }
  }
  const found: (readonly BalanceRead[])[] = [];
  let left = STEPS_MAX;
  const go = (sources: ReadonlyMap<number, number | null>, open: readonly number[]): void => {
    claim(left-- > 0, () => "There are too many choices.");
    const [reader, ...others] = open;
    if (reader === undefined) {
      if (!isMade(sources, readers)) return;
      found.push([...sources].map(([each, of]) => ({ reader: each, key, of })));
      claim(found.length <= CASES_MAX, () => "There are too many choices.");
      return;
    }
    for (const of of [null, ...movers.keys()]) {
      const isNew = of !== null && !sources.has(of) && !others.includes(of) && of !== reader;
      go(new Map([...sources, [reader, of]]), isNew ? [...others, of] : others);
    }
  };
  go(
    new Map(),
    readers.map(({ operation }) => operation.invocation),
  );
  return found;

  /** Whether what was moved adds up to what was read. */
  function isMade(
    sources: ReadonlyMap<number, number | null>,
    those: readonly CountingTransaction[],
  ): boolean {
    let base = bank.initialOf(key);
    return those.every(({ operation, steps }) => {
      const amounts = steps.filter(isOf("read")).map(({ amount }) => amount);
      let sum = 0;
      let length = 0;
      for (
        let of = sources.get(operation.invocation);
        of !== null;
        of = sources.get(of as number)
      ) {
        if (length++ > movers.size) return false;
        sum += movers.get(of as number) as number;
      }
      base ??= (amounts[0] as number) - sum;
      return amounts.every((amount) => amount === (base as number) + sum);
    });
  }
}

/** The same in each order in which transactions may read, where the level asks for that. */
function ordersOf(
  balances: readonly BalanceRead[],
  level: TransactionalLevel,
): readonly (readonly BalanceRead[])[] {
  if (!asksForOrder(level)) return [balances];
  let all: readonly (readonly BalanceRead[])[] = [[]];
  for (const of of new Set(balances.map(({ reader }) => reader))) {
    const orders = arranged(balances.filter(({ reader }) => reader === of));
    claim(all.length * orders.length <= CASES_MAX, () => "There are too many choices.");
    all = all.flatMap((chosen) => orders.map((order) => chosen.concat(order)));
  }
  return all;
}

function arranged(reads: readonly BalanceRead[]): readonly (readonly BalanceRead[])[] {
  if (reads.length < 2) return [reads];
  return reads.flatMap((read) =>
    arranged(reads.filter((other) => other !== read)).map((rest) => [read].concat(rest)),
  );
}

function asksForOrder(level: TransactionalLevel): boolean {
  const { base } = takenApart(LEVELS.find(({ name }) => name === level) ?? { name: level });
  return BY_ORDER.has(base);
}

/** The same for each order in which transactions are named; reads too, where that is no matter. */
export function textOf(balances: readonly BalanceRead[], level: TransactionalLevel): string {
  const byReader = new Map<number, string[]>();
  for (const { reader, key, of } of balances) {
    byReader.set(reader, [...(byReader.get(reader) ?? []), `${nameOf(key)} of ${of}`]);
  }
  const isOrdered = asksForOrder(level);
  return [...byReader]
    .map(([reader, reads]) => `${reader}: ${(isOrdered ? reads : reads.toSorted()).join(", ")}`)
    .toSorted()
    .join("; ");
}

function leftBy(transfer: number): Value {
  return `by ${transfer}`;
}
