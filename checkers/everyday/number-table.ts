/** Numbers under numbers, most of which are small integers: an array, and a map for the others. */
import { NONE } from "../../src/history/history.js";

/** Keys up to so many times the number of entries are kept in the array. */
const SPARSE = 16;
/** And keys up to here in any case. */
const SMALL = 1024;

/** A table that only grows. */
export class NumberTable {
  /** 1 more than the entry; 0 for none. Room that stays empty costs nothing. */
  #small = new Int32Array(16);
  readonly #others = new Map<number, number>();
  #count = 0;

  /** What is under the key, or `NONE`. */
  find(key: number): number {
    const near = this.#small[key];
    if (near !== undefined && near !== 0) return near - 1;
    return this.#others.size === 0 ? NONE : (this.#others.get(key) ?? NONE);
  }

  set(key: number, entry: number): void {
    this.#count++;
    const isSmall = Number.isInteger(key) && key >= 0 && key < SPARSE * this.#count + SMALL;
    if (!isSmall) {
      this.#others.set(key, entry);
      return;
    }
    if (key >= this.#small.length) {
      const larger = new Int32Array(Math.max(key + 1, this.#small.length * 4));
      larger.set(this.#small);
      this.#small = larger;
    }
    this.#small[key] = entry + 1;
  }
}
