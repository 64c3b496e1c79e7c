/**
 * Spans of levels: which states an attempt reached where, and where it took for granted that kinds
 * of operations change nothing (assumptions.ts).
 */
import type { Meter } from "./meter.js";

const ROOM_MIN = 64;
/** Levels at most so far apart are one span. */
const GAP_MAX = 64;
const BYTES_PER_NUMBER = 4;
const BYTES_PER_SPAN = 12;

/**
 * For numbered things (states, kinds of operations) the spans of levels at which they matter: a
 * number may have several, and they are a little longer than they have to be.
 */
export class Spans {
  /** By span: the number, and the first and the last level. */
  numbers: Int32Array = new Int32Array(ROOM_MIN);
  first: Int32Array = new Int32Array(ROOM_MIN);
  last: Int32Array = new Int32Array(ROOM_MIN);
  count = 0;
  /** Number → 1 + its latest span, 0 without one. */
  #latest: Int32Array = new Int32Array(ROOM_MIN);
  readonly #meter: Meter;

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  /** Forgets all. */
  clear(): void {
    for (let span = 0; span < this.count; span++) this.#latest[this.numbers[span] as number] = 0;
    this.count = 0;
  }

  add(number: number, first: number, last: number = first): void {
    if (number >= this.#latest.length) this.#latest = this.#longer(this.#latest, number);
    const latest = (this.#latest[number] as number) - 1;
    if (
      latest >= 0 &&
      first - GAP_MAX <= (this.last[latest] as number) &&
      last + GAP_MAX >= (this.first[latest] as number)
    ) {
      if (first < (this.first[latest] as number)) this.first[latest] = first;
      if (last > (this.last[latest] as number)) this.last[latest] = last;
      return;
    }
    if (this.count === this.numbers.length) this.#grow();
    const span = this.count++;
    this.numbers[span] = number;
    this.first[span] = first;
    this.last[span] = last;
    this.#latest[number] = span + 1;
  }

  #grow(): void {
    this.#meter.reserve(BYTES_PER_SPAN * this.count);
    this.numbers = lengthened(this.numbers, 2 * this.count);
    this.first = lengthened(this.first, 2 * this.count);
    this.last = lengthened(this.last, 2 * this.count);
  }

  #longer(array: Int32Array, index: number): Int32Array {
    this.#meter.reserve(BYTES_PER_NUMBER * (2 * index - array.length));
    return lengthened(array, 2 * index);
  }
}

function lengthened(array: Int32Array, length: number): Int32Array {
  const longer = new Int32Array(length);
  longer.set(array);
  return longer;
}

/**
 * Calls back with each number of the one and each of the other that have spans that meet. Takes
 * time in proportion to the calls, beside that for sorting.
 */
export function eachMeeting(
  one: Spans,
  other: Spans,
  met: (one: number, other: number) => void,
): void {
  const [ones, others] = [new Sweep(one), new Sweep(other)];
  while (ones.hasMore || others.hasMore) {
    if (ones.next <= others.next) {
      const level = ones.next;
      const number = ones.take();
      others.eachOpen(level, (opposite) => met(number, opposite));
    } else {
      const level = others.next;
      const number = others.take();
      ones.eachOpen(level, (opposite) => met(opposite, number));
    }
  }
}

/** Spans in the order of their beginnings, and those among them that have begun. */
class Sweep {
  readonly #spans: Spans;
  readonly #sorted: Int32Array;
  #at = 0;
  #open: number[] = [];

  constructor(spans: Spans) {
    this.#spans = spans;
    const { first, count } = spans;
    this.#sorted = Int32Array.from({ length: count }, (_, span) => span).sort(
      (a, b) => (first[a] as number) - (first[b] as number),
    );
  }

  get hasMore(): boolean {
    return this.#at < this.#sorted.length;
  }

  /** Where the next one begins. */
  get next(): number {
    return this.hasMore
      ? (this.#spans.first[this.#sorted[this.#at] as number] as number)
      : Infinity;
  }

  /** The number of the next one, which has begun then. */
  take(): number {
    const span = this.#sorted[this.#at++] as number;
    this.#open.push(span);
    return this.#spans.numbers[span] as number;
  }

  /** Those that have begun and do not end before this level. */
  eachOpen(level: number, call: (number: number) => void): void {
    const { last, numbers } = this.#spans;
    let kept = 0;
    for (const span of this.#open) {
      if ((last[span] as number) < level) continue;
      this.#open[kept++] = span;
      call(numbers[span] as number);
    }
    this.#open.length = kept;
  }
}
