/**
 * How each surviving configuration of a breadth-first search came about: a forest of steps with
 * parent links. Branches that died are swept from time to time, so that it holds about what the
 * survivors share.
 */
import type { Meter } from "./meter.js";

const BYTES_PER_STEP = 8;

/** Steps as a growing forest. */
export class WitnessLog {
  /** The parent of first steps. */
  static readonly ROOT: number = -1;
  #count = 0;
  #sweepAt = 1 << 14;
  #parents = new Int32Array(1 << 10);
  #codes = new Int32Array(1 << 10);
  readonly #meter: Meter;

  constructor(meter: Meter) {
    this.#meter = meter;
    meter.reserve(BYTES_PER_STEP * this.#parents.length);
  }

  /** Adds a chain of `length` steps below `parent`; answers the last one. */
  append(parent: number, codes: Int32Array, length: number): number {
    let last = parent;
    for (let at = 0; at < length; at++) {
      if (this.#count === this.#parents.length) this.#grow();
      this.#parents[this.#count] = last;
      this.#codes[this.#count] = codes[at] as number;
      last = this.#count++;
    }
    return last;
  }

  /** The codes from the root to this step. */
  path(step: number): number[] {
    const codes: number[] = [];
    for (let at = step; at !== WitnessLog.ROOT; at = this.#parents[at] as number) {
      codes.push(this.#codes[at] as number);
    }
    return codes.reverse();
  }

  /** Sweeps, when it is time, what no tip descends from, and renumbers the tips in place. */
  compact(tips: Int32Array, tipCount: number): void {
    if (this.#count < this.#sweepAt) return;
    const bytes = 4 * this.#count;
    this.#meter.reserve(bytes);
    // 1 for what is alive, then its new number. Parents come before children.
    const moved = new Int32Array(this.#count);
    for (let tip = 0; tip < tipCount; tip++) {
      if (tips[tip] !== WitnessLog.ROOT) moved[tips[tip] as number] = 1;
    }
    for (let step = this.#count - 1; step >= 0; step--) {
      const parent = this.#parents[step] as number;
      if (moved[step] === 1 && parent !== WitnessLog.ROOT) moved[parent] = 1;
    }
    let kept = 0;
    for (let step = 0; step < this.#count; step++) {
      if (moved[step] === 0) continue;
      const parent = this.#parents[step] as number;
      this.#parents[kept] =
        parent === WitnessLog.ROOT ? WitnessLog.ROOT : (moved[parent] as number);
      this.#codes[kept] = this.#codes[step] as number;
      moved[step] = kept++;
    }
    for (let tip = 0; tip < tipCount; tip++) {
      if (tips[tip] !== WitnessLog.ROOT) tips[tip] = moved[tips[tip] as number] as number;
    }
    this.#meter.release(bytes);
    this.#meter.spend(this.#count >>> 2);
    this.#count = kept;
    this.#sweepAt = Math.max(1 << 14, 2 * kept);
  }

  /** Gives the memory back to the meter. */
  free(): void {
    this.#meter.release(BYTES_PER_STEP * this.#parents.length);
    this.#parents = new Int32Array(0);
    this.#codes = new Int32Array(0);
  }

  #grow(): void {
    const length = 2 * this.#parents.length;
    this.#meter.reserve(BYTES_PER_STEP * length);
    const parents = new Int32Array(length);
    parents.set(this.#parents);
    const codes = new Int32Array(length);
    codes.set(this.#codes);
    this.#meter.release(BYTES_PER_STEP * this.#parents.length);
    this.#parents = parents;
    this.#codes = codes;
  }
}
