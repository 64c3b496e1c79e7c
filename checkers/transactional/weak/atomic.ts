/**
 * Read atomic: who sees a transaction sees all that it wrote, whichever it reads first; and for
 * sessions that they see what they did before. A read of y from t2, or t2 earlier in the session,
 * and a read of x from t1 where t2 wrote x too, show that t2 committed before t1 (Cerone et al.
 * 2015, section 3; Biswas & Enea 2019, section 2.2).
 *
 * Each key is read from one transaction only, or the reader contradicts itself. Of the earlier
 * writes of a session the last of each key suffices. The smaller of two sets of keys is looked up
 * in the larger: O(n^1.5) (Møldrup & Pavlogiannis 2025, algorithm 2).
 */
import { NONE, OK } from "../../../src/history/history.js";
import type { Transactions } from "../layout.js";
import type { Known } from "./commit-graph.js";
import { forceByTime } from "./completed.js";
import { BY_SESSION, Forced } from "./forced.js";
import { isAmong } from "./is-among.js";
import { bySession, type Sessions } from "./sessions.js";
import type { Sources } from "./sources.js";

/** What the reads of each transaction force, in any order. */
export function forcedByAtomicViews(
  { transactions, sessions, moments }: Known,
  known: Sources,
): Forced {
  const { count, starts, outcomes } = transactions;
  const forced = new Forced(transactions, known);
  const views = new Views(transactions, known, forced);
  for (let reader = 0; reader < count; reader++) {
    if (outcomes[reader] !== OK) continue;
    const first = starts[reader] as number;
    const end = starts[reader + 1] as number;
    if (end - first > 1) views.add(reader, first, end);
  }
  if (moments === undefined) forceBySessions(transactions, known, { sessions, forced });
  else forceByTime(transactions, known, { moments, forced });
  return forced;
}

class Views {
  readonly #known: Sources;
  readonly #forced: Forced;
  readonly #keys: Int32Array;
  readonly #owners: Int32Array;
  /** Key → the read of it, valid where the stamp is the reader. */
  readonly #stamps: Int32Array;
  readonly #readAt: Int32Array;
  /** Transaction → who read it last. */
  readonly #readBy: Int32Array;
  readonly #read: number[] = [];
  readonly #seen: number[] = [];

  constructor({ count, keyCount, keys, owners }: Transactions, known: Sources, forced: Forced) {
    this.#known = known;
    this.#forced = forced;
    this.#keys = keys;
    this.#owners = owners;
    this.#stamps = new Int32Array(keyCount).fill(NONE);
    this.#readAt = new Int32Array(keyCount);
    this.#readBy = new Int32Array(count).fill(NONE);
  }

  add(reader: number, first: number, end: number): void {
    const { sources } = this.#known;
    const read = this.#read;
    const seen = this.#seen;
    read.length = 0;
    seen.length = 0;
    for (let at = first; at < end; at++) {
      const source = sources[at] as number;
      if (source === NONE) continue;
      const key = this.#keys[at] as number;
      if (this.#stamps[key] !== reader) {
        this.#stamps[key] = reader;
        this.#readAt[key] = at;
        read.push(key);
      }
      if (source < 0) continue;
      const writer = this.#owners[source] as number;
      if (this.#readBy[writer] === reader) continue;
      this.#readBy[writer] = reader;
      seen.push(at);
    }
    if (read.length > 1) for (const at of seen) this.#intersect(reader, at);
  }

  #intersect(reader: number, seen: number): void {
    const { sources, writes } = this.#known;
    const writer = this.#owners[sources[seen] as number] as number;
    const from = writes.starts[writer] as number;
    const end = writes.starts[writer + 1] as number;
    if (end - from <= this.#read.length) {
      for (let place = from; place < end; place++) {
        const key = writes.keys[place] as number;
        if (this.#stamps[key] === reader) this.#force(writer, key, seen);
      }
      return;
    }
    for (const key of this.#read) {
      if (isAmong(writes.keys, { from, end }, key)) this.#force(writer, key, seen);
    }
  }

  #force(writer: number, key: number, seen: number): void {
    const read = this.#readAt[key] as number;
    const source = this.#known.sources[read] as number;
    if (source < 0 || this.#owners[source] !== writer) this.#forced.add(writer, read, seen);
  }
}

/** What a session wrote last of each key it sees, when it reads the key again. */
function forceBySessions(
  { starts, keyCount, keys, owners, outcomes }: Transactions,
  { sources, writes }: Sources,
  { sessions, forced }: { readonly sessions: Sessions; readonly forced: Forced },
): void {
  /** Key → who wrote it last in the session, valid where stamped with the session. */
  const stamps = new Int32Array(keyCount).fill(NONE);
  const last = new Int32Array(keyCount);
  for (const each of bySession(sessions)) {
    // One that did not complete read nothing that is known, and precedes nothing.
    if (outcomes[each] !== OK) continue;
    const session = sessions.of[each] as number;
    for (let at = starts[each] as number; at < (starts[each + 1] as number); at++) {
      const source = sources[at] as number;
      const key = keys[at] as number;
      if (source === NONE || stamps[key] !== session) continue;
      const writer = last[key] as number;
      if (source < 0 || owners[source] !== writer) forced.add(writer, at, BY_SESSION);
    }
    const end = writes.starts[each + 1] as number;
    for (let place = writes.starts[each] as number; place < end; place++) {
      const key = writes.keys[place] as number;
      stamps[key] = session;
      last[key] = each;
    }
  }
}
