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

/** The history of registers. @throws ClaimRefused when what was read is not what was left */
export function withBalances(
  history: History,
  balances: readonly BalanceRead[],
  level: TransactionalLevel,
): History {
  const bank = bankOf(history, level);
  confirmSums(bank, balances);
  const { base, keeps } = takenApart(LEVELS.find(({ name }) => name === level) ?? { name: level });
  const late = lateOf(bank, balances, history);
  const told = new Map<number, Value[]>();
  const byReader = new Map<number, BalanceRead[]>();
  for (const read of balances) {
    const own = byReader.get(read.reader);
    if (own === undefined) byReader.set(read.reader, [read]);
    else own.push(read);
  }
  for (const { operation, steps } of bank.transactions) {
    const { invocation } = operation;
    const reads = (byReader.get(invocation) ?? []).map(({ key, of }): Value => {
      return ["r", nameOf(key), of === null ? null : leftBy(of)];
    });
    const writes = steps
      .filter((step) => step.f === "add")
      .map(({ key }): Value => ["w", key, leftBy(invocation)]);
    told.set(invocation, [...reads, ...writes]);
  }
  for (const [invocation, process] of late) {
    const own = history.processes[invocation] as number;
    if (keeps !== "session" || process === own) continue;
    // It is of another process now: that it comes after those of its session is told by registers.
    const micro = told.get(invocation) as Value[];
    let place = base === "monotonic-atomic-view" ? micro.findIndex(isWrite) : 0;
    for (const { operation } of bank.transactions) {
      const { invocation: at, outcome } = operation;
      if (outcome !== "ok" || at >= invocation || history.processes[at] !== own) continue;
      const [key, value] = [["done by", at], leftBy(at)];
      micro.splice(place++, 0, ["r", key, value]);
      const other = told.get(at) as Value[];
      if (!other.some((each) => isWrite(each) && Array.isArray((each as readonly Value[])[1]))) {
        other.push(["w", key, value]);
      }
    }
  }
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

/**
 * Transfers whose end is not known that somebody read, each with its process, or another when that
 * one went on: they happened, and precede nobody, so that they complete when all is over.
 */
function lateOf(
  { transactions }: CountingHistory,
  balances: readonly BalanceRead[],
  history: History,
): ReadonlyMap<number, number> {
  const seen = new Set(balances.map(({ of }) => of));
  let fresh = Math.max(...history.processes) + 1;
  const late = new Map<number, number>();
  for (const { operation } of transactions) {
    const { invocation, outcome, f } = operation;
    if (f !== "transfer" || outcome !== "info" || !seen.has(invocation)) continue;
    const process = history.processes[invocation] as number;
    const goesOn = history
      .invocations()
      .some((other) => history.processes[other] === process && other > invocation);
    late.set(invocation, goesOn ? fresh++ : process);
  }
  return late;
}

function isWrite(micro: Value): boolean {
  return Array.isArray(micro) && micro[0] === "w";
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
  /** Who read an account, and what was moved until then. */
  const sums = new Map<string, number>();
  for (const { operation, steps } of bank.transactions) {
    for (const { f, key, amount } of steps) {
      if (f !== "read") continue;
      const about = (): string => `What ${operation.invocation} read of ${key} is not made so.`;
      let text = `${operation.invocation} ${key}`;
      let sum = 0;
      const passed = new Set([text]);
      for (;;) {
        const known = sums.get(text);
        if (known !== undefined) {
          sum += known;
          break;
        }
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
      // What was moved until each of them, so that others need not go back further.
      let rest = sum;
      for (const each of passed) {
        sums.set(each, rest);
        rest -= moved.get(`${sources.get(each)} ${key}`) ?? 0;
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

/**
 * The same in each order in which transactions may read, where the level asks for that: there what
 * is read binds what is read later. So what was there at first may as well come first, what one
 * transfer left at once, and who was read by another, or by whom that one read, before it: this one
 * commits first, and nobody misses it by what came later. All other orders demand no less.
 */
function ordersOf(
  balances: readonly BalanceRead[],
  level: TransactionalLevel,
): readonly (readonly BalanceRead[])[] {
  if (!asksForOrder(level)) return [balances];
  let all: readonly (readonly BalanceRead[])[] = [[]];
  for (const by of new Set(balances.map(({ reader }) => reader))) {
    const own = balances.filter(({ reader }) => reader === by);
    const [first, later] = [
      own.filter(({ of }) => of === null),
      own.filter(({ of }) => of !== null),
    ];
    const sources = [...new Set(later.map(({ of }) => of as number))];
    const orders = arranged(sources, (one, other) => precedes(one, other, balances));
    claim(all.length * orders.length <= CASES_MAX, () => "There are too many choices.");
    all = all.flatMap((chosen) =>
      orders.map((order) =>
        chosen.concat(
          first,
          order.flatMap((source) => later.filter(({ of }) => of === source)),
        ),
      ),
    );
  }
  return all;
}

/** All orders of transfers in which nobody comes after another that it precedes. */
function arranged(
  transfers: readonly number[],
  isFirst: (one: number, other: number) => boolean,
): readonly (readonly number[])[] {
  if (transfers.length < 2) return [transfers];
  return transfers.flatMap((next) => {
    const others = transfers.filter((other) => other !== next);
    if (others.some((other) => isFirst(other, next))) return [];
    return arranged(others, isFirst).map((rest) => [next].concat(rest));
  });
}

/** Whether one was read by another, or by one that this one read, and so on. */
function precedes(one: number, other: number, balances: readonly BalanceRead[]): boolean {
  let reached = new Set([one]);
  for (;;) {
    const more = balances.filter(({ of }) => of !== null && reached.has(of));
    const next = new Set([...reached, ...more.map(({ reader }) => reader)]);
    if (next.has(other)) return true;
    if (next.size === reached.size) return false;
    reached = next;
  }
}

function asksForOrder(level: TransactionalLevel): boolean {
  const { base } = takenApart(LEVELS.find(({ name }) => name === level) ?? { name: level });
  return BY_ORDER.has(base);
}

/** The same for each order in which transactions are named; reads too, where that is no matter. */
export function textOf(balances: readonly BalanceRead[], level: TransactionalLevel): string {
  const byReader = new Map<number, BalanceRead[]>();
  for (const read of balances)
    byReader.set(read.reader, [...(byReader.get(read.reader) ?? []), read]);
  const isOrdered = asksForOrder(level);
  return [...byReader]
    .map(([reader, reads]) => {
      // In which order several are read of one and the same is no matter.
      const runs: { readonly of: number | null; readonly keys: string[] }[] = [];
      for (const { key, of } of reads) {
        const known = isOrdered ? runs.at(-1) : runs.find((run) => run.of === of);
        if (known?.of === of) known.keys.push(nameOf(key));
        else runs.push({ of, keys: [nameOf(key)] });
      }
      const told = runs.map(({ of, keys }) => `${keys.toSorted().join(", ")} of ${of}`);
      return `${reader}: ${(isOrdered ? told : told.toSorted()).join("; ")}`;
    })
    .toSorted()
    .join(" | ");
}

function leftBy(transfer: number): Value {
  return `by ${transfer}`;
}
