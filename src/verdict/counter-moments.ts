/**
 * An order of moments as far as it is known, in a matrix, and what follows from it about totals:
 *
 * - a moment before another is before all that are after that one;
 * - a total is what there was at first, and what was added before its moment: so what would make it
 *   too much came later, and what it would be too little without came before;
 * - of two totals of what only grows, the smaller is of an earlier moment;
 * - of a choice, the one holds when the other cannot.
 */

/** What is added at a moment. */
export interface MomentTerm {
  readonly moment: number;
  readonly amount: number;
}

/** A total that was there at a moment: at one of several, until one is chosen. */
export interface MomentReading {
  /** Of what: totals of the same can be compared. */
  readonly keys: string;
  readonly places: readonly { readonly moment: number; readonly total: number }[];
  readonly terms: readonly MomentTerm[];
  /** Which unknown number there was at first, if it is not known. */
  readonly base: number | undefined;
  readonly isGrowing: boolean;
}

type Pair = readonly [before: number, after: number];

/** One of two pairs is in this order. */
export type MomentChoice = readonly [Pair, Pair];

interface About {
  readonly count: number;
  readonly choices: readonly MomentChoice[];
  readonly readings: readonly MomentReading[];
}

/** What is known. */
export class CounterMoments {
  readonly readings: readonly MomentReading[];
  readonly #about: About;
  readonly #rows: Uint8Array[];
  readonly #places: number[];
  #isWrong = false;
  #hasChanged = false;

  constructor(about: About, from?: CounterMoments) {
    const { count, readings } = about;
    this.#about = about;
    this.readings = readings;
    if (from === undefined) {
      this.#rows = Array.from({ length: count }, () => new Uint8Array(count));
      this.#places = readings.map(({ places }) => (places.length > 1 ? -1 : 0));
      return;
    }
    this.#rows = from.#rows.map((row) => row.slice());
    this.#places = [...from.#places];
    this.#isWrong = from.#isWrong;
  }

  copy(): CounterMoments {
    return new CounterMoments(this.#about, this);
  }

  /** Takes a read to be of one of the moments that it may be of. */
  choose(reading: number, place: number): void {
    this.#places[reading] = place;
  }

  put(before: number, after: number): void {
    if (before === after || this.isBefore(after, before)) this.#isWrong = true;
    if (this.isBefore(before, after)) return;
    this.#hasChanged = true;
    const reached = this.#rows[after] as Uint8Array;
    for (let each = 0; each < this.#about.count; each++) {
      if (each !== before && !this.isBefore(each, before)) continue;
      const row = this.#rows[each] as Uint8Array;
      row[after] = 1;
      for (let other = 0; other < row.length; other++) if (reached[other] === 1) row[other] = 1;
    }
  }

  /** Puts in all that follows; false when that contradicts itself. */
  follow(): boolean {
    do {
      this.#hasChanged = false;
      for (const [one, other] of this.#about.choices) {
        if (this.#cannot(one)) this.put(...other);
        if (this.#cannot(other)) this.put(...one);
      }
      const bases = this.#bases();
      for (const [number, reading] of this.readings.entries()) {
        const place = reading.places[this.#places[number] as number];
        if (place !== undefined) this.#weigh(reading, place, bases);
      }
      this.#compare();
    } while (this.#hasChanged && !this.#isWrong);
    return !this.#isWrong;
  }

  /** Whether a moment is known to be before another. */
  isBefore(before: number, after: number): boolean {
    return this.#rows[before]?.[after] === 1;
  }

  #cannot([before, after]: Pair): boolean {
    return before === after || this.isBefore(after, before);
  }

  /** What is added before a moment: at least, and at most. */
  #range({ terms }: MomentReading, at: number): readonly [least: number, most: number] {
    let [least, most] = [0, 0];
    for (const { moment, amount } of terms) {
      if (this.#cannot([moment, at])) continue;
      const isCertain = this.isBefore(moment, at);
      least += isCertain ? amount : Math.min(0, amount);
      most += isCertain ? amount : Math.max(0, amount);
    }
    return [least, most];
  }

  /** Unknown number → between which it lies. */
  #bases(): ReadonlyMap<number, readonly [least: number, most: number]> {
    const bases = new Map<number, readonly [number, number]>();
    for (const [number, reading] of this.readings.entries()) {
      const place = reading.places[this.#places[number] as number];
      if (reading.base === undefined || place === undefined) continue;
      const [least, most] = this.#range(reading, place.moment);
      const [low, high] = bases.get(reading.base) ?? [-Infinity, Infinity];
      bases.set(reading.base, [
        Math.max(low, place.total - most),
        Math.min(high, place.total - least),
      ]);
    }
    return bases;
  }

  #weigh(
    reading: MomentReading,
    { moment: at, total }: { readonly moment: number; readonly total: number },
    bases: ReadonlyMap<number, readonly [number, number]>,
  ): void {
    const [low, high] = reading.base === undefined ? [0, 0] : (bases.get(reading.base) ?? [0, 0]);
    const [least, most] = this.#range(reading, at);
    // What was added lies between these two.
    const [from, to] = [total - high, total - low];
    if (from > to || least > to || most < from) {
      this.#isWrong = true;
      return;
    }
    for (const { moment, amount } of reading.terms) {
      if (this.isBefore(moment, at) || this.#cannot([moment, at])) continue;
      const isWithTooMuch = amount > 0 ? least + amount > to : most + amount < from;
      const isWithoutTooLittle = amount > 0 ? most - amount < from : least - amount > to;
      if (isWithTooMuch) this.put(at, moment);
      if (isWithoutTooLittle) this.put(moment, at);
    }
  }

  #compare(): void {
    const all = this.readings.flatMap((reading, number) => {
      const place = reading.places[this.#places[number] as number];
      return place === undefined || !reading.isGrowing ? [] : [{ ...place, keys: reading.keys }];
    });
    for (const one of all) {
      for (const other of all) {
        if (one.keys === other.keys && one.total < other.total) this.put(one.moment, other.moment);
      }
    }
  }
}
