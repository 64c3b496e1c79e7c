/**
 * Histories of the corpus that are sessions of transactions on registers, without times: each
 * session is a process. Keys hold 0 at first, which is null here. Some families say so by a session
 * of one transaction that writes 0 to them, the initial transaction. It comes before all, so that
 * what it wrote is what was there; as one among others it may come late. Where 0 is written
 * otherwise it is a value as any.
 */
import { historyOf, type History, type NewEvent } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";

/** A read or write of a key. */
export type Access = readonly [op: "r" | "w", key: number, value: number];

/** Sessions, each a list of transactions. */
export interface SessionCase {
  readonly id: string;
  /** Of single operations, or of lists of them. */
  readonly sessions: readonly (readonly (Access | readonly Access[])[])[];
  /** Writes of transactions that were rolled back. */
  readonly aborted?: readonly (readonly [key: number, value: number])[];
  readonly verdict: { readonly [level: string]: unknown };
}

/** The transactions of a session; what is a single operation is a transaction of it. */
function transactionsOf(session: SessionCase["sessions"][number]): (readonly Access[])[] {
  return session.map((each) =>
    typeof each[0] === "string" ? [each as Access] : (each as readonly Access[]),
  );
}

/** The history, one session after the other. */
export function sessionHistory(
  { sessions: all, aborted = [] }: SessionCase,
  initial: "before all" | "one of all" = "before all",
): History {
  const events: NewEvent[] = [];
  const sessions = initial === "one of all" ? all : all.filter((session) => !isInitial(session));
  const written = new Set<number>();
  for (const [op, key, value] of sessions.flatMap(transactionsOf).flat()) {
    if (op === "w" && value === 0) written.add(key);
  }
  const valueOf = (key: number, value: number): Value =>
    value === 0 && !written.has(key) ? null : value;
  const add = (process: number, type: "ok" | "fail", micro: readonly Value[]): void => {
    const about = { process, f: "txn", timeNs: events.length, value: micro };
    events.push({ ...about, type: "invoke" }, { ...about, type });
  };
  for (const [process, session] of sessions.entries()) {
    for (const transaction of transactionsOf(session)) {
      const micro = transaction.map(([op, key, value]): Value => [op, key, valueOf(key, value)]);
      add(process, "ok", micro);
    }
  }
  for (const [key, value] of aborted) add(sessions.length, "fail", [["w", key, value]]);
  return historyOf(events);
}

function isInitial(session: SessionCase["sessions"][number]): boolean {
  const [only = [], ...others] = transactionsOf(session);
  return (
    others.length === 0 &&
    only.length > 0 &&
    only.every(([op, , value]) => op === "w" && value === 0)
  );
}
