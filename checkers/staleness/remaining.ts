/**
 * What is left of a group while an order is built from its end: doubly linked lists from which
 * writes and reads are taken, and into which they are put back in the opposite order.
 */
import { NONE } from "../../src/history/history.js";
import type { Meter } from "../linearizable/meter.js";
import type { Group } from "./group.js";

/** Writes by start and by end, and reads by start. */
export class Remaining {
  /** How many writes are left. */
  writes: number;
  readonly #group: Group;
  readonly #byStart: List;
  readonly #byEnd: List;
  readonly #reads: List;
  readonly #isPlaced: Uint8Array;
  /** By write: where its reads start in `#ownReads`; one more at the end. */
  readonly #ownStarts: Int32Array;
  readonly #ownReads: Int32Array;
  readonly #isTaken: Uint8Array;
  /** What was placed, last ones of the order first: a write as it is, a read as `~read`. */
  readonly #log: Int32Array;
  #logged = 0;

  constructor(group: Group, meter: Meter) {
    const writeCount = group.starts.length;
    const readCount = group.reads.length;
    meter.reserve(4 * (8 * writeCount + 6 * readCount));
    this.#group = group;
    this.writes = writeCount;
    this.#byStart = new List(Int32Array.from({ length: writeCount }, (_, write) => write));
    this.#byEnd = new List(group.byEnd);
    this.#reads = new List(Int32Array.from({ length: readCount }, (_, read) => read));
    this.#isPlaced = new Uint8Array(writeCount);
    this.#isTaken = new Uint8Array(readCount);
    this.#log = new Int32Array(writeCount + readCount);
    this.#ownStarts = new Int32Array(writeCount + 2);
    this.#ownReads = new Int32Array(readCount);
    for (const write of group.readWrites) (this.#ownStarts[write + 2] as number)++;
    for (let write = 0; write < writeCount; write++) {
      (this.#ownStarts[write + 2] as number) += this.#ownStarts[write + 1] as number;
    }
    group.readWrites.forEach((write, read) => {
      this.#ownReads[(this.#ownStarts[write + 1] as number)++] = read;
    });
    meter.release(4 * (8 * writeCount + 6 * readCount));
  }

  /** Writes that end after all others that are left began. */
  candidates(): number[] {
    const { starts, ends } = this.#group;
    const last = this.#byStart.last;
    const found: number[] = [];
    if (last === NONE) return found;
    for (let write = this.#byEnd.last; write !== NONE; write = this.#byEnd.before(write)) {
      if ((ends[write] as number) < (starts[last] as number)) break;
      found.push(write);
    }
    return found;
  }

  /** At most `countMax` writes that are left and begin after this one ended. */
  startingAfterEndOf(write: number, countMax: number): number[] {
    const { starts, ends } = this.#group;
    const found: number[] = [];
    let other = this.#byStart.last;
    while (other !== NONE && found.length < countMax) {
      if ((starts[other] as number) < (ends[write] as number)) break;
      found.push(other);
      other = this.#byStart.before(other);
    }
    return found;
  }

  hasPlaced(write: number): boolean {
    return this.#isPlaced[write] === 1;
  }

  place(write: number): void {
    this.#byStart.take(write);
    this.#byEnd.take(write);
    this.#isPlaced[write] = 1;
    this.writes--;
    this.#log[this.#logged++] = write;
  }

  /** Takes the reads of a write, and all that began after it ended. */
  takeReads(write: number, taken: (read: number) => void): void {
    const end = this.#group.ends[write] as number;
    for (;;) {
      const read = this.#reads.last;
      if (read === NONE || (this.#group.readStarts[read] as number) < end) break;
      this.#takeRead(read);
      taken(read);
    }
    const last = this.#ownStarts[write + 1] as number;
    for (let at = last - 1; at >= (this.#ownStarts[write] as number); at--) {
      const read = this.#ownReads[at] as number;
      if (this.#isTaken[read] === 0) this.#takeRead(read);
    }
  }

  #takeRead(read: number): void {
    this.#reads.take(read);
    this.#isTaken[read] = 1;
    this.#log[this.#logged++] = ~read;
  }

  mark(): number {
    return this.#logged;
  }

  /** Puts back; answers how many writes that were. */
  takeBackTo(mark: number): number {
    let count = 0;
    while (this.#logged > mark) {
      const entry = this.#log[--this.#logged] as number;
      if (entry < 0) {
        this.#reads.putBack(~entry);
        this.#isTaken[~entry] = 0;
        continue;
      }
      this.#byEnd.putBack(entry);
      this.#byStart.putBack(entry);
      this.#isPlaced[entry] = 0;
      this.writes++;
      count++;
    }
    return count;
  }

  /** The writes that were placed last. */
  lastPlaced(count: number): number[] {
    const found: number[] = [];
    for (let at = this.#logged - 1; at >= 0 && found.length < count; at--) {
      const entry = this.#log[at] as number;
      if (entry >= 0) found.push(entry);
    }
    return found;
  }

  /** All that was placed, as accesses from the front of the order. */
  placed(): Int32Array {
    const { writes, reads } = this.#group;
    const accesses = new Int32Array(this.#logged);
    let length = 0;
    let segmentEnd = this.#logged;
    for (let at = this.#logged - 1; at >= 0; at--) {
      const entry = this.#log[at] as number;
      if (entry < 0) continue;
      if (writes[entry] !== NONE) accesses[length++] = writes[entry] as number;
      // Reads were taken latest start first.
      for (let read = segmentEnd - 1; read > at; read--) {
        accesses[length++] = reads[~(this.#log[read] as number)] as number;
      }
      segmentEnd = at;
    }
    return accesses.slice(0, length);
  }
}

/** A doubly linked list of numbers from 0. */
class List {
  last: number;
  readonly #before: Int32Array;
  readonly #after: Int32Array;

  constructor(order: Int32Array) {
    this.#before = new Int32Array(order.length).fill(NONE);
    this.#after = new Int32Array(order.length).fill(NONE);
    for (let place = 1; place < order.length; place++) {
      this.#before[order[place] as number] = order[place - 1] as number;
      this.#after[order[place - 1] as number] = order[place] as number;
    }
    this.last = order.at(-1) ?? NONE;
  }

  before(item: number): number {
    return this.#before[item] as number;
  }

  take(item: number): void {
    const before = this.#before[item] as number;
    const after = this.#after[item] as number;
    if (before !== NONE) this.#after[before] = after;
    if (after === NONE) this.last = before;
    else this.#before[after] = before;
  }

  /** The last one that was taken and is not back yet. */
  putBack(item: number): void {
    const before = this.#before[item] as number;
    const after = this.#after[item] as number;
    if (before !== NONE) this.#after[before] = item;
    if (after === NONE) this.last = item;
    else this.#before[after] = item;
  }
}
