/** Numbers under numbers, most of which are small integers: an array, and a map for the others. */
import { NONE } from "../../src/history/history.js";

/** Keys up to so many times the number of entries are kept in the array. */
const SPARSE = 16;
/** And keys up to here in any case. */
const SMALL = 1024;

/** A table that only grows. */
export class NumberTable {
  #small = new Int32Array(16).fill(NONE);
  readonly #others = new Map<number, number>();
  #count = 0;

  /** What is under the key, or `NONE`. */
  find(key: number): number {
    const near = this.#small[key];
    if (near !== undefined && near !== NONE) return near;
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
      const larger = new Int32Array(Math.max(key + 1, this.#small.length * 2)).fill(NONE);
      larger.set(this.#small);
      this.#small = larger;
    }
    this.#small[key] = entry;
  }
}
