/**
 * Queues of open calls, the one that ends first at the head: skew heaps (Sleator & Tarjan,
 * "Self-adjusting heaps", 1986) that share three columns, for there are as many queues as owners,
 * and most are short. O(log n) a call, amortized.
 */
import { NONE } from "../../../../src/history/history.js";

/** Bytes of the tables here, an operation. */
export const BYTES_OF_OPEN_CALLS: number = 4 * 3;

/** Some queues. */
export class OpenCalls {
  readonly #ranks: Int32Array;
  readonly #roots: Int32Array;
  readonly #left: Int32Array;
  readonly #right: Int32Array;

  /** `ranks`: by call, its place among all calls in the order of their ends. */
  constructor(ranks: Int32Array, queues: number) {
    this.#ranks = ranks;
    this.#roots = new Int32Array(queues).fill(NONE);
    this.#left = new Int32Array(ranks.length).fill(NONE);
    this.#right = new Int32Array(ranks.length).fill(NONE);
  }

  /** `NONE` when nothing is open. */
  first(queue: number): number {
    return this.#roots[queue] as number;
  }

  push(queue: number, call: number): void {
    this.#roots[queue] = this.#merge(this.#roots[queue] as number, call);
  }

  /** Takes the first one away; there has to be one. */
  shift(queue: number): void {
    const root = this.#roots[queue] as number;
    this.#roots[queue] = this.#merge(this.#left[root] as number, this.#right[root] as number);
    this.#left[root] = NONE;
    this.#right[root] = NONE;
  }

  /** Walks down the right spines of both, which become left ones. */
  #merge(a: number, b: number): number {
    if (a === NONE) return b;
    if (b === NONE) return a;
    const ranks = this.#ranks;
    let upper = a;
    let lower = b;
    if ((ranks[upper] as number) > (ranks[lower] as number)) [upper, lower] = [lower, upper];
    const root = upper;
    for (;;) {
      // `lower` goes into the right subtree of `upper`, which then changes sides with the left one.
      const right = this.#right[upper] as number;
      this.#right[upper] = this.#left[upper] as number;
      if (right === NONE) {
        this.#left[upper] = lower;
        return root;
      }
      const isBelow = (ranks[right] as number) < (ranks[lower] as number);
      const next = isBelow ? right : lower;
      if (!isBelow) lower = right;
      this.#left[upper] = next;
      upper = next;
    }
  }
}
