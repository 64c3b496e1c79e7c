/**
 * What a transaction reads must agree with what it did to the same key before (Cerone et al. 2015,
 * section 3, axiom INT): with what it read there, followed by what it appended or written over by
 * what it wrote since.
 *
 * ```
 * internal   0  r x → [1]   append x 2   r x → [1 3 2]
 *            1  w y 1   r y → 2
 * ```
 */
import { NONE, OK } from "../../src/history/history.js";
import type { Findings } from "./findings.js";
import { APPEND, READ, type Transactions } from "./layout.js";

/** Looks at every transaction that completed. O(micro-operations and elements read). */
export function checkInside(transactions: Transactions, findings: Findings): void {
  const { count, outcomes, starts } = transactions;
  const inside = new Inside(transactions, findings);
  for (let each = 0; each < count; each++) {
    if (outcomes[each] !== OK) continue;
    const first = starts[each] as number;
    const end = starts[each + 1] as number;
    if (end - first > 1) inside.check(each, first, end);
  }
}

class Inside {
  readonly #transactions: Transactions;
  readonly #findings: Findings;
  /** By key, valid where the stamp is that of the transaction. */
  readonly #stamps: Int32Array;
  /** The micro-operation after which the value is known, or `NONE`. */
  readonly #bases: Int32Array;
  /** The last append since, and how many. */
  readonly #lastAppends: Int32Array;
  readonly #appendCounts: Int32Array;
  /** Append → the one before it. */
  readonly #before: Int32Array;

  constructor(transactions: Transactions, findings: Findings) {
    const { keyCount, keys } = transactions;
    this.#transactions = transactions;
    this.#findings = findings;
    this.#stamps = new Int32Array(keyCount);
    this.#bases = new Int32Array(keyCount);
    this.#lastAppends = new Int32Array(keyCount);
    this.#appendCounts = new Int32Array(keyCount);
    this.#before = new Int32Array(keys.length);
  }

  check(transaction: number, first: number, end: number): void {
    const { kinds, keys } = this.#transactions;
    for (let at = first; at < end; at++) {
      const key = keys[at] as number;
      if (this.#stamps[key] !== transaction + 1) {
        this.#stamps[key] = transaction + 1;
        this.#reset(key, NONE);
      }
      if (kinds[at] === APPEND) {
        this.#before[at] = this.#lastAppends[key] as number;
        this.#lastAppends[key] = at;
        this.#appendCounts[key] = (this.#appendCounts[key] as number) + 1;
        continue;
      }
      if (kinds[at] === READ && !this.#agrees(at, key)) {
        const base = this.#bases[key] as number;
        const earlier = base === NONE ? (this.#lastAppends[key] as number) : base;
        const micro = [earlier, at];
        this.#findings.add({ kind: "internal", key, transactions: [transaction], micro });
      }
      this.#reset(key, at);
    }
  }

  #reset(key: number, base: number): void {
    this.#bases[key] = base;
    this.#lastAppends[key] = NONE;
    this.#appendCounts[key] = 0;
  }

  #agrees(read: number, key: number): boolean {
    const { values, lists } = this.#transactions;
    const { starts, items } = lists;
    const base = this.#bases[key] as number;
    const count = this.#appendCounts[key] as number;
    const value = values[read] as number;
    if (count === 0) return base === NONE || this.#isSame(values[base] as number, value);
    const start = starts[value] as number;
    const length = start >= 0 ? (items[start] as number) : 0;
    if (length < count) return false;
    let append = this.#lastAppends[key] as number;
    for (let place = length; place > length - count; place--) {
      if (items[start + place] !== values[append]) return false;
      append = this.#before[append] as number;
    }
    if (base === NONE) return true;
    const baseStart = starts[values[base] as number] as number;
    const baseLength = baseStart >= 0 ? (items[baseStart] as number) : 0;
    if (length !== baseLength + count) return false;
    for (let place = 1; place <= baseLength; place++) {
      if (items[start + place] !== items[baseStart + place]) return false;
    }
    return true;
  }

  /** Null and the empty list are one. */
  #isSame(a: number, b: number): boolean {
    if (a === b) return true;
    const { lists, nullAt } = this.#transactions;
    const isEmpty = (value: number): boolean =>
      value === nullAt || lists.items[lists.starts[value] as number] === 0;
    return isEmpty(a) && isEmpty(b);
  }
}
