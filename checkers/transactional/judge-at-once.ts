/**
 * Levels that hold because transactions on registers, carried out about as they completed, show a
 * serial order that keeps real time: strict serializability holds then, with it all other levels,
 * and so does whatever may be assumed of the order of versions. This spares most right histories
 * all else.
 */
import type { BaseIsolation, TransactionalLevel } from "../../src/consistency/level.js";
import { OK } from "../../src/history/history.js";
import type { TransactionOrderCertificate } from "../../src/verdict/isolation-certificate.js";
import type { CarriedOut } from "./serial/carry-out.js";
import type { Judgement } from "./judge.js";
import { okCountOf, type Transactions } from "./layout.js";
import { levelFacts, takenApart } from "./levels.js";

/** What orders show these levels. */
const MANNERS: { readonly [base in BaseIsolation]?: TransactionOrderCertificate["manner"] } = {
  serializable: "serial",
  "repeatable-read": "serial",
  "snapshot-isolation": "snapshot",
};

/** That a level holds, or transactions without an order that keeps real time. */
export type AtOnce = { readonly judgement: Judgement } | { readonly torn: Int32Array };

/** Judges a level by how transactions are carried out; undefined when nothing was found. */
export function judgeAtOnce(
  transactions: Transactions,
  carryOut: () => CarriedOut | undefined,
  level: TransactionalLevel,
): AtOnce | undefined {
  const manner = MANNERS[takenApart(level).base];
  if (manner === undefined || !transactions.outcomes.includes(OK)) return undefined;
  const found = carryOut();
  if (found === undefined || "torn" in found) return found;
  const { invocations, count, keyCount, leftOut } = transactions;
  const ok = okCountOf(transactions);
  const times = manner === "snapshot" ? 2 : 1;
  const order: number[] = [];
  for (const each of found.order) {
    for (let time = 0; time < times; time++) order.push(invocations[each] as number);
  }
  const judgement: Judgement = {
    verdict: "valid",
    reason: `${ok} transactions: nothing contradicts ${level}, and one order of them explains every read and keeps real time.`,
    anomalies: [],
    certificate: { kind: "transaction-order", level, manner, order },
    details: {
      level,
      transactions: count,
      keys: keyCount,
      onCycles: 0,
      components: 0,
      leftOut,
      ...levelFacts(new Set()),
    },
  };
  return { judgement };
}
