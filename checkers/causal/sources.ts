/**
 * Which write each read reads from. Where each value is written once to a key, the value says it;
 * whoever reads a value that was written twice could have read either.
 */
import { NONE } from "../../src/history/history.js";
import type { Calls } from "./calls.js";

/** In `sources`: it is no read, or says nothing. */
export const NOTHING: number = NONE;
/** In `sources`: the value from before all writes. */
export const INITIAL = -2;
/** In `sources`: a value that nobody wrote. */
export const NOWHERE = -3;
/** In `sources`: several writes wrote the value, or one wrote the initial value. */
export const AMBIGUOUS = -4;

/** By call. */
export interface Sources {
  /** The call that it reads from, or a constant above. */
  readonly sources: Int32Array;
  /** 1 for what certainly happened: what completed, and indeterminate writes that were read. */
  readonly happened: Uint8Array;
  /** What an ambiguous read may have read: calls, or `INITIAL`. */
  candidates(call: number): readonly number[];
}

/** Finds them, in linear time. */
export function findSources(calls: Calls): Sources {
  const { count, keys, written, seen, isCertain, initial } = calls;
  const writers = new Writers(calls);
  /** The next write of the same value to the same key. */
  const others = new Int32Array(count).fill(NONE);
  for (let call = 0; call < count; call++) {
    if (written[call] === NONE) continue;
    others[call] = writers.put(keys[call] as number, written[call] as number, call);
  }
  const writersOf = (call: number): number[] => {
    const found: number[] = [];
    let writer = writers.get(keys[call] as number, seen[call] as number);
    for (; writer !== NONE; writer = others[writer] as number) {
      // A swap of a value by itself does not read what it writes.
      if (writer !== call) found.push(writer);
    }
    return found;
  };
  const sourceOf = (call: number): number => {
    const value = seen[call] as number;
    if (value === NONE) return NOTHING;
    const first = writers.get(keys[call] as number, value);
    if (first === NONE) return value === initial ? INITIAL : NOWHERE;
    if (first !== call && others[first] === NONE && value !== initial) return first;
    const all = writersOf(call);
    if (all.length === 0) return value === initial ? INITIAL : NOWHERE;
    return all.length === 1 && value !== initial ? (all[0] as number) : AMBIGUOUS;
  };
  const sources = new Int32Array(count).fill(NOTHING);
  const happened = new Uint8Array(count);
  const fresh: number[] = [];
  const take = (call: number): void => {
    happened[call] = 1;
    const source = sourceOf(call);
    sources[call] = source;
    // A swap of unknown outcome that was read saw what it expected; and so on.
    if (source >= 0 && happened[source] === 0 && isCertain[source] === 0) fresh.push(source);
  };
  for (let call = 0; call < count; call++) {
    if (isCertain[call] === 1) take(call);
    while (fresh.length > 0) {
      const source = fresh.pop() as number;
      if (happened[source] === 0) take(source);
    }
  }
  return {
    sources,
    happened,
    candidates: (call) => [...(seen[call] === initial ? [INITIAL] : []), ...writersOf(call)],
  };
}

/**
 * Key and value → the call that wrote the value there last. Most values are written to one key,
 * and values are numbered as they appear: a column by value, in which calls of one time are
 * neighbours, says it for the first key of each. A table, where nothing is near anything, says it
 * for the others.
 */
class Writers {
  readonly #keys: Int32Array;
  /** Value → call + 1. */
  readonly #byValue: Int32Array;
  #others: PairTable | undefined;

  constructor({ keys, valueCount }: Calls) {
    this.#keys = keys;
    this.#byValue = new Int32Array(valueCount);
  }

  get(key: number, value: number): number {
    const call = (this.#byValue[value] as number) - 1;
    if (call === NONE || this.#keys[call] === key) return call;
    return this.#others === undefined ? NONE : this.#others.get(key, value);
  }

  /** Answers what was there before, or `NONE`. */
  put(key: number, value: number, call: number): number {
    const before = (this.#byValue[value] as number) - 1;
    if (before === NONE || this.#keys[before] === key) {
      this.#byValue[value] = call + 1;
      return before;
    }
    this.#others ??= new PairTable(this.#keys.length);
    return this.#others.put(key, value, call);
  }
}

/** Pairs of numbers → the call that was put there last; open addressing. */
class PairTable {
  readonly #mask: number;
  /** Three words a slot: the pair, and the call + 1. */
  readonly #slots: Int32Array;

  constructor(pairsMax: number) {
    const size = 2 ** Math.ceil(Math.log2(2 * pairsMax + 2));
    this.#mask = size - 1;
    this.#slots = new Int32Array(3 * size);
  }

  get(key: number, value: number): number {
    return (this.#slots[this.#find(key, value) + 2] as number) - 1;
  }

  /** Answers what was there before, or `NONE`. */
  put(key: number, value: number, call: number): number {
    const at = this.#find(key, value);
    const before = (this.#slots[at + 2] as number) - 1;
    this.#slots[at] = key;
    this.#slots[at + 1] = value;
    this.#slots[at + 2] = call + 1;
    return before;
  }

  #find(key: number, value: number): number {
    let hash = Math.imul(key ^ 0x2545f491, 0x9e3779b1) ^ Math.imul(value, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x27d4eb2f);
    for (let slot = (hash ^ (hash >>> 13)) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const at = 3 * slot;
      if (this.#slots[at + 2] === 0) return at;
      if (this.#slots[at] === key && this.#slots[at + 1] === value) return at;
    }
  }
}
