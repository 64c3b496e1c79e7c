/**
 * Confirms an order of transactions by carrying them out, one after the other, on a store that
 * begins empty: lists grow, registers are overwritten, and every read must return what its manner
 * says that it sees (see the certificate).
 */
import { implies, LEVELS } from "../consistency/lattice.js";
import type { History } from "../history/history.js";
import type { Operation } from "../history/operation.js";
import { canonical, type Value } from "../history/value.js";
import { withBalances } from "./bank-balances.js";
import { claim } from "./claims.js";
import { confirmOfLists, withCounted } from "./counted-lists.js";
import type { TransactionOrderCertificate } from "./isolation-certificate.js";
import { confirmTime, type Operations } from "./order-in-time.js";
import { actingHistory } from "./rows.js";
import { countingHistory } from "./counters.js";
import { confirmCommitOrder } from "./verify-commit-order.js";
import { confirmCounterOrder } from "./verify-counter-order.js";
import { confirmRowOrder } from "./verify-row-order.js";
import { confirmRowUpdates } from "./verify-row-updates.js";
import { withSources } from "./repeated-values.js";
import { takenApart } from "./taken-apart.js";
import { confirmPoints } from "./verify-points.js";
import { confirmRead, write, type State } from "./transaction-store.js";
import { transactionAt, transactionsOf, type Transaction } from "./transactions.js";

/**
 * Confirms that an order explains the history at a level; answers what was confirmed.
 * @throws ClaimRefused
 */
export function verifyTransactionOrder(
  certificate: TransactionOrderCertificate,
  history: History,
): string {
  const { level, manner, order, sources, counted, balances, through } = certificate;
  if (through !== undefined) {
    claim(implies(through, level), () => `The level ${through} does not imply ${level}.`);
    const { through: _, ...rest } = certificate;
    return `${verifyTransactionOrder({ ...rest, level: through }, history)} It implies ${level}.`;
  }
  if (counted !== undefined) {
    const { counted: _, ...rest } = certificate;
    confirmOfLists(level, history);
    return verifyTransactionOrder(rest, withCounted(history, counted));
  }
  if (balances !== undefined) {
    const { balances: _, ...rest } = certificate;
    return verifyTransactionOrder(rest, withBalances(history, balances, level));
  }
  if (sources !== undefined) {
    const { sources: _, ...rest } = certificate;
    return verifyTransactionOrder(rest, withSources(history, sources));
  }
  const named = LEVELS.find(({ name }) => name === level);
  claim(named?.family === "transactional", () => `${level} is no level of transactions.`);
  const { base, keeps } = takenApart(named);
  const times = manner === "snapshot" ? 2 : 1;
  const counting = countingHistory(history);
  const rows = counting === undefined ? actingHistory(history) : undefined;
  const all = counting?.transactions ?? rows?.transactions ?? transactionsOf(history);
  for (const { operation, acts } of rows?.transactions ?? []) {
    const isTwice = acts.some((act) => act.f === "read" && act.twice.size > 0);
    claim(!isTwice, () => `Transaction ${operation.invocation} read an element of a set twice.`);
  }
  const operations = all.map((each) => each.operation);
  const byName = new Map(operations.map((operation) => [operation.invocation, operation]));
  if (certificate.readers !== undefined && certificate.readers.length > 0) {
    if (rows !== undefined && manner === "serial") {
      claim(
        implies("update-serializable", base),
        () => `Orders of their own do not show that ${level} holds.`,
      );
      confirmRowUpdates(certificate, rows, keeps);
      return `Confirmed: each reader agrees with one order of all that write, as ${level} demands.`;
    }
    claim(
      implies("update-serializable", base) &&
        manner === "serial" &&
        rows === undefined &&
        counting === undefined,
      () => `Orders of their own do not show that ${level} holds.`,
    );
    confirmUpdateOrders(certificate, history, { byName, keeps });
    return `Confirmed: each reader agrees with one order of all that write, as ${level} demands.`;
  }
  if (manner === "points") {
    claim(
      counting === undefined && rows === undefined && implies("monotonic-snapshot-read", base),
      () => `Moments of reads do not show that ${level} holds.`,
    );
    confirmPoints(order, { transactions: transactionsOf(history), keeps });
    return `Confirmed: the order of reads and commits explains them, as ${level} demands.`;
  }
  confirmWhole(order, byName, times);
  confirmTime(order, byName, { keeps, times });
  if (counting !== undefined) {
    confirmCounterOrder(order, counting, { base, manner });
  } else if (rows !== undefined) {
    confirmRowOrder(order, rows, { base, manner, keeps, sights: certificate.sights });
  } else if (manner === "serial") {
    carryOut(order.map((at) => transactionAt(history, at)));
  } else if (manner === "snapshot") {
    claim(implies("snapshot-isolation", base), () => `Snapshots do not show that ${base} holds.`);
    carryOutSnapshots(order, history, !implies("prefix", base));
  } else {
    confirmCommitOrder(order, { history, base, keeps });
  }
  return `Confirmed: the order explains every read, as ${level} demands.`;
}

/** Every `ok` transaction is there as often as it should be, an indeterminate one at most so. */
function confirmWhole(order: readonly number[], operations: Operations, times: number): void {
  const counts = new Map<number, number>();
  for (const at of order) {
    claim(operations.has(at), () => `Operation ${at} is no transaction.`);
    counts.set(at, (counts.get(at) ?? 0) + 1);
  }
  for (const [invocation, { outcome }] of operations) {
    const count = counts.get(invocation) ?? 0;
    claim(
      count === times || (count === 0 && outcome !== "ok"),
      () => `Transaction ${invocation} stands ${count} times in the order.`,
    );
    claim(count === 0 || outcome !== "fail", () => `Transaction ${invocation} failed.`);
  }
}

function carryOut(transactions: readonly Transaction[]): void {
  const state: State = new Map();
  for (const { operation, micro } of transactions) {
    for (const each of micro) {
      if (each.f === "r") confirmRead(each, state.get(each.key), operation.invocation);
      else write(state, each);
    }
  }
}

/**
 * One order of most, and of each that only reads and is not in it one with all that write; where
 * time is kept, also a consistent view of all.
 */
function confirmUpdateOrders(
  certificate: TransactionOrderCertificate,
  history: History,
  about: { readonly byName: Operations; readonly keeps: "session" | "realtime" | undefined },
): void {
  const { order, readers = [], view } = certificate;
  const { byName, keeps } = about;
  const apart = new Set(readers.map(({ reader }) => reader));
  const named = (each: readonly number[]): readonly Transaction[] =>
    each.map((at) => transactionAt(history, at));
  const confirm = (each: readonly number[], expected: Operations): void => {
    confirmWhole(each, expected, 1);
    confirmTime(each, byName, { keeps, times: 1 });
    carryOut(named(each));
  };
  const onlyReads = (at: number): boolean =>
    transactionAt(history, at).micro.every(({ f }) => f === "r");
  const most = new Map([...byName].filter(([at]) => !apart.has(at)));
  confirm(order, most);
  const versions = versionsOf(named(order));
  const writers = order.filter((at) => !onlyReads(at));
  for (const { reader, order: own } of readers) {
    claim(byName.get(reader)?.outcome === "ok" && onlyReads(reader), () => `${reader} writes.`);
    const expected = new Map(
      [...writers, reader].map((at) => [at, byName.get(at) as Operation] as const),
    );
    confirm(own, expected);
    claim(own.length === expected.size, () => `The order of ${reader} lacks some.`);
    claim(versionsOf(named(own)) === versions, () => `The order of ${reader} has other versions.`);
  }
  if (keeps === undefined) return;
  claim(view !== undefined, () => `Nothing shows a consistent view with the order of time.`);
  confirmWhole(view, byName, 1);
  confirmTime(view, byName, { keeps, times: 1 });
  confirmCommitOrder(view, { history, base: "consistent-view", keeps });
  claim(versionsOf(named(view)) === versions, () => "The order of commits has other versions.");
}

/** What is written to each key in an order, one after the other, as a text. */
function versionsOf(order: readonly Transaction[]): string {
  const versions = new Map<string, string[]>();
  for (const { micro } of order) {
    for (const { f, key, value } of micro) {
      if (f === "r") continue;
      const own = versions.get(key) ?? [];
      versions.set(key, own);
      own.push(canonical(value as Value));
    }
  }
  const keys = [...versions.keys()].toSorted();
  return canonical(keys.map((key) => [key, versions.get(key) ?? []]));
}

/** What a transaction sees: its snapshot of the keys that it is about, and its own writes. */
interface Open {
  readonly view: State;
  /** Key → how often it had been committed to. */
  readonly commits: ReadonlyMap<string, number>;
}

/** `alone`: none that writes the same commits between a snapshot and its commit. */
function carryOutSnapshots(order: readonly number[], history: History, alone: boolean): void {
  const state: State = new Map();
  const commits = new Map<string, number>();
  const opened = new Map<number, Open>();
  for (const at of order) {
    const { micro } = transactionAt(history, at);
    const open = opened.get(at);
    if (open === undefined) {
      const keys = [...new Set(micro.map(({ key }) => key))];
      const view: State = new Map();
      for (const key of keys) {
        const found = state.get(key);
        if (found !== undefined) view.set(key, Array.isArray(found) ? [...found] : found);
      }
      opened.set(at, { view, commits: new Map(keys.map((key) => [key, commits.get(key) ?? 0])) });
      continue;
    }
    for (const each of micro) {
      if (each.f === "r") confirmRead(each, open.view.get(each.key), at);
      else write(open.view, each);
    }
    const writes = micro.filter(({ f }) => f !== "r");
    for (const key of new Set(writes.map((each) => each.key))) {
      claim(
        !alone || (commits.get(key) ?? 0) === open.commits.get(key),
        () => `Transaction ${at} wrote ${key}, which was written since its snapshot.`,
      );
      commits.set(key, (commits.get(key) ?? 0) + 1);
    }
    for (const each of writes) write(state, each);
  }
}
