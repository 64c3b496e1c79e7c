/**
 * Sets of configurations: rows of 32-bit words in one typed array, found through open addressing.
 *
 * Rows are compared word by word, so that no hash can merge two different configurations. On top of
 * that, a row may be
 * *dominated*: one with the same head (event, state, operations done) that used fewer indeterminate
 * operations is there already. Whatever the dominated one can still do, the other can do too, for
 * an indeterminate operation never has to happen; so it is left out. Only the last few rows of a
 * head are compared: domination saves work, completeness does not depend on it.
 */
import type { Meter } from "./meter.js";

/** How many rows with the same head a new row is compared with. */
const COMPARISONS_MAX = 48;

/** How a row is laid out: `headWords`, then counters of used indeterminate operations. */
export interface RowLayout {
  readonly headWords: number;
  /**
   * For each counter word the guard bits: one unused bit above each counter, which makes the
   * comparison of all counters of a word one subtraction.
   */
  readonly guards: Int32Array;
}

/** A set of rows that grows, and is emptied in time proportional to what it holds. */
export class Configurations {
  /** Number of rows. */
  count = 0;
  rows: Int32Array = new Int32Array(0);
  /** One number a row for the owner's use. */
  tags: Int32Array = new Int32Array(0);
  readonly stride: number;
  readonly #head: number;
  readonly #guards: Int32Array;
  readonly #meter: Meter;
  #bytes = 0;
  #capacity = 0;
  /** Heads: slot → 1 + the last row with this head. */
  #heads = new Int32Array(0);
  /** Row → 1 + the row before with the same head. */
  #previous = new Int32Array(0);
  /** Row → its slot in `#heads`. */
  #slots = new Int32Array(0);
  /** Exact rows, only when there are counters: slot → 1 + row; and row → slot. */
  #exact = new Int32Array(0);
  #exactSlots = new Int32Array(0);

  constructor(layout: RowLayout, meter: Meter) {
    this.#head = layout.headWords;
    this.#guards = layout.guards;
    this.stride = layout.headWords + layout.guards.length;
    this.#meter = meter;
    this.#grow(16);
  }

  /** Adds a copy of `row` and answers its number; -1 when it is there already or dominated. */
  add(row: Int32Array): number {
    if (this.count === this.#capacity) this.#grow(2 * this.#capacity);
    const counters = this.#guards.length > 0;
    let exact = 0;
    if (counters) {
      exact = this.#find(this.#exact, row, this.stride);
      if (this.#exact[exact] !== 0) return -1;
    }
    const slot = this.#find(this.#heads, row, this.#head);
    const last = this.#heads[slot] as number;
    if (last !== 0 && (!counters || this.#isDominated(row, last - 1))) return -1;
    const added = this.count++;
    this.rows.set(row, added * this.stride);
    this.#previous[added] = last;
    this.#slots[added] = slot;
    this.#heads[slot] = added + 1;
    if (counters) {
      this.#exact[exact] = added + 1;
      this.#exactSlots[added] = exact;
    }
    return added;
  }

  clear(): void {
    for (let row = 0; row < this.count; row++) {
      this.#heads[this.#slots[row] as number] = 0;
      if (this.#guards.length > 0) this.#exact[this.#exactSlots[row] as number] = 0;
    }
    this.count = 0;
  }

  /** Keeps only the rows with these numbers, which ascend; they are renumbered from 0 on. */
  keep(numbers: ArrayLike<number>, count: number): void {
    const { stride } = this;
    for (let row = 0; row < count; row++) {
      const from = (numbers[row] as number) * stride;
      this.rows.copyWithin(row * stride, from, from + stride);
      this.tags[row] = this.tags[numbers[row] as number] as number;
    }
    this.#heads.fill(0);
    this.#exact.fill(0);
    this.count = count;
    for (let row = 0; row < count; row++) this.#insertAgain(row);
    this.#meter.spend(count);
  }

  /** Gives the memory back to the meter. */
  free(): void {
    this.#meter.release(this.#bytes);
    this.#bytes = 0;
  }

  #isDominated(row: Int32Array, from: number): boolean {
    let other = from;
    for (let compared = 0; other >= 0 && compared < COMPARISONS_MAX; compared++) {
      const start = other * this.stride + this.#head;
      let word = 0;
      for (; word < this.#guards.length; word++) {
        const guard = this.#guards[word] as number;
        const mine = row[this.#head + word] as number;
        // A guard bit survives the subtraction exactly where the other's counter is not above mine.
        if ((((mine | guard) - (this.rows[start + word] as number)) & guard) !== guard) break;
      }
      if (word === this.#guards.length) return true;
      other = (this.#previous[other] as number) - 1;
    }
    return false;
  }

  /** The slot of the row with the same first `words` words, or the empty one where it belongs. */
  #find(table: Int32Array, row: Int32Array, words: number): number {
    const mask = table.length - 1;
    let slot = hash(row, 0, words) & mask;
    for (;;) {
      const found = table[slot] as number;
      if (found === 0) return slot;
      const start = (found - 1) * this.stride;
      let word = 0;
      while (word < words && this.rows[start + word] === row[word]) word++;
      if (word === words) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #grow(capacity: number): void {
    const counters = this.#guards.length > 0;
    // Per row: its words, tag, previous, slot; two slots of table per row; the same again for exact
    // rows.
    const bytes = 4 * capacity * (this.stride + 3 + 2 + (counters ? 3 : 0));
    this.#meter.reserve(bytes);
    const old = this.rows;
    this.rows = new Int32Array(capacity * this.stride);
    this.rows.set(old);
    const tags = new Int32Array(capacity);
    tags.set(this.tags);
    this.tags = tags;
    this.#previous = new Int32Array(capacity);
    this.#slots = new Int32Array(capacity);
    this.#heads = new Int32Array(2 * capacity);
    if (counters) {
      this.#exact = new Int32Array(2 * capacity);
      this.#exactSlots = new Int32Array(capacity);
    }
    this.#capacity = capacity;
    for (let row = 0; row < this.count; row++) this.#insertAgain(row);
    this.#meter.release(this.#bytes);
    this.#bytes = bytes;
  }

  #insertAgain(row: number): void {
    const words = this.rows.subarray(row * this.stride, (row + 1) * this.stride);
    const slot = this.#find(this.#heads, words, this.#head);
    this.#previous[row] = this.#heads[slot] as number;
    this.#slots[row] = slot;
    this.#heads[slot] = row + 1;
    if (this.#guards.length === 0) return;
    const exact = this.#find(this.#exact, words, this.stride);
    this.#exact[exact] = row + 1;
    this.#exactSlots[row] = exact;
  }
}

function hash(row: Int32Array, start: number, words: number): number {
  let value = 0x2545f491;
  for (let word = start; word < start + words; word++) {
    value = Math.imul(value ^ (row[word] as number), 0x9e3779b1);
    value ^= value >>> 15;
  }
  value = Math.imul(value ^ (value >>> 13), 0x85ebca6b);
  return (value ^ (value >>> 16)) >>> 0;
}
