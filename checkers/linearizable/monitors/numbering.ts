/**
 * Dense numbers for the values of one part, in the order in which they are met.
 *
 * Values come as positions in the history's pool, or, inside the input of a compare-and-set, as
 * values that the pool may not hold. All tables are in proportion to the part, not to the pool,
 * which a history of many keys shares among all of them.
 */
import { canonical, type Value } from "../../../src/history/value.js";

/** Positions of the pool → dense numbers: a table when the pool is small, else hashed. */
export class PositionNumbering {
  /** Number → position of the pool. */
  readonly positions: Int32Array;
  count = 0;
  readonly #hashed: boolean;
  readonly #mask: number;
  /** Slot → number + 1; a slot is a position, or found by linear probing. */
  readonly #slots: Int32Array;

  /** For at most `countMax` different positions below `poolSize`. */
  constructor(poolSize: number, countMax: number) {
    this.positions = new Int32Array(countMax);
    this.#hashed = poolSize > 8 * countMax + 64;
    const size = this.#hashed ? 2 ** Math.ceil(Math.log2(2 * countMax + 2)) : poolSize;
    this.#mask = size - 1;
    this.#slots = new Int32Array(size);
  }

  /** The number of a position; a new one when it had none. */
  numberOf(position: number): number {
    const slot = this.#slotOf(position);
    const known = this.#slots[slot] as number;
    if (known !== 0) return known - 1;
    this.positions[this.count++] = position;
    this.#slots[slot] = this.count;
    return this.count - 1;
  }

  /** The number of a position; -1 when it has none. */
  find(position: number): number {
    return (this.#slots[this.#slotOf(position)] as number) - 1;
  }

  /** Where the position is, or where it would go. */
  #slotOf(position: number): number {
    if (!this.#hashed) return position;
    const slots = this.#slots;
    let slot = (Math.imul(position, 0x9e37_79b1) >>> 7) & this.#mask;
    for (; slots[slot] !== 0; slot = (slot + 1) & this.#mask) {
      if (this.positions[(slots[slot] as number) - 1] === position) break;
    }
    return slot;
  }
}

/** Values → dense numbers; whole numbers that are not much larger than the part by a table. */
export class ValueNumbering {
  readonly values: Value[] = [];
  /** Whole number → number + 1. */
  readonly #whole: Int32Array;
  readonly #scalars = new Map<Value, number>();
  readonly #composites = new Map<string, number>();

  constructor(countMax: number) {
    this.#whole = new Int32Array(4 * countMax + 64);
  }

  /** The number of a value; a new one when it had none. */
  numberOf(value: Value): number {
    if (typeof value === "number" && value >= 0 && value < this.#whole.length) {
      if (Number.isInteger(value)) {
        const known = this.#whole[value] as number;
        if (known !== 0) return known - 1;
        return (this.#whole[value] = this.values.push(value)) - 1;
      }
    }
    if (typeof value !== "object" || value === null)
      return this.#named(this.#scalars, value, value);
    return this.#named(this.#composites, canonical(value), value);
  }

  #named<Name>(names: Map<Name, number>, name: Name, value: Value): number {
    const known = names.get(name);
    if (known !== undefined) return known;
    const made = this.values.push(value) - 1;
    names.set(name, made);
    return made;
  }
}
