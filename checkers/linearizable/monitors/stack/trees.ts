/**
 * The tables over gaps that the monitor of stacks keeps: how many elements cover each gap, which
 * operations wait for one, which are free. O(log n) each step.
 */

/** More than any number of elements. */
const DONE = 0x3fff_ffff;

function sizeFor(length: number): number {
  let size = 2;
  while (size <= length) size *= 2;
  return size;
}

/** Counts by gap, lowered by ranges; gives the gaps with the lowest. */
export class LeastCovered {
  readonly #size: number;
  /**
   * By node: what all below it have in common, less what the nodes above it hold. Of two siblings
   * one has 0, so that the least of all is that of the root, and a change goes up only as far as
   * it makes the least of a node another.
   */
  readonly #common: Int32Array;

  constructor(counts: Int32Array) {
    const size = sizeFor(counts.length);
    this.#size = size;
    this.#common = new Int32Array(2 * size);
    this.#common.set(counts, size);
    this.#common.fill(DONE, size + counts.length);
    for (let node = size - 1; node > 0; node--) this.#lift(node);
  }

  /** The least count. */
  get least(): number {
    return this.#common[1] as number;
  }

  /** The first gap that has the least count. */
  gap(): number {
    const common = this.#common;
    let node = 1;
    while (node < this.#size) {
      node *= 2;
      if (common[node] !== 0) node++;
    }
    return node - this.#size;
  }

  /** Takes a gap out for good. */
  finish(gap: number): void {
    this.add(gap, gap + 1, DONE);
  }

  /** Changes the counts from `start` to before `end`. */
  add(start: number, end: number, change: number): void {
    if (start >= end) return;
    const common = this.#common;
    let low = start + this.#size;
    let high = end - 1 + this.#size;
    common[low] = (common[low] as number) + change;
    if (low !== high) common[high] = (common[high] as number) + change;
    for (; low >> 1 !== high >> 1; low >>= 1, high >>= 1) {
      if ((low & 1) === 0) common[low + 1] = (common[low + 1] as number) + change;
      if ((high & 1) === 1) common[high - 1] = (common[high - 1] as number) + change;
      this.#lift(low >> 1);
      this.#lift(high >> 1);
    }
    for (let node = low >> 1; node > 0 && this.#lift(node) !== 0; node >>= 1);
  }

  /** Moves what two siblings have in common to the node above; how much that was. */
  #lift(node: number): number {
    const common = this.#common;
    const left = common[2 * node] as number;
    const right = common[2 * node + 1] as number;
    const least = left < right ? left : right;
    if (least === 0) return 0;
    common[2 * node] = left - least;
    common[2 * node + 1] = right - least;
    common[node] = (common[node] as number) + least;
    return least;
  }
}

/** Intervals, at most one from each place, that are taken out by points inside them. */
export class Waiting {
  readonly #size: number;
  /** By node: the last end of the intervals below it. */
  readonly #ends: Int32Array;

  /** `ends` has for each place the end of its interval, 0 without one. */
  constructor(ends: Int32Array) {
    const size = sizeFor(ends.length);
    this.#size = size;
    this.#ends = new Int32Array(2 * size);
    this.#ends.set(ends, size);
    for (let node = size - 1; node > 0; node--) {
      const left = this.#ends[2 * node] as number;
      const right = this.#ends[2 * node + 1] as number;
      this.#ends[node] = left > right ? left : right;
    }
  }

  /**
   * Takes out the last one at a place from `first` to before `end` that ends after `point`, and
   * returns its place; -1 when there is none.
   */
  take(point: number, first: number, end: number): number {
    const ends = this.#ends;
    for (let right = this.#size + end; right > 1; right >>= 1) {
      let node = right - 1;
      if ((right & 1) === 0 || (ends[node] as number) <= point) continue;
      while (node < this.#size) {
        node = 2 * node + 1;
        if ((ends[node] as number) <= point) node--;
      }
      const place = node - this.#size;
      if (place < first) return -1;
      this.#clear(node);
      return place;
    }
    return -1;
  }

  #clear(leaf: number): void {
    const ends = this.#ends;
    ends[leaf] = 0;
    for (let node = leaf >> 1; node > 0; node >>= 1) {
      const left = ends[2 * node] as number;
      const right = ends[2 * node + 1] as number;
      const last = left > right ? left : right;
      if (ends[node] === last) return;
      ends[node] = last;
    }
  }
}

/** A set of gaps that grows, with the nearest member on either side: 32 bits a level. */
export class FreeGaps {
  readonly #levels: Int32Array[] = [];

  constructor(length: number) {
    let words = length;
    do {
      words = (words >> 5) + 1;
      this.#levels.push(new Int32Array(words));
    } while (words > 1);
  }

  add(gap: number): void {
    let at = gap;
    for (const level of this.#levels) {
      level[at >> 5] = (level[at >> 5] as number) | (1 << (at & 31));
      at >>= 5;
    }
  }

  /** The first member from this gap on; -1 without one. */
  after(gap: number): number {
    let at = gap;
    for (let up = 0; up < this.#levels.length; up++) {
      const word = this.#levels[up]?.[at >> 5] ?? 0;
      const rest = (at & 31) === 0 ? word : word & (-1 << (at & 31));
      if (rest !== 0) return this.#descend(up, (at & ~31) | lowest(rest), lowest);
      at = (at >> 5) + 1;
    }
    return -1;
  }

  /** The last member up to this gap; -1 without one. */
  before(gap: number): number {
    let at = gap;
    for (let up = 0; up < this.#levels.length && at >= 0; up++) {
      const word = this.#levels[up]?.[at >> 5] ?? 0;
      const rest = word & (-1 >>> (31 - (at & 31)));
      if (rest !== 0) return this.#descend(up, (at & ~31) | highest(rest), highest);
      at = (at >> 5) - 1;
    }
    return -1;
  }

  #descend(from: number, found: number, pick: (word: number) => number): number {
    let at = found;
    for (let level = from - 1; level >= 0; level--) {
      at = (at << 5) | pick(this.#levels[level]?.[at] as number);
    }
    return at;
  }
}

function lowest(word: number): number {
  return 31 - Math.clz32(word & -word);
}

function highest(word: number): number {
  return 31 - Math.clz32(word);
}
