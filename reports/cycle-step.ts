/** One step of a cycle of transactions, as reports show it, whatever they do. */
import { NEMESIS, type History } from "../src/history/history.js";

/** A transaction of a cycle, and the step from it to the next one. */
export interface CycleStep {
  /** The index of its invocation. */
  readonly transaction: number;
  readonly process: string;
  readonly micros: readonly ShownMicro[];
  readonly next: number;
  /** `ww`, `wr`, `rw`, … */
  readonly by: string;
  /** What kind of dependency that is. */
  readonly dependency: string;
  readonly why: string;
}

/** A micro-operation as text. */
export interface ShownMicro {
  readonly text: string;
  /** Whether the step to it or from it is about its key. */
  readonly matters: boolean;
}

/** What reasons call a transaction: a number alone might be a value or an offset. */
export function transactionName(invocation: number): string {
  return `transaction ${invocation}`;
}

/** Why the one comes before the other in time. */
export function timeReason(edge: {
  readonly by: "process" | "realtime";
  readonly from: number;
  readonly to: number;
}): string {
  const [from, to] = [transactionName(edge.from), transactionName(edge.to)];
  return edge.by === "process"
    ? `${from} completed before its process began ${to}.`
    : `${from} completed before ${to} was invoked.`;
}

/** Tells each edge of a cycle, `about` it and the one before: both are of its transaction. */
export function cycleSteps<Edge extends { readonly from: number; readonly to: number }>(
  edges: readonly Edge[],
  history: History,
  tell: (
    edge: Edge,
    about: readonly Edge[],
  ) => Pick<CycleStep, "micros" | "by" | "dependency" | "why">,
): readonly CycleStep[] {
  return edges.map((edge, place) => {
    const process = history.processes[edge.from] as number;
    return {
      transaction: edge.from,
      process: process === NEMESIS ? "nemesis" : `process ${process}`,
      next: edge.to,
      ...tell(edge, [edges.at(place - 1) as Edge, edge]),
    };
  });
}
