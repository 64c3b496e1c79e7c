/**
 * Vector clocks in one row of numbers, taken back when nobody needs them any more. A cell is how
 * many transactions of a chain precede, or are the transaction itself.
 */
import { NONE } from "../../../src/history/history.js";
import type { Meter } from "../../linearizable/meter.js";

const FIRST_CLOCKS = 64;

/** Clocks of transactions. */
export class ClockPool {
  /** All clocks; this changes when `open` needs more room. */
  cells: Int32Array;
  readonly #size: number;
  readonly #meter: Meter;
  /** Transaction → where its clock begins, or `NONE`; and how many still need it. */
  readonly #clocks: Int32Array;
  readonly #needed: Int32Array;
  readonly #free: number[] = [];
  #end = 0;

  /** `most`: so many are open at a time, if that is known. @throws LimitReached */
  constructor(
    { nodes, chains, most }: { nodes: number; chains: number; most: number | undefined },
    meter: Meter,
  ) {
    this.#size = chains;
    this.#meter = meter;
    this.#clocks = new Int32Array(nodes).fill(NONE);
    this.#needed = new Int32Array(nodes);
    const length = (most ?? FIRST_CLOCKS) * chains;
    meter.reserve(4 * length);
    this.cells = new Int32Array(length);
  }

  /** Nothing is asked of it any more. */
  close(): void {
    this.#meter.release(4 * this.cells.length);
    this.cells = new Int32Array(0);
  }

  /** A clock of zeros. @throws LimitReached */
  open(): number {
    const free = this.#free.pop();
    if (free !== undefined) {
      this.cells.fill(0, free, free + this.#size);
      return free;
    }
    const clock = this.#end;
    this.#end += this.#size;
    if (this.#end > this.cells.length) this.#grow();
    return clock;
  }

  #grow(): void {
    const length = 2 * this.cells.length;
    this.#meter.reserve(4 * length);
    const cells = new Int32Array(length);
    cells.set(this.cells);
    this.#meter.release(4 * this.cells.length);
    this.cells = cells;
  }

  /** Takes over what precedes a transaction. */
  join(clock: number, transaction: number): void {
    const cells = this.cells;
    const end = clock + this.#size;
    let other = this.#clocks[transaction] as number;
    for (let at = clock; at < end; at++) {
      const theirs = cells[other++] as number;
      if (theirs > (cells[at] as number)) cells[at] = theirs;
    }
  }

  /** Where the clock of a transaction begins, which somebody still needs. */
  clockOf(transaction: number): number {
    return this.#clocks[transaction] as number;
  }

  /** Keeps a clock for so many who need it. */
  keep(transaction: number, clock: number, needed: number): void {
    if (needed === 0) {
      this.#free.push(clock);
      return;
    }
    this.#clocks[transaction] = clock;
    this.#needed[transaction] = needed;
  }

  /** One of those who need it has had its turn. */
  release(transaction: number): void {
    const needed = (this.#needed[transaction] as number) - 1;
    this.#needed[transaction] = needed;
    if (needed === 0) this.#free.push(this.#clocks[transaction] as number);
  }
}
