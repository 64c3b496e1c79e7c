/**
 * Transactions that read a key more than once before they write it, and now and then differently:
 * reads of any beginning of what was appended, put before the first append of a transaction.
 */
import type { Random } from "../../src/random.js";
import type { SmallMicro, SmallTransaction } from "./isolation.js";

/** The same transactions, of which some read again. */
export function withReadsAgain(
  transactions: readonly SmallTransaction[],
  random: Random,
): readonly SmallTransaction[] {
  const lists = longestLists(transactions);
  return transactions.map((each) => {
    const append = each.micro.find(({ f }) => f === "append");
    if (each.outcome !== "ok" || append === undefined || !random.chance(0.7)) return each;
    const { key } = append;
    const own = new Set(each.micro.flatMap(({ f, value }) => (f === "append" ? [value] : [])));
    const others = (lists.get(key) ?? []).filter((element) => !own.has(element));
    const reads = Array.from({ length: 1 + random.below(2) }, (): SmallMicro => {
      const length = random.chance(0.5) ? others.length : random.below(others.length + 1);
      return { f: "r", key, value: others.slice(0, length) };
    });
    const isAfter = random.chance(0.1);
    const at = each.micro.indexOf(append) + (isAfter ? 1 : 0);
    return { ...each, micro: [...each.micro.slice(0, at), ...reads, ...each.micro.slice(at)] };
  });
}

/** How many transactions read a key twice and differently before they write it. */
export function readTwice(transactions: readonly SmallTransaction[]): number {
  return transactions.filter(({ micro }) => {
    const keys = new Set(micro.flatMap(({ f, key }) => (f === "append" ? [key] : [])));
    return [...keys].some((key) => {
      const first = micro.findIndex((each) => each.f === "append" && each.key === key);
      const reads = micro.slice(0, first).filter((each) => each.f === "r" && each.key === key);
      return new Set(reads.map(({ value }) => String(value))).size > 1;
    });
  }).length;
}

/** Key → the longest list that anybody read, and what else was appended to it. */
function longestLists(
  transactions: readonly SmallTransaction[],
): ReadonlyMap<string, readonly number[]> {
  const lists = new Map<string, readonly number[]>();
  const all = transactions.flatMap(({ micro }) => micro);
  for (const { f, key, value } of all) {
    if (f === "r" && (value?.length ?? 0) >= (lists.get(key)?.length ?? 0)) {
      lists.set(key, value ?? []);
    }
  }
  for (const { f, key, value } of all) {
    const list = lists.get(key) ?? [];
    if (f === "append" && !list.includes(value)) lists.set(key, [...list, value]);
  }
  return lists;
}
