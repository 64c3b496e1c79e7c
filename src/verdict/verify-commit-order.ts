/**
 * Confirms an order of commits: the order in which transactions wrote, which says nothing
 * of when they read. Read uncommitted asks for no more than that there is one; for read committed
 * every read must be of what committed transactions had left at their end, before the reader in the
 * order; cursor stability asks beside that nothing was written between what a transaction read and
 * what it wrote, a consistent view that nothing is read which a cause has overwritten, and parallel
 * snapshot isolation that beside that each transaction agrees with itself. Levels that ask what a
 * transaction sees are confirmed elsewhere.
 */
import type { BaseIsolation } from "../consistency/level.js";
import type { History } from "../history/history.js";
import { canonical, type Value } from "../history/value.js";
import { claim, VerificationUndecided } from "./claims.js";
import { confirmConsistentView, confirmMonotonicView } from "./verify-consistent-view.js";
import { confirmUpdateAtomic } from "./verify-update-atomic.js";
import { confirmVisibleOrder } from "./verify-visible-order.js";
import { ownBefore } from "./list-edges.js";
import { contradictsItself } from "./verify-isolation-finding.js";
import { registersAsLists } from "./registers-as-lists.js";
import { elementsOf, transactionAt, type Micro, type Transaction } from "./transactions.js";

/** An element of a list: whose it is, and whether it is the last of its transaction there. */
interface Element {
  readonly text: string;
  /** The place of its transaction in the order. */
  readonly place: number;
  readonly isLast: boolean;
}

/** What an order of commits is to show. */
interface CommitOrder {
  readonly history: History;
  readonly base: BaseIsolation;
  readonly keeps: "session" | "realtime" | undefined;
}

/** @throws ClaimRefused */
export function confirmCommitOrder(
  order: readonly number[],
  { history, base: asked, keeps }: CommitOrder,
): void {
  if (!CONFIRMED.has(asked)) {
    throw new VerificationUndecided(`An order of commits does not show that ${asked} holds.`);
  }
  const named = order.map((at) => transactionAt(history, at));
  // Registers have no order of versions of their own: that of the commits is meant.
  const transactions = BY_VERSIONS.has(asked) ? registersAsLists(named) : named;
  const written = new Set(
    transactions.flatMap(({ micro }) => micro.flatMap(({ f, key }) => (f === "w" ? [key] : []))),
  );
  const isOfList = ({ f, key, value }: Micro): boolean =>
    f === "append" || (f === "r" && Array.isArray(value) && !written.has(key));
  const hasLists = transactions.some(({ micro }) => micro.some(isOfList));
  if (BY_SIGHT.has(asked) && !hasLists) {
    confirmVisibleOrder({ transactions, base: asked, keeps });
    return;
  }
  if (BY_SIGHT.has(asked)) {
    // The order of commits is that of versions: then each read is of its last element.
    const told = transactions.map((each) => asRegisters(each, isOfList));
    confirmVisibleOrder({ transactions: told, base: asked, keeps });
  }
  const base = BY_SIGHT.has(asked) ? "read-committed" : asked;
  const agree = asked === "read-atomic" || asked === "causal-cerone";
  const lists = listsOf(transactions);
  if (base === "read-uncommitted") {
    confirmLongest(transactions, lists);
    return;
  }
  const registers = registersOf(transactions);
  for (const [place, transaction] of transactions.entries()) {
    for (const [at, each] of transaction.micro.entries()) {
      if (each.f !== "r" || each.value === undefined) continue;
      if (registers.has(each.key)) {
        confirmRegisterRead(registers.get(each.key) ?? [], { read: each, place, at });
        continue;
      }
      const list = lists.get(each.key) ?? [];
      const read = elementsOf(each);
      const by = transaction.operation.invocation;
      claim(
        read.every((element, index) => list[index]?.text === element),
        () => `Transaction ${by} read ${each.key} otherwise than the order has it.`,
      );
      const last = list[read.length - 1];
      if (last === undefined) continue;
      if (last.place === place) {
        const own = transaction.micro.slice(0, at);
        claim(
          own.some(
            ({ f, key, value }) =>
              f === "append" && key === each.key && textOf(value) === last.text,
          ),
          () => `Transaction ${by} read what it wrote only later.`,
        );
      } else {
        claim(
          last.place < place && last.isLast,
          () => `Transaction ${by} read of ${each.key} what was not yet committed.`,
        );
      }
    }
    if (base === "cursor-stability") confirmUpdates(transaction, place, lists);
    if (base === "parallel-snapshot-isolation" || base === "update-atomic" || agree) {
      claim(
        transaction.micro.every(({ key }) => !contradictsItself(transaction, key)),
        () => `Transaction ${transaction.operation.invocation} contradicts itself.`,
      );
    }
  }
  if (base === "update-atomic") confirmUpdateAtomic({ transactions, lists, keeps });
  if (base === "monotonic-view") confirmMonotonicView({ transactions, lists, keeps });
  if (base === "consistent-view" || base === "parallel-snapshot-isolation") {
    confirmConsistentView({ transactions, lists, keeps });
  }
}

/**
 * Appends as writes, and reads as those of the last element that others appended, before any write:
 * what a transaction appended itself before has to be there, or it does not see its own writes.
 */
function asRegisters(
  { operation, micro }: Transaction,
  isOfList: (micro: Micro) => boolean,
): Transaction {
  const others: Micro[] = [];
  const appends: Micro[] = [];
  for (const [at, each] of micro.entries()) {
    if (each.f === "append") {
      appends.push({ ...each, f: "w" });
      continue;
    }
    if (!isOfList(each)) {
      others.push(each);
      continue;
    }
    const own = ownBefore(at, micro);
    const list = each.value as readonly Value[];
    const last = list.findLast((element) => !own.has(textOf(element))) ?? null;
    const isWhole = [...own].every((element) => list.some((shown) => textOf(shown) === element));
    claim(
      isWhole,
      () => `Transaction ${operation.invocation} did not read of ${each.key} what it had appended.`,
    );
    // A list that has nothing but its own shows that nobody had appended before.
    others.push({ f: "r", key: each.key, value: last });
  }
  return { operation, micro: [...others, ...appends] };
}

/** Levels that ask what a transaction sees. */
const BY_SIGHT: ReadonlySet<BaseIsolation> = new Set<BaseIsolation>([
  "monotonic-atomic-view",
  "read-atomic",
  "causal-cerone",
]);

/** Levels that ask for an order of versions. */
const BY_VERSIONS: ReadonlySet<BaseIsolation> = new Set<BaseIsolation>([
  "cursor-stability",
  "consistent-view",
  "parallel-snapshot-isolation",
  "monotonic-view",
  "update-atomic",
]);

const CONFIRMED: ReadonlySet<BaseIsolation> = new Set<BaseIsolation>([
  ...BY_SIGHT,
  ...BY_VERSIONS,
  "read-uncommitted",
  "read-committed",
]);

/** A write of a register: whose, which of its micro-operations, and whether its last there. */
interface Write {
  readonly text: string;
  readonly place: number;
  readonly at: number;
  readonly isLast: boolean;
}

/** The writes of each register, and none for what was read as one but never written. */
function registersOf(transactions: readonly Transaction[]): ReadonlyMap<string, readonly Write[]> {
  const registers = new Map<string, Write[]>();
  for (const [place, { micro }] of transactions.entries()) {
    const lastAt = new Map<string, number>();
    for (const [at, { f, key }] of micro.entries()) if (f === "w") lastAt.set(key, at);
    for (const [at, { f, key, value }] of micro.entries()) {
      const isScalar = f === "r" && (value ?? null) !== null && !Array.isArray(value);
      if (f !== "w" && !isScalar) continue;
      const writes = registers.get(key) ?? [];
      registers.set(key, writes);
      if (f === "w")
        writes.push({ text: textOf(value), place, at, isLast: lastAt.get(key) === at });
    }
  }
  return registers;
}

/** The value is the initial one, or was written once: earlier by itself, or at last by another. */
function confirmRegisterRead(
  writes: readonly Write[],
  { read, place, at }: { readonly read: Micro; readonly place: number; readonly at: number },
): void {
  const text = textOf(read.value);
  const written = writes.filter((each) => each.text === text);
  if (read.value === null && written.length === 0) return;
  const [write] = written;
  claim(
    write !== undefined && written.length === 1,
    () => `The value ${text} of ${read.key} was not written once.`,
  );
  claim(
    write.place === place ? write.at < at : write.place < place && write.isLast,
    () => `The value ${text} of ${read.key} was not yet committed.`,
  );
}

function listsOf(transactions: readonly Transaction[]): ReadonlyMap<string, readonly Element[]> {
  const lists = new Map<string, Element[]>();
  for (const [place, { micro }] of transactions.entries()) {
    const lastAt = new Map<string, number>();
    for (const [at, { f, key }] of micro.entries()) if (f === "append") lastAt.set(key, at);
    for (const [at, { f, key, value }] of micro.entries()) {
      if (f !== "append") continue;
      const element = { text: textOf(value), place, isLast: lastAt.get(key) === at };
      const list = lists.get(key);
      if (list === undefined) lists.set(key, [element]);
      else list.push(element);
    }
  }
  return lists;
}

/** Of the elements that somebody committed, some longest read of each key shows the first. */
function confirmLongest(
  transactions: readonly Transaction[],
  lists: ReadonlyMap<string, readonly Element[]>,
): void {
  const longest = new Map<string, (readonly string[])[]>();
  for (const { micro } of transactions) {
    for (const each of micro) {
      if (each.f !== "r" || each.value === undefined) continue;
      const read = elementsOf(each);
      const known = longest.get(each.key);
      const length = known?.[0]?.length ?? -1;
      if (read.length > length) longest.set(each.key, [read]);
      else if (read.length === length) known?.push(read);
    }
  }
  for (const [key, reads] of longest) {
    const list = (lists.get(key) ?? []).map(({ text }) => text);
    const committed = new Set(list);
    const isShown = reads.some((read) =>
      read
        .filter((element) => committed.has(element))
        .every((element, index) => list[index] === element),
    );
    claim(isShown, () => `No longest read of ${key} is in the order of its writes.`);
  }
}

/** Between what a transaction read and what it then wrote nobody else wrote. */
function confirmUpdates(
  { micro, operation }: Transaction,
  place: number,
  lists: ReadonlyMap<string, readonly Element[]>,
): void {
  /** Key → how many elements the shortest read had before the first append. */
  const read = new Map<string, number>();
  const wrote = new Set<string>();
  for (const each of micro) {
    const isKnown = each.f === "r" && each.value !== undefined;
    if (isKnown && !wrote.has(each.key)) {
      const length = elementsOf(each).length;
      read.set(each.key, Math.min(length, read.get(each.key) ?? length));
    }
    if (each.f !== "append") continue;
    wrote.add(each.key);
    const from = read.get(each.key);
    if (from === undefined) continue;
    const list = lists.get(each.key) ?? [];
    const own = list.findIndex(({ text }) => text === textOf(each.value));
    claim(
      list.slice(from, own).every((element) => element.place === place),
      () => `Transaction ${operation.invocation} did not see all that it wrote over.`,
    );
  }
}

function textOf(value: Value | undefined): string {
  return canonical(value ?? null);
}
