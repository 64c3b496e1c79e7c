/**
 * Reads of the same keys, in groups; of those that see the same, the first. Almost all transactions
 * that look for a fork read two keys, and there may be a hundred thousand such pairs: what is known
 * of a pair is a row of numbers, and no object is made for it before its reads are in conflict.
 */
import { NONE } from "../../src/history/history.js";

/** A transaction that only reads. */
export interface ForkRead {
  readonly invocation: number;
  /** The keys that have a value, by their position among the keys of the group. */
  readonly seen: readonly boolean[];
  readonly seenCount: number;
}

/** Reads of the same keys. */
export interface ForkGroup {
  /** Numbers of keys, in the order of their names. */
  readonly keys: readonly number[];
  /** The first read of each state, in the order of their invocations. */
  readonly reads: readonly ForkRead[];
}

/** Numbers of keys are below this, so that two of them are one exact number. */
const KEYS_MAX = 2 ** 26;
/** States of a pair, by which of the two keys it sees. */
const STATES = 4;
const [ONLY_FIRST, ONLY_SECOND] = [1, 2];

interface Wide {
  readonly number: number;
  readonly keys: readonly number[];
  readonly reads: Map<string, ForkRead>;
}

/** Takes reads in the order of their invocations. */
export class ForkGroups {
  /** How many there are. */
  count = 0;
  readonly #pairs = new Map<number, number>();
  /** Of each pair: its number among all groups, its keys, and the first read of each state. */
  readonly #numbers: number[] = [];
  readonly #keys: number[] = [];
  readonly #first: number[] = [];
  readonly #wide = new Map<string, Wide>();

  /** A read of two keys, and whether it sees them. */
  addPair(
    invocation: number,
    keys: readonly [first: number, second: number],
    [seesFirst, seesSecond]: readonly [boolean, boolean],
  ): void {
    const name = keys[0] * KEYS_MAX + keys[1];
    let pair = this.#pairs.get(name);
    if (pair === undefined) {
      pair = this.#numbers.push(this.count++) - 1;
      this.#pairs.set(name, pair);
      this.#keys.push(keys[0], keys[1]);
      this.#first.push(NONE, NONE, NONE, NONE);
    }
    const at = pair * STATES + (seesFirst ? ONLY_FIRST : 0) + (seesSecond ? ONLY_SECOND : 0);
    if (this.#first[at] === NONE) this.#first[at] = invocation;
  }

  /** A read of more keys. */
  addWide(keys: readonly number[], read: ForkRead): void {
    const name = keys.join(" ");
    const known = this.#wide.get(name);
    const state = read.seen.map((isSeen) => (isSeen ? "1" : "0")).join("");
    if (known === undefined) {
      this.#wide.set(name, { number: this.count++, keys, reads: new Map([[state, read]]) });
    } else if (!known.reads.has(state)) known.reads.set(state, read);
  }

  /** The groups whose reads may be in conflict, as they came up. */
  suspects(): readonly ForkGroup[] {
    const found: (ForkGroup & { readonly number: number })[] = [];
    for (let pair = 0; pair < this.#numbers.length; pair++) {
      const one = this.#first[pair * STATES + ONLY_FIRST] as number;
      const other = this.#first[pair * STATES + ONLY_SECOND] as number;
      if (one === NONE || other === NONE) continue;
      const reads = [
        { invocation: one, seen: [true, false], seenCount: 1 },
        { invocation: other, seen: [false, true], seenCount: 1 },
      ].toSorted((a, b) => a.invocation - b.invocation);
      const keys = this.#keys.slice(2 * pair, 2 * pair + 2);
      found.push({ number: this.#numbers[pair] as number, keys, reads });
    }
    for (const { number, keys, reads } of this.#wide.values()) {
      found.push({ number, keys, reads: [...reads.values()] });
    }
    return found.sort((a, b) => a.number - b.number);
  }
}
