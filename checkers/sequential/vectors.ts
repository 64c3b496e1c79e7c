/**
 * A vector of small integers that changes one entry at a time, with a number that is the same
 * exactly when the whole vector is: a binary tree over the entries whose nodes are interned by
 * their two children (hash-consing). A change costs the logarithm of the length, and what has been
 * seen is remembered in as much memory, not in a copy of the vector.
 */
import type { Meter } from "../linearizable/meter.js";

/** The vector in hand, and every one that it ever was. */
export class Vector {
  /** Heap layout: node `n` has the children `2n` and `2n + 1`; leaves are the entries. */
  readonly #nodes: Int32Array;
  readonly #leaves: number;
  readonly #meter: Meter;
  /** Three words a slot: left, right, number + 1. */
  #table: Int32Array;
  #slots = 1 << 10;
  #count = 0;
  #bytes: number;

  constructor(length: number, meter: Meter) {
    this.#meter = meter;
    this.#leaves = 1 << Math.max(1, Math.ceil(Math.log2(Math.max(2, length))));
    this.#bytes = 4 * (2 * this.#leaves + 3 * this.#slots);
    meter.reserve(this.#bytes);
    this.#nodes = new Int32Array(2 * this.#leaves);
    this.#table = new Int32Array(3 * this.#slots);
    for (let node = this.#leaves - 1; node >= 1; node--) this.#refresh(node);
  }

  get(entry: number): number {
    return this.#nodes[this.#leaves + entry] as number;
  }

  set(entry: number, value: number): void {
    let node = this.#leaves + entry;
    this.#nodes[node] = value;
    for (node >>= 1; node >= 1; node >>= 1) this.#refresh(node);
  }

  /** The number of the vector as it is: equal for equal vectors, less than `count`. */
  get number(): number {
    return this.#nodes[1] as number;
  }

  /** How many numbers there are. */
  get count(): number {
    return this.#count;
  }

  /** Gives the memory back to the meter. */
  free(): void {
    this.#meter.release(this.#bytes);
    this.#bytes = 0;
  }

  #refresh(node: number): void {
    const left = this.#nodes[2 * node] as number;
    const right = this.#nodes[2 * node + 1] as number;
    this.#nodes[node] = this.#intern(left, right);
  }

  // Levels share one table: equal pairs on different levels have one number, which does no harm,
  // for vectors are compared by the number of the root, and roots are on one level.
  #intern(left: number, right: number): number {
    const mask = this.#slots - 1;
    let slot = hash(left, right) & mask;
    for (;;) {
      const at = 3 * slot;
      const found = this.#table[at + 2] as number;
      if (found === 0) break;
      if (this.#table[at] === left && this.#table[at + 1] === right) return found - 1;
      slot = (slot + 1) & mask;
    }
    if (2 * (this.#count + 1) > this.#slots) {
      this.#grow();
      return this.#intern(left, right);
    }
    const at = 3 * slot;
    this.#table[at] = left;
    this.#table[at + 1] = right;
    this.#table[at + 2] = ++this.#count;
    return this.#count - 1;
  }

  #grow(): void {
    const old = this.#table;
    const slots = 2 * this.#slots;
    this.#meter.reserve(12 * slots);
    this.#table = new Int32Array(3 * slots);
    this.#slots = slots;
    for (let from = 0; from < old.length; from += 3) {
      if (old[from + 2] === 0) continue;
      let slot = hash(old[from] as number, old[from + 1] as number) & (slots - 1);
      while (this.#table[3 * slot + 2] !== 0) slot = (slot + 1) & (slots - 1);
      this.#table.set(old.subarray(from, from + 3), 3 * slot);
    }
    this.#meter.release(4 * old.length);
    this.#bytes += 12 * slots - 4 * old.length;
  }
}

function hash(left: number, right: number): number {
  let value = Math.imul(left ^ 0x2545f491, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 15), 0x27d4eb2f);
  return (value ^ (value >>> 13)) >>> 0;
}
