/**
 * The additions of each key, session by session, to be counted up to a place.
 */
import { ADDS, type Collections } from "./layout.js";

/** Lists of additions: one for each key and each session that adds to it. */
export class AdditionsByKey {
  /** Key → its first list. */
  readonly #begins: Int32Array;
  readonly #sessions: Int32Array;
  /** List → its first addition in `#additions`. */
  readonly #starts: Int32Array;
  readonly #additions: Int32Array;

  constructor({ count, kinds, keys, keyCount, sessions }: Collections) {
    const ends = new Int32Array(keyCount + 1);
    for (let operation = 0; operation < count; operation++) {
      if (kinds[operation] !== ADDS) continue;
      const after = (keys[operation] as number) + 1;
      ends[after] = (ends[after] as number) + 1;
    }
    for (let key = 0; key < keyCount; key++) {
      ends[key + 1] = (ends[key + 1] as number) + (ends[key] as number);
    }
    this.#additions = new Int32Array(ends[keyCount] as number);
    const places = ends.slice(0, keyCount);
    for (let operation = 0; operation < count; operation++) {
      if (kinds[operation] !== ADDS) continue;
      const key = keys[operation] as number;
      const place = places[key] as number;
      this.#additions[place] = operation;
      places[key] = place + 1;
    }
    this.#begins = new Int32Array(keyCount + 1);
    const found: number[] = [];
    const starts: number[] = [];
    for (let key = 0; key < keyCount; key++) {
      this.#begins[key] = found.length;
      let last = -1;
      for (let place = ends[key] as number; place < (ends[key + 1] as number); place++) {
        const session = sessions[this.#additions[place] as number] as number;
        if (session === last) continue;
        last = session;
        found.push(session);
        starts.push(place);
      }
    }
    this.#begins[keyCount] = found.length;
    starts.push(this.#additions.length);
    this.#sessions = Int32Array.from(found);
    this.#starts = Int32Array.from(starts);
  }

  /** The first list of a key. */
  begin(key: number): number {
    return this.#begins[key] as number;
  }

  /** The list after the last one of a key. */
  end(key: number): number {
    return this.#begins[key + 1] as number;
  }

  sessionOf(list: number): number {
    return this.#sessions[list] as number;
  }

  /** All additions of a list, in order. */
  all(list: number): Int32Array {
    return this.#additions.subarray(this.#starts[list], this.#starts[list + 1]);
  }

  /** Those before an operation of the session. */
  below(list: number, bound: number): Int32Array {
    const start = this.#starts[list] as number;
    return this.#additions.subarray(start, start + this.countBelow(list, bound));
  }

  /** How many those are. */
  countBelow(list: number, bound: number): number {
    const start = this.#starts[list] as number;
    let low = start;
    let high = this.#starts[list + 1] as number;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#additions[middle] as number) < bound) low = middle + 1;
      else high = middle;
    }
    return low - start;
  }
}
