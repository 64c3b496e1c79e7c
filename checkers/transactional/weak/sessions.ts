/**
 * The order of sessions: a process is a session, and of its transactions those that completed `ok`
 * precede all that it began later. One that did not complete precedes nothing.
 */
import { NONE, OK } from "../../../src/history/history.js";
import type { Transactions } from "../layout.js";

/** Who comes before whom in its session. */
export interface Sessions {
  /** Transaction → the last of its session that completed before it began, or `NONE`. */
  readonly before: Int32Array;
  /** Transaction → the number of its session. */
  readonly of: Int32Array;
  readonly count: number;
}

/** Sessions of the transactions that happened. */
export function sessionsOf(transactions: Transactions, happened: Uint8Array): Sessions {
  const { count, processes, outcomes } = transactions;
  const before = new Int32Array(count).fill(NONE);
  const of = new Int32Array(count).fill(NONE);
  const numbers = new Map<number, number>();
  const last: number[] = [];
  for (let each = 0; each < count; each++) {
    const process = processes[each] as number;
    let session = numbers.get(process);
    if (session === undefined) {
      session = last.push(NONE) - 1;
      numbers.set(process, session);
    }
    if (happened[each] === 0) continue;
    of[each] = session;
    before[each] = last[session] as number;
    if (outcomes[each] === OK) last[session] = each;
  }
  return { before, of, count: last.length };
}

/** The same with nobody before anybody: for levels that keep no order of sessions. */
export function noSessions({ count }: Transactions): Sessions {
  const none = new Int32Array(count).fill(NONE);
  return { before: none, of: none, count: 0 };
}

/** All transactions of sessions, those of the first session first; by counting. */
export function bySession({ of, count }: Sessions): Int32Array {
  if (count === 0) return new Int32Array(0);
  const places = new Int32Array(count + 1);
  for (const session of of) {
    if (session !== NONE) places[session + 1] = (places[session + 1] as number) + 1;
  }
  for (let session = 0; session < count; session++) {
    places[session + 1] = (places[session + 1] as number) + (places[session] as number);
  }
  const sorted = new Int32Array(places[count] as number);
  for (let each = 0; each < of.length; each++) {
    const session = of[each] as number;
    if (session === NONE) continue;
    const place = places[session] as number;
    places[session] = place + 1;
    sorted[place] = each;
  }
  return sorted;
}
