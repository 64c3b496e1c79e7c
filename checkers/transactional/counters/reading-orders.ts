/**
 * In which orders a transaction of a bank may have read its accounts, as far as that matters: to
 * levels at which a read binds those that come after it in the transaction. What is read earlier
 * binds more, so that an order does least in which
 *
 * - what was there at first is read first, for it binds nothing;
 * - what one transfer left is read at once, for the first of these reads binds as all do;
 * - what a transfer left is read before what another left that had read of it, for the one commits
 *   before the other, and so misses nothing of what comes after it.
 *
 * Every other order demands the same and more.
 */
import type { BalanceRead } from "../../../src/verdict/counter-certificate.js";
import type { Balances } from "./balances.js";

/** Whether one transfer was read by another, or by one that this one read, and so on. */
type Precedes = (one: number, other: number) => boolean;

/** Who precedes whom by what each of them read. */
export function readingFrom(byReader: readonly Balances[]): Precedes {
  const read = new Map<number, readonly number[]>();
  for (const reads of byReader) {
    const sources = reads.flatMap(({ of }) => (of === null ? [] : [of]));
    read.set((reads[0] as BalanceRead).reader, sources);
  }
  return (one, other) => {
    const seen = new Set<number>();
    const open = [other];
    for (let each = open.pop(); each !== undefined; each = open.pop()) {
      if (each === one) return true;
      if (seen.has(each)) continue;
      seen.add(each);
      open.push(...(read.get(each) ?? []));
    }
    return false;
  };
}

/** One order where order does not matter, or else each that may demand least; likely ones first. */
export function readingOrders(
  reads: Balances,
  precedes: Precedes | undefined,
): readonly Balances[] {
  const sorted = reads.toSorted((a, b) => (a.of ?? -1) - (b.of ?? -1));
  const sources = [...new Set(sorted.flatMap(({ of }) => (of === null ? [] : [of])))];
  if (precedes === undefined || sources.length < 2) return [sorted];
  const first = sorted.filter(({ of }) => of === null);
  const orders = extensions(sources, precedes);
  return orders.map((order) =>
    first.concat(order.flatMap((source) => sorted.filter(({ of }) => of === source))),
  );
}

/** Every order of these that keeps who precedes whom. */
function extensions(
  sources: readonly number[],
  precedes: Precedes,
): readonly (readonly number[])[] {
  if (sources.length < 2) return [sources];
  return sources.flatMap((source, place) => {
    const rest = sources.toSpliced(place, 1);
    if (rest.some((other) => precedes(other, source))) return [];
    return extensions(rest, precedes).map((more) => [source].concat(more));
  });
}
