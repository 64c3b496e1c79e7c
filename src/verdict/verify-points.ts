/**
 * Confirms an order of the moments at which transactions read and commit: each transaction is there
 * once for each of its reads of what others left, in their order, and then once when it writes all
 * that it writes. Each read returns what is there at its moment; what a transaction reads after it
 * has written the key itself is what is there, and its own writes, when it commits.
 */
import type { Operation } from "../history/operation.js";
import { claim } from "./claims.js";
import { confirmRead, write, type State } from "./transaction-store.js";
import type { Micro, Transaction } from "./transactions.js";

/** What an order of moments is to show. */
export interface PointsOrder {
  readonly transactions: readonly Transaction[];
  readonly keeps: "session" | "realtime" | undefined;
}

/** @throws ClaimRefused */
export function confirmPoints(
  order: readonly number[],
  { transactions, keeps }: PointsOrder,
): void {
  const byName = new Map(transactions.map((each) => [each.operation.invocation, each]));
  const state: State = new Map();
  const passed = new Map<number, number>();
  /** The latest invocation of those that have begun, of each process or of all. */
  const begun = new Map<string, number>();
  for (const at of order) {
    const transaction = byName.get(at);
    claim(transaction !== undefined, () => `Operation ${at} is no transaction.`);
    const { operation } = transaction;
    claim(operation.outcome !== "fail", () => `Transaction ${at} failed.`);
    const reads = openReads(transaction);
    const moment = passed.get(at) ?? 0;
    passed.set(at, moment + 1);
    claim(moment <= reads.length, () => `Transaction ${at} stands in the order too often.`);
    const read = reads[moment];
    if (read === undefined) {
      commit(transaction, state);
      confirmEnd(operation, begun.get(groupOf(operation, keeps)), keeps);
    } else {
      confirmRead(read, state.get(read.key), at);
    }
    const group = groupOf(operation, keeps);
    begun.set(group, Math.max(begun.get(group) ?? -1, at));
  }
  for (const transaction of transactions) {
    const { invocation, outcome } = transaction.operation;
    const moments = passed.get(invocation) ?? 0;
    claim(
      moments === openReads(transaction).length + 1 || (moments === 0 && outcome !== "ok"),
      () => `Transaction ${invocation} does not stand in the order as often as it should.`,
    );
  }
}

/** Reads of keys that the transaction has not written before. */
function openReads({ micro }: Transaction): readonly Micro[] {
  return micro.filter((each, at) => isOpenRead(micro, at) && each.value !== undefined);
}

/** Whether it is a read of what others left. */
export function isOpenRead(micro: readonly Micro[], at: number): boolean {
  const { f, key } = micro[at] as Micro;
  return f === "r" && !micro.slice(0, at).some((each) => each.f !== "r" && each.key === key);
}

function commit(transaction: Transaction, state: State): void {
  const { micro, operation } = transaction;
  for (const [at, each] of micro.entries()) {
    if (each.f !== "r") write(state, each);
    else if (!isOpenRead(micro, at)) {
      confirmRead(each, state.get(each.key), operation.invocation);
    }
  }
}

function groupOf({ process }: Operation, keeps: PointsOrder["keeps"]): string {
  return keeps === "session" ? String(process) : "";
}

/** It commits before any begins that was invoked after it had completed. */
function confirmEnd(
  { invocation, outcome, completion }: Operation,
  latest: number | undefined,
  keeps: PointsOrder["keeps"],
): void {
  if (keeps === undefined || outcome !== "ok" || latest === undefined) return;
  claim(
    (completion as number) > latest,
    () =>
      `Transaction ${invocation} completed before ${latest} was invoked, which comes before it.`,
  );
}
