/**
 * Confirms that an order of commits shows a consistent view: no transaction reads a version that
 * was overwritten by one on which it depends. In such an order every dependency leads forward; so
 * only those who overwrote what a transaction read and stand before it can be meant, and from each
 * of these all that depends on it is followed up to the reader.
 */
import { canonical } from "../history/value.js";
import { claim } from "./claims.js";
import { elementsOf, precedesInTime, type Transaction } from "./transactions.js";

/** An element of a list, as a text, and the place of who appended it. */
export interface ListElement {
  readonly text: string;
  readonly place: number;
}

/** What is to be confirmed; places are those of transactions in the order. */
export interface CommitOrder {
  readonly transactions: readonly Transaction[];
  /** Key → its elements. */
  readonly lists: ReadonlyMap<string, readonly ListElement[]>;
  readonly keeps: "session" | "realtime" | undefined;
}

/** @throws ClaimRefused */
export function confirmConsistentView(order: CommitOrder): void {
  const readers = readersOf(order);
  for (const [place, { micro, operation }] of order.transactions.entries()) {
    for (const each of micro) {
      if (each.f !== "r" || each.value === undefined) continue;
      const later = (order.lists.get(each.key) ?? []).slice(elementsOf(each).length);
      const first = later.find((element) => element.place !== place);
      if (first === undefined || first.place > place) continue;
      claim(
        !leadsTo(first.place, [place], { order, readers }),
        () =>
          `Transaction ${operation.invocation} depends on one that overwrote what it read of ${each.key}.`,
      );
    }
  }
}

/**
 * Confirms that an order of commits shows a monotonic view (Adya 1999, chapter 4, PL-2L): no
 * transaction reads a version that was overwritten by one on which it depends by that read, or by
 * what it read or wrote before it, or because of time.
 * @throws ClaimRefused
 */
export function confirmMonotonicView(order: CommitOrder): void {
  const { transactions, lists, keeps } = order;
  const readers = readersOf(order);
  for (const [place, { micro, operation }] of transactions.entries()) {
    /** Places of those on whom it depends so far. */
    const causes = new Set<number>();
    const first = keeps === undefined ? place : 0;
    for (let earlier = first; earlier < place; earlier++) {
      const other = (transactions[earlier] as Transaction).operation;
      const isKept = keeps === "realtime" || other.process === operation.process;
      if (isKept && precedesInTime(other, operation)) causes.add(earlier);
    }
    for (const each of micro) {
      const list = lists.get(each.key) ?? [];
      if (each.f !== "r") {
        const own = list.findIndex(({ text }) => text === canonical(each.value ?? null));
        const before = list.slice(0, Math.max(0, own)).findLast((other) => other.place !== place);
        if (before !== undefined) causes.add(before.place);
        continue;
      }
      if (each.value === undefined) continue;
      const { length } = elementsOf(each);
      const source = list[length - 1];
      if (source !== undefined && source.place !== place) causes.add(source.place);
      const missed = list.slice(length).find((element) => element.place !== place);
      if (missed === undefined || missed.place > place) continue;
      claim(
        !leadsTo(missed.place, [...causes], { order, readers }),
        () =>
          `Transaction ${operation.invocation} depended on one that overwrote what it read of ${each.key}.`,
      );
    }
  }
}

type Readers = ReadonlyMap<string, readonly number[]>;

/** Key and how many elements were read → the places of the readers. */
function readersOf({ transactions }: CommitOrder): Readers {
  const readers = new Map<string, number[]>();
  for (const [place, { micro }] of transactions.entries()) {
    for (const each of micro) {
      if (each.f !== "r" || each.value === undefined) continue;
      const name = `${elementsOf(each).length} ${each.key}`;
      const known = readers.get(name);
      if (known === undefined) readers.set(name, [place]);
      else known.push(place);
    }
  }
  return readers;
}

function leadsTo(
  from: number,
  goals: readonly number[],
  about: { readonly order: CommitOrder; readonly readers: Readers },
): boolean {
  const to = Math.max(-1, ...goals);
  const reached = new Set([from]);
  const open = [from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (goals.includes(at)) return true;
    for (const next of dependentsOf(at, to, about)) {
      if (next > to || reached.has(next)) continue;
      reached.add(next);
      open.push(next);
    }
  }
  return false;
}

/** Who depends on a transaction at once. */
function dependentsOf(
  place: number,
  to: number,
  { order, readers }: { readonly order: CommitOrder; readonly readers: Readers },
): readonly number[] {
  const { transactions, lists, keeps } = order;
  const { micro, operation } = transactions[place] as Transaction;
  const dependents: number[] = [];
  for (const key of new Set(micro.map((each) => each.key))) {
    const list = lists.get(key) ?? [];
    for (const [index, element] of list.entries()) {
      if (element.place !== place) continue;
      const next = list[index + 1];
      if (next !== undefined && next.place !== place) dependents.push(next.place);
      dependents.push(...(readers.get(`${index + 1} ${key}`) ?? []));
    }
  }
  if (keeps === undefined) return dependents;
  for (let later = place + 1; later <= to; later++) {
    const other = (transactions[later] as Transaction).operation;
    const isKept = keeps === "realtime" || other.process === operation.process;
    if (isKept && precedesInTime(operation, other)) dependents.push(later);
  }
  return dependents;
}
