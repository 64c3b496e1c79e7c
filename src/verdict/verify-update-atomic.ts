/**
 * Confirms that an order of commits shows update atomicity (Cerone et al. 2015, section 3): of two
 * that write the same key the later one sees the earlier, a reader sees from whom it reads, and
 * where time is kept who precedes it in time; and no read lacks what somebody overwrote whom its
 * transaction sees so. What is seen by these is another matter: no more is asked.
 *
 * In such an order whoever is seen stands before who sees it. So only those are looked at that
 * wrote the key, stand before the reader, and are not in what it read.
 */
import type { ListElement } from "./verify-consistent-view.js";
import { claim } from "./claims.js";
import { elementsOf, precedesInTime, type Transaction } from "./transactions.js";

/** What is to be confirmed: transactions on lists, in their order. */
export interface AtomicOrder {
  readonly transactions: readonly Transaction[];
  /** Key → its elements, each with the place of its transaction. */
  readonly lists: ReadonlyMap<string, readonly ListElement[]>;
  readonly keeps: "session" | "realtime" | undefined;
}

/** @throws ClaimRefused */
export function confirmUpdateAtomic({ transactions, lists, keeps }: AtomicOrder): void {
  for (const [place, { micro, operation }] of transactions.entries()) {
    const own = new Set(micro.filter(({ f }) => f !== "r").map(({ key }) => key));
    const seen = new Set<number>();
    for (const each of micro) {
      if (each.f !== "r" || each.value === undefined) continue;
      const last = (lists.get(each.key) ?? [])[elementsOf(each).length - 1];
      if (last !== undefined) seen.add(last.place);
    }
    const sees = (other: number): boolean => {
      if (seen.has(other)) return true;
      const { micro: made, operation: earlier } = transactions[other] as Transaction;
      if (made.some(({ f, key }) => f !== "r" && own.has(key))) return true;
      return (
        keeps !== undefined &&
        precedesInTime(earlier, operation) &&
        (keeps === "realtime" || earlier.process === operation.process)
      );
    };
    for (const each of micro) {
      if (each.f !== "r" || each.value === undefined) continue;
      const list = lists.get(each.key) ?? [];
      for (let at = elementsOf(each).length; at < list.length; at++) {
        const other = (list[at] as ListElement).place;
        if (other >= place) break;
        claim(
          !sees(other),
          () =>
            `Transaction ${operation.invocation} sees one that overwrote what it read of ${each.key}.`,
        );
      }
    }
  }
}
