/**
 * Confirms update serializability of transactions on rows: one order of most, and of each that only
 * reads and is not in it one with all that write, in which every read returns what is there, and
 * which has the same versions of every row.
 */
import { claim } from "./claims.js";
import type { TransactionOrderCertificate } from "./isolation-certificate.js";
import type { ActingHistory, ActingTransaction } from "./rows.js";
import { confirmRowOrder } from "./verify-row-order.js";

/** @throws ClaimRefused */
export function confirmRowUpdates(
  { order, readers = [] }: TransactionOrderCertificate,
  acting: ActingHistory,
): void {
  const byName = new Map(acting.transactions.map((each) => [each.operation.invocation, each]));
  const named = (each: readonly number[]): readonly ActingTransaction[] =>
    each.map((at) => {
      const found = byName.get(at);
      claim(found !== undefined, () => `Operation ${at} is no transaction.`);
      claim(found.operation.outcome !== "fail", () => `Transaction ${at} failed.`);
      return found;
    });
  const most = named(order);
  const apart = named(readers.map(({ reader }) => reader));
  for (const each of apart) {
    const { invocation, outcome } = each.operation;
    claim(outcome === "ok" && onlyReads(each), () => `Transaction ${invocation} writes.`);
  }
  const all = new Set([...most, ...apart]);
  claim(all.size === most.length + apart.length, () => "A transaction stands there twice.");
  for (const each of acting.transactions) {
    const { invocation, outcome } = each.operation;
    claim(outcome !== "ok" || all.has(each), () => `Transaction ${invocation} is in no order.`);
  }
  const serial = { base: "serializable", manner: "serial" } as const;
  confirmRowOrder(order, acting, serial);
  const writers = new Set(most.filter((each) => !onlyReads(each)));
  const versions = versionsOf(most);
  for (const { reader, order: own } of readers) {
    const these = named(own);
    const isWhole =
      these.length === writers.size + 1 &&
      new Set(these).size === these.length &&
      these.every((each) => writers.has(each) || each.operation.invocation === reader);
    claim(isWhole, () => `The order of ${reader} is not one of it and of all that write.`);
    confirmRowOrder(own, acting, serial);
    claim(versionsOf(these) === versions, () => `The order of ${reader} has other versions.`);
  }
}

function onlyReads({ acts }: ActingTransaction): boolean {
  return acts.every(({ f }) => f === "read");
}

/** Row → who wrote it, one after the other, as a text. */
function versionsOf(order: readonly ActingTransaction[]): string {
  const versions = new Map<string, number[]>();
  for (const { operation, acts } of order) {
    for (const act of acts) {
      if (act.f !== "write") continue;
      const known = versions.get(act.row) ?? [];
      versions.set(act.row, known);
      if (known.at(-1) !== operation.invocation) known.push(operation.invocation);
    }
  }
  return JSON.stringify([...versions].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
