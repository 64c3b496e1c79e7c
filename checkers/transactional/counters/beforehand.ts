/** What an attempt to order transactions on counters knows before it begins. */
import { NONE } from "../../../src/history/history.js";
import type { CounterHistory } from "./layout.js";

/** Sums of these tell sets of transactions apart, nearly always. */
export function nameOf(transaction: number): number {
  let bits = Math.imul(transaction + 1, 0x9e3779b1);
  bits = Math.imul(bits ^ (bits >>> 15), 0x85ebca6b);
  const low = (bits ^ (bits >>> 13)) >>> 0;
  bits = Math.imul(low ^ 0x5bd1e995, 0xc2b2ae35);
  return low + ((bits ^ (bits >>> 16)) & 0xffff) * 2 ** 32;
}

/** Totals that were read before the reader had added, where nothing is taken away. */
export function neededTotals({
  keys,
  initial,
  transactions,
  writers,
}: CounterHistory): readonly (readonly number[] | undefined)[] {
  const needed = keys.map(() => new Set<number>());
  for (const { operation, deeds } of transactions) {
    if (operation.outcome !== "ok") continue;
    const touched = new Set<number>();
    for (const { f, key, amount } of deeds) {
      if (f === "add") touched.add(key);
      else if (!touched.has(key)) needed[key]?.add(amount - (initial[key] ?? 0));
    }
  }
  return keys.map((_, key) => {
    const isGrowing = (writers[key] ?? []).every(
      (each) => (transactions[each]?.sums.get(key) ?? 0) >= 0,
    );
    if (!isGrowing || initial[key] === undefined) return undefined;
    return [...(needed[key] as Set<number>)].toSorted((a, b) => a - b);
  });
}

/** Transaction → the one that its process completed before. */
export function sessionsOf({ transactions }: CounterHistory): Int32Array {
  const last = new Map<number, number>();
  return Int32Array.from(transactions, ({ operation }, each) => {
    const process = Number(operation.process);
    const before = last.get(process) ?? NONE;
    if (operation.outcome === "ok") last.set(process, each);
    return before;
  });
}
