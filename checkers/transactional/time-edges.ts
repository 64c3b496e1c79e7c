/**
 * The orders of sessions and of real time as O(n) edges.
 *
 * In real time every transaction that completed precedes every one that was invoked later: a
 * quadratic number of pairs. A chain of *moments* says the same: one between each run of
 * completions and the invocations after it, each leading to the next. A completion leads to the
 * moment after it, a moment to the invocations before the next.
 *
 * Who did not complete precedes nobody, neither in real time nor in its session.
 */
import { FAIL, INVOKE, NONE, OK } from "../../src/history/history.js";
import { CONTINUES, PROCESS, REALTIME } from "./dependencies.js";
import type { Transactions } from "./layout.js";

/** What has transactions, and takes edges between them. */
export interface Timed {
  readonly transactions: Pick<
    Transactions,
    "history" | "invocations" | "completions" | "outcomes" | "processes" | "count"
  >;
  /** Transaction → 1 when it happened. */
  readonly happened: Uint8Array;
  add(from: number, to: number, kind: number): void;
  addNode(): number;
}

/** Adds the edges of both orders between transactions that happened. */
export function addTimeEdges(dependencies: Timed): void {
  const { transactions, happened } = dependencies;
  const { history, invocations, completions, outcomes, processes, count } = transactions;
  const last = new Map<number, number>();
  /** Event → its transaction. */
  const numbers = new Int32Array(history.length).fill(NONE);
  for (let each = 0; each < count; each++) {
    if (happened[each] === 0 || outcomes[each] === FAIL) continue;
    numbers[invocations[each] as number] = each;
    if (outcomes[each] === OK) numbers[completions[each] as number] = each;
    const process = processes[each] as number;
    const before = last.get(process);
    if (before !== undefined) dependencies.add(before, each, PROCESS);
    if (outcomes[each] === OK) last.set(process, each);
  }
  let moment = NONE;
  let isOpen = false;
  for (let event = 0; event < history.length; event++) {
    const each = numbers[event] as number;
    if (each === NONE) continue;
    if (history.types[event] === INVOKE) {
      if (moment !== NONE) dependencies.add(moment, each, CONTINUES);
      isOpen = false;
      continue;
    }
    if (!isOpen) {
      const next = dependencies.addNode();
      if (moment !== NONE) dependencies.add(moment, next, CONTINUES);
      moment = next;
      isOpen = true;
    }
    dependencies.add(each, moment, REALTIME);
  }
}
