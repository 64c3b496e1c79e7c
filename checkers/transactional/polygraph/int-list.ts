/** Rows of numbers that grow, on typed arrays. */

/** A row of 32-bit numbers. */
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

  /** The row as it is now. */
  slice(from = 0, to: number = this.length): Int32Array {
    return this.items.slice(from, to);
  }
}
