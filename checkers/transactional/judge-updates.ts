/**
 * The verdict about update serializability of lists, by the orders of update-serializable.ts; and
 * for registers the evidence, once an order of versions was found.
 */
import type { TransactionalLevel } from "../../src/consistency/level.js";
import { createLabelledDigraph } from "../../src/graph/labelled-digraph.js";
import type { TransactionOrderCertificate } from "../../src/verdict/isolation-certificate.js";
import type { Meter } from "../linearizable/meter.js";
import type { Analysis } from "./analyze.js";
import { Dependencies } from "./dependencies.js";
import { explainCycle } from "./explain.js";
import type { Judgement } from "./judge.js";
import { Justify } from "./justify.js";
import { okCountOf } from "./layout.js";
import { levelFacts, takenApart, variantOf, withStronger } from "./levels.js";
import { addVersionEdges } from "./version-edges.js";
import { addTimeEdges } from "./time-edges.js";
import { updateOrders, type UpdateOrders } from "./update-serializable.js";

/**
 * Judges update serializability; undefined when nothing is known of it. For histories of which
 * nothing else is strange; of registers, whose versions are not all known, it only refutes.
 */
export function judgeUpdates(
  analysis: Analysis,
  level: TransactionalLevel,
  meter: Meter,
): Judgement | undefined {
  const { base, time } = takenApart(level);
  const { transactions, dependencies } = analysis;
  if (base !== "update-serializable") return undefined;
  if (dependencies.findings.counts.size > 0 || dependencies.isAppendedTwice) return undefined;
  const ok = okCountOf(transactions);
  if (ok === 0) return undefined;
  const found = updateOrders(analysis, time, () => meter.check());
  if (found === undefined) return undefined;
  if ("cycles" in found) {
    const justify = new Justify(dependencies, analysis.byKey, analysis.rules);
    const explained = found.cycles.map((cycle) => {
      const edges = cycle.steps.map((step) => justify.edge(step));
      return explainCycle(cycle, edges, transactions);
    });
    const [first] = explained;
    if (first === undefined) return undefined;
    const ruledOut = withStronger(found.cycles.map((cycle) => variantOf(base, cycle.time)));
    return {
      verdict: "invalid",
      reason: first.anomaly.message,
      anomalies: explained.map(({ anomaly }) => anomaly),
      certificate: { kind: "isolation-violation", level, phenomenon: first.phenomenon },
      details: { level, ...levelFacts(ruledOut) },
    };
  }
  if (dependencies.registers.size > 0) return undefined;
  // With time kept, what one reader saw binds those that follow it, as in a consistent view.
  if (time !== "" && analysis.found.phenomena[time].oneRw !== false) return undefined;
  const certificate = certificateOf(found, analysis, level);
  const apart = certificate.readers?.length ?? 0;
  return {
    verdict: "valid",
    reason: `${ok} transactions: nothing contradicts ${level}, and ${shownBy(certificate)}.`,
    anomalies: [],
    certificate,
    details: { level, apart },
  };
}

/** What orders show. */
export function shownBy({ readers = [] }: TransactionOrderCertificate): string {
  return (
    "one order of those that write, and of others, explains every read" +
    (readers.length === 0 ? "" : `; ${readers.length} that only read have one each`)
  );
}

/**
 * For registers, from an order of those that write to one with each that reads; undefined when
 * these have too many entries.
 */
export function updateCertificate(
  analysis: Analysis,
  order: readonly number[],
  { level, meter }: { readonly level: TransactionalLevel; readonly meter: Meter },
): TransactionOrderCertificate | undefined {
  const { time } = takenApart(level);
  const dependencies = new Dependencies(analysis.transactions);
  dependencies.happened.set(analysis.dependencies.happened);
  addVersionEdges(dependencies, analysis, order);
  addTimeEdges(dependencies);
  const graph = createLabelledDigraph(dependencies.nodeCount, dependencies.edges);
  const found = updateOrders({ dependencies, graph }, time, () => meter.check());
  if (found === undefined) return undefined;
  if ("cycles" in found) {
    throw new Error("an order of versions was found with which a reader does not agree");
  }
  return certificateOf(found, analysis, level);
}

function certificateOf(
  { order, readers, view }: Extract<UpdateOrders, { readonly order: unknown }>,
  { transactions }: Analysis,
  level: TransactionalLevel,
): TransactionOrderCertificate {
  const named = (each: readonly number[]): readonly number[] =>
    each.map((at) => transactions.invocations[at] as number);
  return {
    kind: "transaction-order",
    level,
    manner: "serial",
    order: named(order),
    readers: readers.map((each) => ({
      reader: transactions.invocations[each.reader] as number,
      order: named(each.order),
    })),
    ...(view === undefined ? {} : { view: named(view) }),
  };
}
