/**
 * The writes to each key in the causal order, which is the order in which they are added, and which
 * of them precede which.
 *
 * A write has a *floor*, a place below which all writes to the key precede it, and bits for those
 * just before it. The floor is the highest one of those that precede it, for what precedes them
 * precedes it, and goes on as far as the writes there precede it, too. Where more lie between the
 * floor and the write than there are bits, its clock is kept to tell.
 */
import type { Clocks } from "./clocks.js";
import type { Registers } from "./layout.js";
import { NOTHING } from "./sources.js";

/** Words of a write. */
const OPERATION = 0;
const SESSION = 1;
const FLOOR = 2;
const BITS = 3;
const CLOCK = 4;
const WORDS = 5;

/** As many writes before a write have a bit. */
const BITS_COUNT = 31;
/** As many writes are looked at to raise a floor. */
const RAISE_MAX = 64;

/** Places of writes; those of a key are next to one another. */
export class Versions {
  readonly #words: Int32Array;
  /** Key → its first place, and the place of its next write. */
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  /** Write → its place. */
  readonly #places: Int32Array;
  readonly #clocks: Clocks;

  constructor({ count, keys, keyCount, isWrite }: Registers, order: Int32Array, clocks: Clocks) {
    const starts = new Int32Array(keyCount + 1);
    for (const operation of order) {
      if (isWrite[operation] === 0) continue;
      const after = (keys[operation] as number) + 1;
      starts[after] = (starts[after] as number) + 1;
    }
    for (let key = 0; key < keyCount; key++) {
      starts[key + 1] = (starts[key + 1] as number) + (starts[key] as number);
    }
    this.#starts = starts;
    this.#ends = starts.slice(0, keyCount);
    this.#words = new Int32Array(WORDS * (starts[keyCount] as number));
    this.#places = new Int32Array(count);
    this.#clocks = clocks;
  }

  /** What all of it takes. */
  static bytes({ count, keyCount }: Registers): number {
    return 4 * ((WORDS + 1) * count + 2 * keyCount);
  }

  /** The first place of a key. */
  start(key: number): number {
    return this.#starts[key] as number;
  }

  /** The place after the last one of a key. */
  end(key: number): number {
    return this.#ends[key] as number;
  }

  placeOf(write: number): number {
    return this.#places[write] as number;
  }

  operationAt(place: number): number {
    return this.#words[WORDS * place + OPERATION] as number;
  }

  sessionAt(place: number): number {
    return this.#words[WORDS * place + SESSION] as number;
  }

  floorAt(place: number): number {
    return this.#words[WORDS * place + FLOOR] as number;
  }

  /** The clock of a write, or `NOTHING`. */
  clockAt(place: number): number {
    return this.#words[WORDS * place + CLOCK] as number;
  }

  setClock(place: number, clock: number): void {
    this.#words[WORDS * place + CLOCK] = clock;
  }

  /** Adds a write, with the clock of what precedes it; answers its place. */
  add(write: number, { key, session, before }: Added): number {
    const words = this.#words;
    const { table } = this.#clocks;
    const place = this.#ends[key] as number;
    let floor = this.#starts[key] as number;
    let bits = 0;
    const least = place - BITS_COUNT;
    for (let other = place - 1; other >= floor && other >= least; other--) {
      const at = WORDS * other;
      const column = words[at + SESSION] as number;
      if ((table[before + column] as number) <= (words[at + OPERATION] as number)) continue;
      bits |= 1 << (place - 1 - other);
      if ((words[at + FLOOR] as number) > floor) floor = words[at + FLOOR] as number;
    }
    const most = Math.min(place, floor + RAISE_MAX);
    for (; floor < most; floor++) {
      const at = WORDS * floor;
      const column = words[at + SESSION] as number;
      if ((table[before + column] as number) <= (words[at + OPERATION] as number)) break;
    }
    const at = WORDS * place;
    words[at + OPERATION] = write;
    words[at + SESSION] = session;
    words[at + FLOOR] = floor;
    words[at + BITS] = bits;
    words[at + CLOCK] = NOTHING;
    this.#places[write] = place;
    this.#ends[key] = place + 1;
    return place;
  }

  /** Whether a write precedes what has this clock. */
  isVisible(place: number, clock: number): boolean {
    const at = WORDS * place;
    const column = this.#words[at + SESSION] as number;
    return (this.#clocks.table[clock + column] as number) > (this.#words[at + OPERATION] as number);
  }

  /** Whether the clock of a write must be kept. */
  isLong(place: number): boolean {
    return place - this.floorAt(place) > BITS_COUNT;
  }

  /** Whether a write precedes another to the same key; both by place. */
  precedes(place: number, other: number): boolean {
    if (place >= other) return false;
    const words = this.#words;
    const at = WORDS * other;
    if (place < (words[at + FLOOR] as number)) return true;
    const distance = other - 1 - place;
    if (distance < BITS_COUNT) return (((words[at + BITS] as number) >> distance) & 1) === 1;
    return this.isVisible(place, words[at + CLOCK] as number);
  }
}

/** What is said of a write that is added. */
export interface Added {
  readonly key: number;
  readonly session: number;
  /** The clock of what precedes it. */
  readonly before: number;
}
