/** Columns of numbers that grow: where objects, one an entry, would cost more than the check. */

const CAPACITY = 256;

/** A column of 32-bit integers. */
export class Ints {
  items: Int32Array = new Int32Array(CAPACITY);
  length = 0;

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
}

/** A column of any numbers. */
export class Floats {
  items: Float64Array = new Float64Array(CAPACITY);
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
