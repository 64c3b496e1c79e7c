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

/** Rows that there is room for at first, and at most in a set that is kept for the next use. */
const ROOM_MIN = 16;
const SPARE_MAX = 1 << 10;
const NOTHING = new Int32Array(0);

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
  rows: Int32Array = NOTHING;
  /** One number a row for the owner's use. */
  tags: Int32Array = NOTHING;
  stride = 0;
  #head = 0;
  #guards: Int32Array = NOTHING;
  readonly #meter: Meter;
  #bytes = 0;
  #capacity = 0;
  /** Heads: slot → 1 + the last row with this head. */
  #heads: Int32Array = NOTHING;
  /** Row → 1 + the row before with the same head. */
  #previous: Int32Array = NOTHING;
  /** Row → its slot in `#heads`. */
  #slots: Int32Array = NOTHING;
  /** Exact rows, only when there are counters: slot → 1 + row; and row → slot. */
  #exact: Int32Array = NOTHING;
  #exactSlots: Int32Array = NOTHING;

  constructor(layout: RowLayout, meter: Meter) {
    this.#meter = meter;
    this.begin(layout);
  }

  /** Empties the set for rows of this layout; takes what room it has from before. */
  begin({ headWords, guards }: RowLayout): void {
    this.clear();
    this.#head = headWords;
    this.#guards = guards;
    this.stride = headWords + guards.length;
    const rows = Math.min(this.#previous.length, Math.floor(this.rows.length / this.stride));
    // A power of two, for tables twice as long are addressed by masks; without rows less than one.
    this.#capacity = 2 ** (31 - Math.clz32(rows));
    const lacksExact = guards.length > 0 && this.#exact.length === 0;
    if (this.#capacity < ROOM_MIN || lacksExact) this.#grow(Math.max(ROOM_MIN, this.#capacity));
    else this.#account(this.#capacity);
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
  keep(numbers: Int32Array): void {
    const { stride } = this;
    const count = numbers.length;
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

  /** Gives the memory back to the meter; little room is kept for the next use. */
  free(): void {
    if (this.#previous.length > SPARE_MAX) {
      this.count = 0;
      this.rows = this.tags = this.#previous = this.#slots = NOTHING;
      this.#heads = this.#exact = this.#exactSlots = NOTHING;
    }
    this.#meter.release(this.#bytes);
    this.#bytes = 0;
  }

  #account(capacity: number): void {
    // Per row: its words, tag, previous, slot; two slots of table per row; the same again for exact
    // rows.
    const bytes = 4 * capacity * (this.stride + 3 + 2 + (this.#guards.length > 0 ? 3 : 0));
    this.#meter.reserve(bytes);
    this.#meter.release(this.#bytes);
    this.#bytes = bytes;
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
    this.#account(capacity);
    const { rows, tags, count } = this;
    this.rows = new Int32Array(capacity * this.stride);
    this.rows.set(rows.subarray(0, count * this.stride));
    this.tags = new Int32Array(capacity);
    this.tags.set(tags.subarray(0, count));
    this.#previous = new Int32Array(capacity);
    this.#slots = new Int32Array(capacity);
    this.#heads = new Int32Array(2 * capacity);
    this.#exact = counters ? new Int32Array(2 * capacity) : NOTHING;
    this.#exactSlots = counters ? new Int32Array(capacity) : NOTHING;
    this.#capacity = capacity;
    for (let row = 0; row < this.count; row++) this.#insertAgain(row);
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

/** Sets that searches use one after the other, so that small ones need no memory of their own. */
export class Spares {
  readonly #meter: Meter;
  readonly #sets: Configurations[] = [];

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  /** An empty set for rows of this layout. */
  take(layout: RowLayout): Configurations {
    const set = this.#sets.pop();
    if (set === undefined) return new Configurations(layout, this.#meter);
    set.begin(layout);
    return set;
  }

  give(set: Configurations): void {
    set.free();
    this.#sets.push(set);
  }
}
