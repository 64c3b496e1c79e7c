/**
 * What was learned: orders of writes that cannot all hold. A literal says that one write to a key
 * precedes another to it.
 */
import type { Meter } from "../linearizable/meter.js";

/** `first` before `second`. */
export interface Literal {
  readonly first: number;
  readonly second: number;
}

/** Literals that cannot all be true. */
export type Nogood = readonly Literal[];

/** When each operation was scheduled, from 1; 0 for those that were not. */
export type Times = Int32Array;

/** Bytes of a literal: an object, and its place in lists. */
const LITERAL_BYTES = 64;

/** All that were learned, by the write that would make the last literal true. */
export class Nogoods {
  readonly #byFirst = new Map<number, Nogood[]>();
  readonly #meter: Meter;

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  /** @throws LimitReached */
  add(nogood: Nogood): void {
    this.#meter.reserve(LITERAL_BYTES * (1 + nogood.length));
    for (const first of new Set(nogood.map((literal) => literal.first))) {
      const known = this.#byFirst.get(first);
      if (known === undefined) this.#byFirst.set(first, [nogood]);
      else known.push(nogood);
    }
  }

  /** A nogood that would be true if this write were scheduled now, if there is any. */
  against(write: number, times: Times): Nogood | undefined {
    const known = this.#byFirst.get(write);
    if (known === undefined) return undefined;
    for (const nogood of known) {
      this.#meter.spend(nogood.length);
      if (nogood.every((literal) => wouldHold(literal, write, times))) return nogood;
    }
    return undefined;
  }
}

function wouldHold({ first, second }: Literal, write: number, times: Times): boolean {
  const secondAt = times[second] as number;
  if (first === write) return secondAt === 0;
  const firstAt = times[first] as number;
  return firstAt > 0 && (secondAt === 0 || secondAt > firstAt);
}
