/**
 * Reads of totals that lack what was committed before they began, in real time: where nothing is
 * taken away, or nothing added, whatever completed before is a bound of what a total may be. So
 * nothing has to be known of whom the total counts. O(n log n) for n micro-operations.
 */
import type { CounterHistory, CounterTransaction } from "./layout.js";
import type { ReadName } from "./line.js";

/** So many are answered: one of them suffices. */
const READS_MAX = 4;

/** The first of such reads. */
export function lackingReads(history: CounterHistory): readonly ReadName[] {
  const { transactions, keys, initial } = history;
  const signs = keys.map((_, key) => signOf(history, key));
  /** Counter → what was added to it by those that have completed. */
  const done = new Float64Array(keys.length);
  const completed = transactions
    .filter(({ operation, sums }) => operation.outcome === "ok" && sums.size > 0)
    .toSorted((a, b) => completionOf(a) - completionOf(b));
  const found: ReadName[] = [];
  let next = 0;
  for (const [each, { operation, deeds }] of transactions.entries()) {
    for (; next < completed.length; next++) {
      const earlier = completed[next] as CounterTransaction;
      if (completionOf(earlier) > operation.invocation) break;
      for (const [key, sum] of earlier.sums) done[key] = (done[key] as number) + sum;
    }
    if (operation.outcome !== "ok") continue;
    /** Counter → what the reader itself has added until then. */
    const own = new Map<number, number>();
    for (const { f, at, key, amount } of deeds) {
      if (f === "add") {
        own.set(key, (own.get(key) ?? 0) + amount);
        continue;
      }
      const [sign, base] = [signs[key], initial[key]];
      if (sign === undefined || base === undefined) continue;
      const others = amount - base - (own.get(key) ?? 0);
      if (sign * others >= sign * (done[key] as number)) continue;
      if (found.push(`${each} ${at}`) === READS_MAX) return found;
    }
  }
  return found;
}

function completionOf({ operation }: CounterTransaction): number {
  return operation.completion as number;
}

/** 1 where a counter only grows, -1 where it only shrinks; undefined where it does both. */
function signOf({ transactions, writers }: CounterHistory, key: number): 1 | -1 | undefined {
  const sums = (writers[key] ?? []).map((each) => transactions[each]?.sums.get(key) ?? 0);
  if (sums.every((sum) => sum >= 0)) return 1;
  return sums.every((sum) => sum <= 0) ? -1 : undefined;
}
