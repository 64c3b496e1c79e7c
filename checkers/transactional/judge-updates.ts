/**
 * The verdict about update serializability of lists, by the orders of update-serializable.ts.
 */
import type { TransactionalLevel } from "../../src/consistency/level.js";
import { OK } from "../../src/history/history.js";
import type { Meter } from "../linearizable/meter.js";
import type { Analysis } from "./analyze.js";
import { explainCycle } from "./explain.js";
import type { Judgement } from "./judge.js";
import { Justify } from "./justify.js";
import { levelFacts, takenApart, variantOf, withStronger } from "./levels.js";
import { updateOrders } from "./update-serializable.js";

/**
 * Judges update serializability, or shows that a level holds because it does; undefined when
 * neither is known. For lists of which nothing else is strange.
 */
export function judgeUpdates(
  analysis: Analysis,
  level: TransactionalLevel,
  meter: Meter,
): Judgement | undefined {
  const { base, time } = takenApart(level);
  const { transactions, dependencies } = analysis;
  if (base !== "update-serializable" && base !== "forward-consistent-view") return undefined;
  if (dependencies.findings.counts.size > 0 || dependencies.isAppendedTwice) return undefined;
  const ok = transactions.outcomes.filter((outcome) => outcome === OK).length;
  if (ok === 0) return undefined;
  const found = updateOrders(analysis, time, () => meter.check());
  if (found === undefined) return undefined;
  const invocationOf = (each: number): number => transactions.invocations[each] as number;
  if ("cycles" in found) {
    if (base !== "update-serializable") return undefined;
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
  // With time kept, what one reader saw binds those that follow it, as in a consistent view.
  if (time !== "" && analysis.found.phenomena[time].oneRw !== false) return undefined;
  const { order, readers } = found;
  return {
    verdict: "valid",
    reason:
      `${ok} transactions: nothing contradicts ${level}, and one order of those that write, and of others, explains every read` +
      (readers.length === 0 ? "." : `; ${readers.length} that only read have one each.`),
    anomalies: [],
    certificate: {
      kind: "transaction-order",
      level,
      manner: "serial",
      order: order.map(invocationOf),
      readers: readers.map((each) => ({
        reader: invocationOf(each.reader),
        order: each.order.map(invocationOf),
      })),
    },
    details: { level, apart: readers.length },
  };
}
