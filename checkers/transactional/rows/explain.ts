/**
 * Cycles of transactions on rows: what they are called, which levels they contradict, and each step
 * with the micro-operation that implies it.
 */
import type { BaseIsolation } from "../../../src/consistency/level.js";
import type { Value } from "../../../src/history/value.js";
import type { RowEdge, TimeEdge } from "../../../src/verdict/isolation-certificate.js";
import type { Anomaly } from "../../../src/verdict/verdict.js";
import type { Cycle } from "../cycles.js";
import { PROCESS, REALTIME } from "../dependencies.js";
import { short } from "../explain.js";
import { withMicros } from "../edge-micros.js";
import type { RowDependencies } from "./dependencies.js";
import { tellRow } from "./findings.js";
import type { RowHistory, RowTransaction } from "./layout.js";
import { onlyReads } from "./updates.js";

/** A cycle with its reasons. */
export interface RowCycle {
  readonly cycle: Cycle;
  readonly edges: readonly (RowEdge | TimeEdge)[];
}

/** Finds the reason of each step. */
export function justified(cycle: Cycle, known: RowDependencies): RowCycle {
  const { invocations } = known.dependencies.transactions;
  const edges = cycle.steps.map(({ from, to, kind }): RowEdge | TimeEdge => {
    const ends = { from: invocations[from] as number, to: invocations[to] as number };
    if (kind === PROCESS) return { ...ends, by: "process" };
    if (kind === REALTIME) return { ...ends, by: "realtime" };
    const edge = known.reasonOf(from, to, kind);
    if (edge === undefined) throw new Error(`an edge from ${from} to ${to} has no reason`);
    return edge;
  });
  return { cycle, edges };
}

function isRw(edge: RowEdge | TimeEdge | undefined): edge is RowEdge {
  return edge?.by === "rw" || edge?.by === "update";
}

/** The weakest levels that a cycle contradicts, without the time that it needs. */
export function basesAgainst(
  { edges, cycle: { steps } }: RowCycle,
  rows: RowHistory,
): readonly BaseIsolation[] {
  const anti = edges.filter(isRw);
  if (anti.length === 0) return ["read-committed"];
  const bases: BaseIsolation[] = [isOfItems(edges) ? "repeatable-read" : "serializable"];
  // Nothing here is about who overwrote whom, so that all is seen by causality.
  if (anti.length === 1) bases.push("consistent-view", "causal-cerone");
  const isAdjacent = edges.some(
    (edge, place) => isRw(edge) && isRw(edges[(place + 1) % edges.length]),
  );
  if (!isAdjacent) bases.push("snapshot-isolation");
  if (edges.every((edge, place) => !isRw(edge) || !isRw(edges.at(place - 1)))) {
    bases.push("prefix");
  }
  if (edges.every(({ by }) => by !== "rw")) bases.push("cursor-stability", "update-atomic");
  // Two that only read need not agree with one another.
  const readers = steps.filter(({ from }) => onlyReads(from, rows));
  if (new Set(readers.map(({ from }) => from)).size < 2) bases.push("update-serializable");
  return bases;
}

function isOfItems(edges: readonly (RowEdge | TimeEdge)[]): boolean {
  return edges.every((edge) => edge.by === "wr" || !("reads" in edge) || edge.reads === "item");
}

/** What makes a cycle wrong. */
export function explainRowCycle(
  edges: RowCycle["edges"],
  kind: string,
  history: RowHistory,
): Anomaly {
  const steps = edges.map((edge) => tellRowEdge(edge, history));
  const operations = [...new Set(edges.map(({ from }) => from))].toSorted((a, b) => a - b);
  return {
    kind,
    message: `${kind}: ${steps.join("; ")}: so each would have to come before itself.`,
    operations,
    details: { edges: withMicros(edges, history.history) },
  };
}

/** What a cycle is called. */
export function cycleName({ cycle: { class: name, time }, edges }: RowCycle): string {
  const isAnti = edges.some(({ by }) => by === "rw" || by === "update");
  const item = isAnti && isOfItems(edges) ? "-item" : "";
  return `${name}${item}${time === "" ? "" : `-${time}`}`;
}

function tellRowEdge(edge: RowEdge | TimeEdge, history: RowHistory): string {
  const { from, to, by } = edge;
  if (by === "process")
    return `transaction ${from} completed before transaction ${to} began in its process`;
  if (by === "realtime")
    return `transaction ${from} completed before transaction ${to} was invoked`;
  if (!("reads" in edge)) return `transaction ${from} precedes transaction ${to}`;
  const { at, after } = edge;
  const reader = by === "wr" ? to : from;
  const read = `transaction ${reader} did ${microText(reader, at, history)}`;
  const row = tellRow(edge);
  if (by === "wr") return `${read}, which of ${row} only what transaction ${from} left explains`;
  const version = after === "initial" ? "as it was at first" : `as transaction ${to} read it too`;
  const own = by === "update" ? ", and wrote it itself" : "";
  return `${read}, with ${row} ${version}, before transaction ${to} wrote it${own}`;
}

function microText(invocation: number, at: number, { transactions }: RowHistory): string {
  const { operation } = transactions.find(
    (each) => each.operation.invocation === invocation,
  ) as RowTransaction;
  return short((operation.output as readonly Value[])[at] ?? null);
}
