/**
 * What is known of the order of moments, closed under what follows from it:
 *
 * - who is before a moment is before all that come after it;
 * - of what may be in a total, whatever it would be too much with is not in it, and whatever it
 *   would be too little without is (bounds consistency of a sum, as in any solver of constraints);
 * - of two reads of what only grows, the one with the smaller total is first;
 * - of a choice, one half holds when the other cannot.
 *
 * The order is a matrix of bits, for a few hundred moments.
 */
import type { Line, Reading } from "./line.js";

/** A membership that is open: whether a moment is before another. */
export interface OpenPair {
  readonly before: number;
  readonly after: number;
}

/** The knowledge; `places[n]`: where reading `n` is taken to be, -1 while that is open. */
export class Moments {
  readonly count: number;
  readonly #words: number;
  readonly #line: Line;
  #before: Int32Array;
  places: Int8Array;
  /** So many words of the matrix, and terms of totals, were looked at. */
  work = 0;

  constructor(line: Line) {
    this.#line = line;
    this.count = line.moments.length;
    this.#words = (this.count + 31) >>> 5;
    this.#before = new Int32Array(this.count * this.#words);
    this.places = Int8Array.from(line.readings, ({ places }) => (places.length === 1 ? 0 : -1));
  }

  /** Bytes of one copy. */
  get bytes(): number {
    return this.#before.byteLength + this.places.byteLength;
  }

  isBefore(a: number, b: number): boolean {
    const word = this.#before[a * this.#words + (b >>> 5)] as number;
    return ((word >>> (b & 31)) & 1) === 1;
  }

  save(): { readonly before: Int32Array; readonly places: Int8Array } {
    return { before: this.#before.slice(), places: this.places.slice() };
  }

  restore({ before, places }: { readonly before: Int32Array; readonly places: Int8Array }): void {
    this.#before = before.slice();
    this.places = places.slice();
  }

  /** Puts one before another; false when it comes after it. */
  put(a: number, b: number): boolean {
    if (a === b || this.isBefore(b, a)) return false;
    if (this.isBefore(a, b)) return true;
    const words = this.#words;
    const bits = this.#before;
    this.work += this.count;
    for (let each = 0; each < this.count; each++) {
      if (each !== a && !this.isBefore(each, a)) continue;
      this.work += words;
      for (let word = 0; word < words; word++) {
        bits[each * words + word] =
          (bits[each * words + word] as number) | (bits[b * words + word] as number);
      }
      bits[each * words + (b >>> 5)] = (bits[each * words + (b >>> 5)] as number) | (1 << (b & 31));
    }
    return true;
  }

  /** Puts in what the line itself says, and all that follows; false for a contradiction. */
  begin(): boolean {
    return this.#line.edges.every(([a, b]) => this.put(a, b)) && this.follow();
  }

  /** All that follows from what is known; false for a contradiction. */
  follow(): boolean {
    for (;;) {
      const changed = this.#round();
      if (changed === undefined) return false;
      if (!changed) return true;
    }
  }

  #round(): boolean | undefined {
    const { choices, readings } = this.#line;
    let hasChanged = false;
    this.work += choices.length;
    const put = (a: number, b: number): boolean => {
      if (this.isBefore(a, b)) return true;
      hasChanged = true;
      return this.put(a, b);
    };
    for (const [a, b, c, d] of choices) {
      if (this.isBefore(a, b) || this.isBefore(c, d)) continue;
      if (this.isBefore(b, a) && !put(c, d)) return undefined;
      if (this.isBefore(d, c) && !put(a, b)) return undefined;
    }
    const bounds = this.#boundsOfBases();
    for (const [number, reading] of readings.entries()) {
      const place = reading.places[this.places[number] as number];
      if (place === undefined) continue;
      const { moment, total } = place;
      const { low, high } = this.#bounds(reading, moment);
      const base = reading.base === undefined ? undefined : bounds[reading.base];
      const [least, most] =
        base === undefined ? [total, total] : [total - base[1], total - base[0]];
      // What was added by others lies between least and most.
      if (low > most || high < least) return undefined;
      for (const { moment: term, amount } of reading.terms) {
        if (amount === 0 || this.isBefore(term, moment) || this.#isNotBefore(term, moment))
          continue;
        const size = Math.abs(amount);
        const isTooMuch = low + size > most;
        const isTooLittle = high - size < least;
        if (isTooMuch && isTooLittle) return undefined;
        if (isTooMuch && !(amount > 0 ? put(moment, term) : put(term, moment))) return undefined;
        if (isTooLittle && !(amount > 0 ? put(term, moment) : put(moment, term))) return undefined;
      }
    }
    return this.#compare(put) ? hasChanged : undefined;
  }

  #isNotBefore(term: number, moment: number): boolean {
    return term === moment || this.isBefore(moment, term);
  }

  /** What is at least and at most added before a moment. */
  #bounds(reading: Reading, moment: number): { readonly low: number; readonly high: number } {
    let [low, high] = [0, 0];
    this.work += 2 * reading.terms.length;
    for (const { moment: term, amount } of reading.terms) {
      const isIn = this.isBefore(term, moment);
      if (!isIn && this.#isNotBefore(term, moment)) continue;
      if (isIn || amount < 0) low += amount;
      if (isIn || amount > 0) high += amount;
    }
    return { low, high };
  }

  /** Between which numbers each unknown one lies that was there at first. */
  #boundsOfBases(): readonly (readonly [least: number, most: number])[] {
    const { baseCount, readings } = this.#line;
    const bounds = Array.from({ length: baseCount }, (): [number, number] => [-Infinity, Infinity]);
    for (const [number, reading] of readings.entries()) {
      const place = reading.places[this.places[number] as number];
      if (reading.base === undefined || place === undefined) continue;
      const { low, high } = this.#bounds(reading, place.moment);
      const base = bounds[reading.base] as [number, number];
      base[0] = Math.max(base[0], place.total - high);
      base[1] = Math.min(base[1], place.total - low);
    }
    return bounds;
  }

  /** Of what only grows, smaller totals come first. */
  #compare(put: (a: number, b: number) => boolean): boolean {
    const byKeys = new Map<string, (readonly [moment: number, total: number])[]>();
    for (const [number, reading] of this.#line.readings.entries()) {
      const place = reading.places[this.places[number] as number];
      if (place === undefined || !reading.isGrowing) continue;
      const own = this.#line.moments[place.moment]?.of;
      if (own === undefined) continue;
      const name = reading.keys.join();
      const known = byKeys.get(name);
      const entry = [place.moment, place.total] as const;
      if (known === undefined) byKeys.set(name, [entry]);
      else known.push(entry);
    }
    for (const all of byKeys.values()) {
      const sorted = all.toSorted(([, a], [, b]) => a - b);
      let below: (readonly [number, number])[] = [];
      let same: (readonly [number, number])[] = [];
      for (const each of sorted) {
        if (same.length > 0 && each[1] > (same[0] as readonly [number, number])[1]) {
          below = same;
          same = [];
        }
        same.push(each);
        for (const [moment] of below) if (!put(moment, each[0])) return false;
      }
    }
    return true;
  }

  /** A membership that is open, in the read that leaves the fewest open. */
  openPair(): OpenPair | undefined {
    this.work += this.#line.choices.length;
    let found: OpenPair | undefined;
    let fewest = Infinity;
    for (const [number, reading] of this.#line.readings.entries()) {
      const place = reading.places[this.places[number] as number];
      if (place === undefined) continue;
      let open = 0;
      let first: OpenPair | undefined;
      for (const { moment: term, amount } of reading.terms) {
        if (amount === 0) continue;
        if (this.isBefore(term, place.moment) || this.#isNotBefore(term, place.moment)) continue;
        open++;
        first ??= { before: term, after: place.moment };
      }
      if (open > 0 && open < fewest) [found, fewest] = [first, open];
    }
    return found;
  }

  /** A choice of which neither half is known. */
  openChoice(): OpenPair | undefined {
    for (const [a, b, c, d] of this.#line.choices) {
      if (!this.isBefore(a, b) && !this.isBefore(c, d)) return { before: a, after: b };
    }
    return undefined;
  }

  /** The moments in an order that keeps all that is known. */
  order(): readonly number[] {
    const { words, bits } = { words: this.#words, bits: this.#before };
    const counts = Array.from({ length: this.count }, (_, each) => {
      let count = 0;
      for (let word = 0; word < words; word++) count += ones(bits[each * words + word] as number);
      return count;
    });
    const all = Array.from({ length: this.count }, (_, each) => each);
    // Whoever is before another is before all that this one is before, and has more after it.
    return all.toSorted((a, b) => (counts[b] as number) - (counts[a] as number) || a - b);
  }
}

function ones(word: number): number {
  let [left, count] = [word, 0];
  for (; left !== 0; left &= left - 1) count++;
  return count;
}
