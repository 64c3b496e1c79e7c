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
  /** By node: the least below it, what was added at it and below it counted. */
  readonly #least: Int32Array;
  readonly #added: Int32Array;

  constructor(counts: Int32Array) {
    const size = sizeFor(counts.length);
    this.#size = size;
    this.#least = new Int32Array(2 * size).fill(DONE);
    this.#least.set(counts, size);
    this.#added = new Int32Array(size);
    for (let node = size - 1; node > 0; node--) this.#renew(node);
  }

  /** The least count. */
  get least(): number {
    return this.#least[1] as number;
  }

  /** The first gap that has the least count. */
  gap(): number {
    const least = this.#least;
    let node = 1;
    while (node < this.#size) {
      node *= 2;
      if ((least[node + 1] as number) < (least[node] as number)) node++;
    }
    return node - this.#size;
  }

  /** Takes a gap out for good. */
  finish(gap: number): void {
    this.add(gap, gap + 1, DONE);
  }

  /** Changes the counts from `start` to before `end`. */
  add(start: number, end: number, change: number): void {
    const size = this.#size;
    let low = start + size;
    let high = end + size;
    for (; low < high; low >>= 1, high >>= 1) {
      if ((low & 1) === 1) this.#apply(low++, change);
      if ((high & 1) === 1) this.#apply(--high, change);
    }
    for (let node = (start + size) >> 1; node > 0; node >>= 1) this.#renew(node);
    for (let node = (end - 1 + size) >> 1; node > 0; node >>= 1) this.#renew(node);
  }

  #apply(node: number, change: number): void {
    this.#least[node] = (this.#least[node] as number) + change;
    if (node < this.#size) this.#added[node] = (this.#added[node] as number) + change;
  }

  #renew(node: number): void {
    const left = this.#least[2 * node] as number;
    const right = this.#least[2 * node + 1] as number;
    this.#least[node] = (left < right ? left : right) + (this.#added[node] as number);
  }
}

/** Intervals, at most one from each start, that are taken out by points inside them. */
export class Waiting {
  readonly #size: number;
  /** By node: the last end of the intervals below it. */
  readonly #ends: Int32Array;

  /** `ends` has for each start the end of its interval, 0 without one. */
  constructor(ends: Int32Array) {
    const size = sizeFor(ends.length);
    this.#size = size;
    this.#ends = new Int32Array(2 * size);
    this.#ends.set(ends, size);
    for (let node = size - 1; node > 0; node--) this.#renew(node);
  }

  /**
   * Takes out the last one with a start from `first` to `last` that ends after `point`, and returns
   * its start; -1 when there is none.
   */
  take(point: number, last: number = point, first: number = 0): number {
    const ends = this.#ends;
    for (let right = this.#size + last + 1; right > 1; right >>= 1) {
      let node = right - 1;
      if ((right & 1) === 0 || (ends[node] as number) <= point) continue;
      while (node < this.#size) {
        node = 2 * node + 1;
        if ((ends[node] as number) <= point) node--;
      }
      const start = node - this.#size;
      if (start < first) return -1;
      ends[node] = 0;
      for (node >>= 1; node > 0; node >>= 1) this.#renew(node);
      return start;
    }
    return -1;
  }

  #renew(node: number): void {
    const left = this.#ends[2 * node] as number;
    const right = this.#ends[2 * node + 1] as number;
    this.#ends[node] = left > right ? left : right;
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
