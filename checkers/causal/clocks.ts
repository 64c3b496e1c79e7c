/**
 * Vector clocks in one table, whose rows are used again: as many as are asked for at one time stay
 * in the processor's cache, where those of all operations would not.
 */
import { LimitReached, type Meter } from "../linearizable/meter.js";

/** So many rows there is room for at first. */
const ROWS_MIN = 64;
/** Numbers that a table may have: rows are told by 32 bits, whatever memory there is. */
const LENGTH_MAX = 2 ** 31;

/** Rows of as many numbers as there are columns; a row is told by the position of its first. */
export class Clocks {
  /** Replaced by a larger one when rows are taken. */
  table: Int32Array;
  readonly #columns: number;
  readonly #meter: Meter;
  readonly #free: number[] = [];
  #end = 0;

  /** @throws LimitReached */
  constructor(columns: number, meter: Meter) {
    this.#columns = columns;
    this.#meter = meter;
    const length = columns * ROWS_MIN;
    if (length > LENGTH_MAX) throw new LimitReached("memory");
    meter.reserve(4 * length);
    this.table = new Int32Array(length);
  }

  /** A row of zeros. @throws LimitReached */
  create(): number {
    const row = this.#take();
    this.table.fill(0, row, row + this.#columns);
    return row;
  }

  /** Another row like this one. @throws LimitReached */
  copy(from: number): number {
    const row = this.#take();
    const { table } = this;
    const columns = this.#columns;
    for (let column = 0; column < columns; column++) {
      table[row + column] = table[from + column] as number;
    }
    return row;
  }

  /** The larger of both, number by number. */
  join(into: number, from: number): void {
    const { table } = this;
    const columns = this.#columns;
    for (let column = 0; column < columns; column++) {
      const known = table[from + column] as number;
      if (known > (table[into + column] as number)) table[into + column] = known;
    }
  }

  /** Nobody asks for this row any more. */
  free(row: number): void {
    this.#free.push(row);
  }

  /** Lets go of the table. */
  release(): void {
    this.#meter.release(4 * this.table.length);
    this.table = new Int32Array(0);
  }

  #take(): number {
    const freed = this.#free.pop();
    if (freed !== undefined) return freed;
    const row = this.#end;
    this.#end += this.#columns;
    if (this.#end > this.table.length) {
      if (2 * this.table.length > LENGTH_MAX) throw new LimitReached("memory");
      this.#meter.reserve(8 * this.table.length);
      const larger = new Int32Array(2 * this.table.length);
      larger.set(this.table);
      this.#meter.release(4 * this.table.length);
      this.table = larger;
    }
    return row;
  }
}
