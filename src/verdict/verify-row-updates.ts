/**
 * Confirms update serializability of transactions on rows: one order of most, and of each that only
 * reads and is not in it one with all that write, in which every read returns what is there, and
 * which has the same versions of every row, read by the same who write. Where time is kept, all
 * have a consistent view with these versions as well.
 */
import { claim } from "./claims.js";
import type { TransactionOrderCertificate } from "./isolation-certificate.js";
import { confirmTime } from "./order-in-time.js";
import { looksOf, type ActingHistory, type ActingTransaction, type Content } from "./rows.js";
import { confirmRowOrder } from "./verify-row-order.js";
import { confirmRowViewOf, nameOfLook } from "./verify-row-views.js";

/** @throws ClaimRefused */
export function confirmRowUpdates(
  { order, readers = [], view }: TransactionOrderCertificate,
  acting: ActingHistory,
  keeps: "session" | "realtime" | undefined,
): void {
  const byName = new Map(acting.transactions.map((each) => [each.operation.invocation, each]));
  const operations = new Map([...byName].map(([at, { operation }]) => [at, operation]));
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
  const confirm = (each: readonly number[]): void => {
    confirmTime(each, operations, { keeps, times: 1 });
    confirmRowOrder(each, acting, { base: "serializable", manner: "serial" });
  };
  confirm(order);
  const places = new Map<string, number>();
  for (const [name, place] of placesIn(most, acting)) places.set(name, place);
  const writers = new Set(most.filter((each) => !onlyReads(each)));
  const versions = versionsOf(most);
  for (const { reader, order: own } of readers) {
    const these = named(own);
    const isWhole =
      these.length === writers.size + 1 &&
      new Set(these).size === these.length &&
      these.every((each) => writers.has(each) || each.operation.invocation === reader);
    claim(isWhole, () => `The order of ${reader} is not one of it and of all that write.`);
    confirm(own);
    claim(versionsOf(these) === versions, () => `The order of ${reader} has other versions.`);
    for (const [name, place, by] of placesIn(these, acting)) {
      const known = places.get(name);
      if (by.operation.invocation === reader) places.set(name, place);
      else claim(known === place, () => `In the order of ${reader} another version is read.`);
    }
  }
  if (keeps === undefined) return;
  claim(view !== undefined, () => "Nothing shows a consistent view with the order of time.");
  const seen = named(view);
  const isWhole = seen.length === all.size && new Set(seen).size === all.size;
  claim(isWhole && seen.every((each) => all.has(each)), () => "The view is not one of all.");
  claim(versionsOf(seen) === versions, () => "The view has other versions.");
  confirmTime(view, operations, { keeps, times: 1 });
  confirmRowViewOf(seen, acting, { keeps, places });
}

/**
 * Of which version each look is in a serial order; of several that a predicate does not mean, one
 * after the other, the first.
 */
function* placesIn(
  order: readonly ActingTransaction[],
  { rows, initial }: ActingHistory,
): Iterable<readonly [name: string, place: number, by: ActingTransaction]> {
  const lines = new Map<string, Content[]>();
  const lineOf = (row: string): Content[] => {
    const line = lines.get(row) ?? [initial.get(row)];
    lines.set(row, line);
    return line;
  };
  for (const by of order) {
    for (const look of by.operation.outcome === "ok" ? looksOf(by, rows) : []) {
      if (look.own !== undefined) continue;
      const line = lineOf(look.row);
      let place = line.length - 1;
      while (!look.isItem && place > 0 && look.fits(line[place - 1])) place--;
      yield [nameOfLook(look), place, by];
    }
    const left = new Map<string, Content>();
    for (const act of by.acts) if (act.f === "write") left.set(act.row, act.content);
    for (const [row, content] of left) lineOf(row).push(content);
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
