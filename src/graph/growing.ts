/** Columns of numbers that grow: where objects, one an entry, would cost more than the check. */

/**
 * The capacity after this one. Room that nobody has written to takes no memory yet, while every
 * move writes all entries anew: long columns grow fourfold.
 */
function capacityAfter(capacity: number): number {
  return capacity * (capacity < 65_536 ? 2 : 4);
}

/** A column of 32-bit integers. */
export class IntList {
  items: Int32Array;
  length = 0;

  constructor(capacity = 64) {
    this.items = new Int32Array(Math.max(1, capacity));
  }

  /** Answers the place of what was added. */
  push(item: number): number {
    if (this.length === this.items.length) {
      const larger = new Int32Array(capacityAfter(this.length));
      larger.set(this.items);
      this.items = larger;
    }
    this.items[this.length] = item;
    return this.length++;
  }

  at(place: number): number {
    return this.items[place] as number;
  }

  set(place: number, item: number): void {
    this.items[place] = item;
  }

  /** Copies of these entries. */
  slice(from = 0, to: number = this.length): Int32Array {
    return this.items.slice(from, to);
  }
}

/** Four columns of 32-bit integers, side by side: for what is mostly read together. */
export class QuadList {
  /** Entry `e` is at 4 e. */
  items: Int32Array;
  length = 0;

  constructor(capacity = 64) {
    this.items = new Int32Array(4 * Math.max(64, capacity));
  }

  /** Answers the place of what was added. */
  push(first: number, second: number, third: number, fourth: number): number {
    const at = 4 * this.length;
    if (at === this.items.length) {
      const larger = new Int32Array(4 * capacityAfter(this.length));
      larger.set(this.items);
      this.items = larger;
    }
    const { items } = this;
    items[at] = first;
    items[at + 1] = second;
    items[at + 2] = third;
    items[at + 3] = fourth;
    return this.length++;
  }
}

/** A column of any numbers. */
export class FloatList {
  items: Float64Array;
  length = 0;

  constructor(capacity = 64) {
    this.items = new Float64Array(Math.max(1, capacity));
  }

  /** Answers the place of what was added. */
  push(item: number): number {
    if (this.length === this.items.length) {
      const larger = new Float64Array(capacityAfter(this.length));
      larger.set(this.items);
      this.items = larger;
    }
    this.items[this.length] = item;
    return this.length++;
  }
}

/** A column most of whose entries are the same: it takes no room before another one comes. */
export class UsualList {
  readonly #usual: number;
  #items: Float64Array | undefined;

  constructor(usual: number) {
    this.#usual = usual;
  }

  at(place: number): number {
    const items = this.#items;
    return items === undefined || place >= items.length ? this.#usual : (items[place] as number);
  }

  set(place: number, item: number): void {
    const items = this.#items;
    if (items !== undefined && place < items.length) items[place] = item;
    else if (!Object.is(item, this.#usual)) this.#roomFor(place)[place] = item;
  }

  #roomFor(place: number): Float64Array {
    const larger = new Float64Array(Math.max(64, 2 * place)).fill(this.#usual);
    if (this.#items !== undefined) larger.set(this.#items);
    this.#items = larger;
    return larger;
  }
}

/** Where `CompactList` has what is no small number; `NaN` is the first. */
const NOT_SMALL = -1;

/** A column of numbers that are mostly integers from 0 on, or `NaN`, in half the room. */
export class CompactList {
  readonly #small: IntList;
  readonly #others: number[] = [Number.NaN];

  constructor(capacity = 64) {
    this.#small = new IntList(capacity);
  }

  get length(): number {
    return this.#small.length;
  }

  /** Answers the place of what was added. */
  push(item: number): number {
    if (item >= 0 && item <= 0x7fffffff && (item | 0) === item) return this.#small.push(item);
    if (Number.isNaN(item)) return this.#small.push(NOT_SMALL);
    return this.#small.push(NOT_SMALL - this.#others.push(item) + 1);
  }

  at(place: number): number {
    const item = this.#small.items[place] as number;
    return item >= 0 ? item : (this.#others[NOT_SMALL - item] as number);
  }
}
