/**
 * Histories of counters as histories of lists: an increment is an element, and a read of a total
 * one of a list whose elements add up to it. What shows a level of such lists shows it of the
 * counters; what contradicts it for all of them contradicts it.
 *
 * From read committed on not all lists need be looked at. Nobody reads what was aborted, nor, but
 * for the reader itself, a part of what a transaction adds to a counter (G1a, G1b); what it adds
 * stands together (G0, for it would be before and after another); nobody reads beyond what itself
 * added (G1c), nor that before it is added. The lists of a counter are beginnings of one order.
 */
import { implies } from "../consistency/lattice.js";
import type { TransactionalLevel } from "../consistency/level.js";
import { historyOf, type History, type NewEvent } from "../history/history.js";
import type { Value } from "../history/value.js";
import { claim } from "./claims.js";
import type { CountedRead, Increment } from "./counter-certificate.js";
import { countingHistory, type CounterStep, type CountingHistory } from "./counters.js";

/** More are not looked at. */
const CASES_MAX = 1024;
const STEPS_MAX = 2_000_000;

/** The history of lists. @throws ClaimRefused when they do not make the totals */
export function withCounted(history: History, counted: readonly CountedRead[]): History {
  const counters = countersOf(history);
  const lists = new Map<string, readonly Increment[]>();
  for (const { reader, at, of } of counted) lists.set(`${reader} ${at}`, of);
  const amounts = new Map<string, CounterStep>();
  for (const { operation, steps } of counters.transactions) {
    for (const step of steps) {
      if (step.f === "add") amounts.set(`${operation.invocation} ${step.at}`, step);
    }
  }
  const bases = new Map<string, number>();
  const told = new Map<number, Value>();
  for (const { operation, steps } of counters.transactions) {
    const { invocation } = operation;
    const micro = steps.map(({ f, key, at, amount }): Value => {
      if (f === "add") return ["append", key, elementOf([invocation, at])];
      const about = (): string => `The total that ${invocation} read by ${at} is not made so.`;
      const list = lists.get(`${invocation} ${at}`);
      claim(list !== undefined && new Set(list.map(String)).size === list.length, about);
      let sum = 0;
      for (const [of, by] of list) {
        const step = amounts.get(`${of} ${by}`);
        claim(step?.key === key, about);
        sum += step.amount;
      }
      const base = bases.get(key) ?? counters.initialOf(key) ?? amount - sum;
      bases.set(key, base);
      claim(base + sum === amount, about);
      return ["r", key, list.map(elementOf)];
    });
    told.set(invocation, micro);
  }
  const events = Array.from({ length: history.length }, (_, index): NewEvent => {
    const event = history.event(index);
    const invocation = event.type === "invoke" ? index : (history.pairs[index] as number);
    const value = told.get(invocation);
    // What holds at first is in no list.
    return value === undefined
      ? { ...event, f: `not-of-lists:${event.f}` }
      : { ...event, f: "txn", value };
  });
  return historyOf(events);
}

/** Every choice of lists, each by its text. @throws ClaimRefused */
export function everyCount(history: History): ReadonlyMap<string, readonly CountedRead[]> {
  const counters = countersOf(history);
  const keys = new Set(counters.transactions.flatMap(({ steps }) => steps.map(({ key }) => key)));
  let all: readonly (readonly CountedRead[])[] = [[]];
  for (const key of keys) {
    const own = countsOf(counters, key);
    claim(all.length * own.length <= CASES_MAX, () => "There are too many choices.");
    all = all.flatMap((chosen) => own.map((more) => chosen.concat(more)));
  }
  return new Map(all.map((counted) => [textOf(counted), counted]));
}

/** The same for each order in which reads are named. */
export function textOf(counted: readonly CountedRead[]): string {
  return counted
    .map(({ reader, at, of }) => `${reader}.${at}: ${of.join(" ")}`)
    .toSorted()
    .join("; ");
}

/** The choices of one counter: all orders of those that add to it, and all that reads may show. */
function countsOf(counters: CountingHistory, key: string): readonly (readonly CountedRead[])[] {
  const adders = counters.transactions.filter(
    ({ operation, steps }) =>
      operation.outcome !== "fail" && steps.some((step) => step.key === key && step.f === "add"),
  );
  const found = new Map<string, readonly CountedRead[]>();
  let left = STEPS_MAX;
  const arrange = (order: typeof adders): void => {
    for (const { counted, reach } of countsIn(order)) {
      if (reach === order.length) found.set(textOf(counted), counted);
    }
    claim(found.size <= CASES_MAX, () => "There are too many choices.");
    for (const next of adders) if (!order.includes(next)) arrange([...order, next]);
  };
  arrange([]);
  return [...found.values()];

  /** What reads may show of this order, and how much of it they show. */
  function countsIn(
    order: typeof adders,
  ): readonly { readonly counted: readonly CountedRead[]; readonly reach: number }[] {
    interface Part {
      readonly counted: readonly CountedRead[];
      readonly reach: number;
      readonly base: number | undefined;
    }
    let parts: readonly Part[] = [{ counted: [], reach: 0, base: counters.initialOf(key) }];
    for (const reader of counters.transactions) {
      for (const { f, key: of, at, amount } of reader.steps) {
        if (f !== "read" || of !== key) continue;
        const lists = listsFor({ reader, at, order });
        left -= parts.length * lists.length;
        claim(left > 0, () => "There are too many choices.");
        parts = parts.flatMap((part) =>
          lists.flatMap(({ steps, reach }): readonly Part[] => {
            const sum = steps.reduce((total, [, each]) => total + each.amount, 0);
            const base = part.base ?? amount - sum;
            if (base + sum !== amount) return [];
            const list = steps.map(([by, each]): Increment => [by, each.at]);
            const counted = [
              ...part.counted,
              { reader: reader.operation.invocation, at, of: list },
            ];
            return [{ counted, reach: Math.max(part.reach, reach), base }];
          }),
        );
      }
    }
    return parts;
  }

  /** The beginnings of the order that a read may show, with what the reader had added itself. */
  function listsFor({
    reader,
    at,
    order,
  }: {
    readonly reader: (typeof adders)[number];
    readonly at: number;
    readonly order: typeof adders;
  }): readonly { readonly steps: readonly AddedBy[]; readonly reach: number }[] {
    const place = order.indexOf(reader);
    const others = place < 0 ? order.length : place;
    const lists = Array.from({ length: others + 1 }, (_, reach) => ({
      steps: order.slice(0, reach).flatMap((each) => addedBy(each, key)),
      reach,
    }));
    const own = addedBy(reader, key).filter(([, step]) => step.at < at);
    if (place < 0) return lists;
    const before = order.slice(0, place).flatMap((each) => addedBy(each, key));
    // Where a transaction need not agree with itself, it may miss some of what it had added.
    const mine = own.map((_, last) => ({
      steps: [...before, ...own.slice(0, last + 1)],
      reach: place + 1,
    }));
    return [...lists, ...mine];
  }
}

type AddedBy = readonly [by: number, step: CounterStep];

function addedBy(
  { operation, steps }: CountingHistory["transactions"][number],
  of: string,
): readonly AddedBy[] {
  return steps
    .filter(({ f, key }) => f === "add" && key === of)
    .map((step) => [operation.invocation, step]);
}

function countersOf(history: History): CountingHistory {
  const counters = countingHistory(history);
  claim(counters !== undefined, () => "There are no counters.");
  return counters;
}

/**
 * Confirms that a level asks of these counters what it asks of lists: a transfer of a bank reads
 * and then writes, so that below cursor stability it may lose what was written between.
 * @throws ClaimRefused
 */
export function confirmOfLists(level: TransactionalLevel, history: History): void {
  const least = countersOf(history).isBank ? "cursor-stability" : "read-committed";
  claim(implies(level, least), () => `The level ${level} does not ask for lists.`);
}

function elementOf([of, at]: Increment): Value {
  return { inc: [of, at] };
}
