/**
 * Histories of the corpus of transactions as events. Elle's own cases often have completions alone,
 * or several open invocations of one process: what has no invocation is invoked right before it
 * completes, and a process that is busy is another one.
 */
import { historyOf, type History, type NewEvent } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";

/** An event of a case. */
export interface CaseEvent {
  readonly type: "invoke" | "ok" | "fail" | "info";
  readonly process: number | "nemesis";
  readonly f?: string | null;
  readonly value: Value;
}

/** The history, and whether its times and processes are as they were given. */
export function historyOfCase(given: readonly CaseEvent[]): {
  readonly history: History;
  readonly isWhole: boolean;
} {
  const events: NewEvent[] = [];
  const open = new Map<number, number[]>();
  let isWhole = true;
  let fresh = 100_000;
  let called = "txn";
  const add = (type: CaseEvent["type"], process: number, value: Value): void => {
    events.push({ type, process, f: called, value, timeNs: events.length });
  };
  for (const { type, process, f, value } of given) {
    called = f ?? "txn";
    if (process === "nemesis" || (called !== "txn" && called !== "init")) continue;
    const queue = open.get(process) ?? [];
    open.set(process, queue);
    if (type === "invoke") {
      const isBusy = queue.length > 0;
      if (isBusy) isWhole = false;
      const as = isBusy ? fresh++ : process;
      queue.push(as);
      add("invoke", as, value);
      continue;
    }
    let as = queue.shift();
    if (as === undefined) {
      isWhole = false;
      as = process;
      add("invoke", as, value);
    }
    add(type, as, value);
  }
  return { history: historyOf(events), isWhole };
}
