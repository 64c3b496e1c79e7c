/**
 * Monotonic atomic view: what a transaction has seen of another it does not miss later on. A read
 * of y from t2, and then of x from t1, where t2 wrote x too, shows that t2 committed before t1.
 * This is what Biswas & Enea (2019, section 2.2) and their successors call read committed.
 *
 * Of each t2 the first read counts; of the keys that are read after it, it suffices to know for
 * each the first read from another than t2: later ones follow from it (Møldrup & Pavlogiannis 2025,
 * algorithm 1). So the reads are gone through backwards, with the next two writers of each key in
 * mind, and the smaller of two sets of keys is looked up in the larger: O(n^1.5).
 */
import { NONE, OK } from "../../../src/history/history.js";
import type { Transactions } from "../layout.js";
import { Forced } from "./forced.js";
import { isAmong } from "./is-among.js";
import type { Sources } from "./sources.js";

/** What the reads of each transaction force, in their order. */
export function forcedByMonotonicViews(transactions: Transactions, known: Sources): Forced {
  const { count, starts, outcomes, owners } = transactions;
  const { sources } = known;
  const forced = new Forced(transactions, known);
  const views = new Views(transactions, known, forced);
  /** Transaction → who read it last. */
  const readBy = new Int32Array(count).fill(NONE);
  const reads: number[] = [];
  const firsts: boolean[] = [];
  for (let reader = 0; reader < count; reader++) {
    if (outcomes[reader] !== OK) continue;
    reads.length = 0;
    firsts.length = 0;
    const end = starts[reader + 1] as number;
    for (let at = starts[reader] as number; at < end; at++) {
      const source = sources[at] as number;
      if (source === NONE) continue;
      reads.push(at);
      const writer = source < 0 ? NONE : (owners[source] as number);
      firsts.push(writer !== NONE && readBy[writer] !== reader);
      if (writer !== NONE) readBy[writer] = reader;
    }
    if (reads.length > 1) views.add(reader, reads, firsts);
  }
  return forced;
}

class Views {
  readonly #known: Sources;
  readonly #forced: Forced;
  readonly #keys: Int32Array;
  readonly #owners: Int32Array;
  /** Key → the next read of it and the next one from another, valid where stamped. */
  readonly #stamps: Int32Array;
  readonly #nexts: Int32Array;
  readonly #others: Int32Array;
  #read: number[] = [];

  constructor({ keyCount, keys, owners }: Transactions, known: Sources, forced: Forced) {
    this.#known = known;
    this.#forced = forced;
    this.#keys = keys;
    this.#owners = owners;
    this.#stamps = new Int32Array(keyCount).fill(NONE);
    this.#nexts = new Int32Array(keyCount);
    this.#others = new Int32Array(keyCount);
  }

  add(reader: number, reads: readonly number[], firsts: readonly boolean[]): void {
    this.#read = [];
    for (let place = reads.length - 1; place >= 0; place--) {
      const at = reads[place] as number;
      if (firsts[place] === true && this.#read.length > 0) this.#intersect(reader, at);
      const key = this.#keys[at] as number;
      if (this.#stamps[key] !== reader) {
        this.#stamps[key] = reader;
        this.#others[key] = NONE;
        this.#read.push(key);
      } else if (this.#writerOf(this.#nexts[key] as number) !== this.#writerOf(at)) {
        this.#others[key] = this.#nexts[key] as number;
      }
      this.#nexts[key] = at;
    }
  }

  /** Who is read by a read; the initial value is a writer too. */
  #writerOf(read: number): number {
    const source = this.#known.sources[read] as number;
    return source < 0 ? source : (this.#owners[source] as number);
  }

  #intersect(reader: number, seen: number): void {
    const { writes } = this.#known;
    const writer = this.#writerOf(seen);
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
    const next = this.#nexts[key] as number;
    const read = this.#writerOf(next) === writer ? (this.#others[key] as number) : next;
    if (read !== NONE) this.#forced.add(writer, read, seen);
  }
}
