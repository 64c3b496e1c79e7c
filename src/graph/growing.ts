/** Columns of numbers that grow: where objects, one an entry, would cost more than the check. */

/** A column of 32-bit integers. */
export class IntList {
  items: Int32Array;
  length = 0;

  constructor(capacity = 64) {
    this.items = new Int32Array(capacity);
  }

  /** Answers the place of what was added. */
  push(item: number): number {
    if (this.length === this.items.length) {
      const larger = new Int32Array(2 * this.length);
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

/** A column of any numbers. */
export class FloatList {
  items: Float64Array = new Float64Array(64);
  length = 0;

  /** Answers the place of what was added. */
  push(item: number): number {
    if (this.length === this.items.length) {
      const larger = new Float64Array(2 * this.length);
      larger.set(this.items);
      this.items = larger;
    }
    this.items[this.length] = item;
    return this.length++;
  }
}
