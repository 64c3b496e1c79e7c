/**
 * The writes to each key, grouped by session, in the order of each session: so that the last one
 * below a bound is a binary search away.
 */
import type { Registers } from "./layout.js";
import { NOTHING } from "./sources.js";

/** Lists of writes; those of one key are next to one another. */
export class WritesByKey {
  /** Writes by key, then by number, which is by session. */
  readonly #writes: Int32Array;
  /** List → where it starts in `#writes`. */
  readonly #starts: number[] = [];
  readonly #sessions: number[] = [];
  /** Key → its first list. */
  readonly #lists: Int32Array;

  constructor({ count, keys, keyCount, isWrite, sessions }: Registers) {
    const ends = new Int32Array(keyCount + 1);
    for (let operation = 0; operation < count; operation++) {
      if (isWrite[operation] === 0) continue;
      const after = (keys[operation] as number) + 1;
      ends[after] = (ends[after] as number) + 1;
    }
    for (let key = 0; key < keyCount; key++) {
      ends[key + 1] = (ends[key + 1] as number) + (ends[key] as number);
    }
    const places = ends.slice(0, keyCount);
    this.#writes = new Int32Array(ends[keyCount] as number);
    for (let operation = 0; operation < count; operation++) {
      if (isWrite[operation] === 0) continue;
      const place = places[keys[operation] as number] as number;
      this.#writes[place] = operation;
      places[keys[operation] as number] = place + 1;
    }
    this.#lists = new Int32Array(keyCount + 1);
    for (let key = 0; key < keyCount; key++) {
      this.#lists[key] = this.#starts.length;
      let before = NOTHING;
      for (let place = ends[key] as number; place < (ends[key + 1] as number); place++) {
        const session = sessions[this.#writes[place] as number] as number;
        if (session !== before) {
          this.#starts.push(place);
          this.#sessions.push(session);
        }
        before = session;
      }
    }
    this.#lists[keyCount] = this.#starts.length;
    this.#starts.push(this.#writes.length);
  }

  /** The first list of a key. */
  begins(key: number): number {
    return this.#lists[key] as number;
  }

  /** The list after the last one of a key. */
  ends(key: number): number {
    return this.#lists[key + 1] as number;
  }

  sessionOf(list: number): number {
    return this.#sessions[list] as number;
  }

  /** The last write in a list whose number is less than `bound`, or `NOTHING`. */
  lastBelow(list: number, bound: number): number {
    let low = this.#starts[list] as number;
    let high = this.#starts[list + 1] as number;
    if (bound <= (this.#writes[low] as number)) return NOTHING;
    const last = this.#writes[high - 1] as number;
    if (last < bound) return last;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.#writes[middle] as number) < bound) low = middle;
      else high = middle;
    }
    return this.#writes[low] as number;
  }

  /** All writes to a key. */
  of(key: number): Int32Array {
    const from = this.#starts[this.begins(key)] as number;
    return this.#writes.subarray(from, this.#starts[this.ends(key)]);
  }
}
