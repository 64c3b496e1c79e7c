/** What totals contradict, in words. */
import { canonical, type Value } from "../../../src/history/value.js";
import type {
  CounterEdge,
  CounterFinding,
  NoCounterOrder,
} from "../../../src/verdict/counter-certificate.js";
import type { Anomaly } from "../../../src/verdict/verdict.js";
import { short } from "../explain.js";
import { withMicros } from "../edge-micros.js";
import type { CounterCycleFound } from "./cycles.js";
import type { CounterHistory, CounterTransaction } from "./layout.js";

/** A finding as an anomaly. */
export function explainFinding(finding: CounterFinding, history: CounterHistory): Anomaly {
  const { kind, transactions, key } = finding;
  const operations = transactions.toSorted((a, b) => a - b);
  const message = `${kind}: ${tellFinding(finding, history)}.`;
  return { kind, message, operations, ...(key === undefined ? {} : { key }) };
}

function tellFinding(finding: CounterFinding, history: CounterHistory): string {
  const { kind, transactions, at } = finding;
  const [by = 0, other = 0] = transactions;
  const did = `transaction ${by} read ${readText(history, by, at[0] as number)}`;
  if (transactions.length === 2 && (kind === "garbage-read" || kind === "G1a")) {
    const one = `${did}, and transaction ${other} ${readText(history, other, at[1] as number)}`;
    return kind === "G1a"
      ? `${one}: only with what a transfer that failed moved does one lead to the other`
      : `${one}: nothing that anybody moved leads from one to the other`;
  }
  switch (kind) {
    case "garbage-read":
      return `${did}, but nothing that anybody added makes that`;
    case "G1a":
      return `${did}, which takes what was added by a transaction that failed`;
    case "G1b":
      return `${did}, which takes a part of what a transaction added`;
    case "future-read":
      return `${did}, which takes what it added itself only later`;
    case "dirty-read":
      return `${did}, which nothing that was committed makes`;
    case "internal":
      return `${did}, which does not follow from what it had read and added there before`;
    case "lost-update":
      if (transactions.length === 1) {
        return `${did}, but another total of it before, and then added to it: whichever total was there first, another added to it in between`;
      }
      return `transactions ${by} and ${other} both read ${readText(history, other, at[0] as number)} and then added to it, though nothing is ever taken away: whoever was second did not see the first`;
    case "wrong-total":
    default: {
      const total = totalOf(history, by, at);
      const rest =
        transactions.length > 1
          ? `transaction ${other} read another total`
          : "that is not what there was at first";
      return `transaction ${by} read ${total} in all (${at.map((each) => readText(history, by, each)).join(", ")}), of what is only moved from one to another: ${rest}`;
    }
  }
}

/** What makes a cycle wrong. */
export function explainCounterCycle(found: CounterCycleFound, history: CounterHistory): Anomaly {
  const { cycle, edges } = found;
  const isAnti = edges.some(({ by }) => by === "rw" || by === "smaller");
  const kind = `${cycle.class}${isAnti ? "-item" : ""}${cycle.time === "" ? "" : `-${cycle.time}`}`;
  const steps = edges.map((edge) => tellEdge(edge, history));
  const operations = [...new Set(edges.map(({ from }) => from))].toSorted((a, b) => a - b);
  return {
    kind,
    message: `${kind}: ${steps.join("; ")}: so each would have to come before itself.`,
    operations,
    details: { edges: withMicros(edges, history.history) },
  };
}

function tellEdge(edge: CounterEdge, history: CounterHistory): string {
  const { from, to } = edge;
  if (!("key" in edge)) {
    if (edge.by === "process")
      return `transaction ${from} completed before transaction ${to} began in its process`;
    return `transaction ${from} completed before transaction ${to} was invoked`;
  }
  if (edge.by === "wr") {
    return `transaction ${to} read ${readText(history, to, edge.at)}, which takes what transaction ${from} added`;
  }
  const read = `transaction ${from} read ${readText(history, from, edge.at)}`;
  if (!("toAt" in edge)) return `${read}, which leaves no room for what transaction ${to} added`;
  return `${read}, and transaction ${to} read ${readText(history, to, edge.toAt)}, which is more`;
}

/** That no order explains some reads. */
export function explainNoOrder(found: NoCounterOrder, history: CounterHistory): Anomaly {
  const { needs, reads } = found;
  const told = reads
    .slice(0, TOLD_MAX)
    .map(([by, at]) => `transaction ${by} read ${readText(history, by, at)}`)
    .join("; ");
  const more = reads.length > TOLD_MAX ? `; and ${reads.length - TOLD_MAX} more` : "";
  const operations = [...new Set(reads.map(([by]) => by))].toSorted((a, b) => a - b);
  return {
    kind: "no-order",
    message: `no-order: whatever the order of the transactions, not all of these totals are there when they would have to be, as ${needs} demands: ${told}${more}.`,
    operations,
    details: { reads: reads.map(([by, at]): Value => [by, at]) },
  };
}

const TOLD_MAX = 12;

function transactionNamed(
  { transactions }: CounterHistory,
  invocation: number,
): CounterTransaction {
  const found = transactions.find(({ operation }) => operation.invocation === invocation);
  return found as CounterTransaction;
}

function readText(history: CounterHistory, invocation: number, at: number): string {
  const { deeds } = transactionNamed(history, invocation);
  const deed = deeds.find((each) => each.f === "read" && each.at === at);
  const key = history.keys[deed?.key ?? 0] as Value;
  return `${short(key)} as ${canonical(deed?.amount ?? null)}`;
}

function totalOf(history: CounterHistory, invocation: number, at: readonly number[]): number {
  const { deeds } = transactionNamed(history, invocation);
  const read = deeds.filter((each) => each.f === "read" && at.includes(each.at));
  return read.reduce((sum, { amount }) => sum + amount, 0);
}
