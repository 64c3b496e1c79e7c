/**
 * Carries out transactions in an order of their snapshots and commits: whether every read returns
 * what it returned, and nobody commits to a key that was committed to since its snapshot. A serial
 * order is one where each commits right after its snapshot.
 */
import { NONE } from "../../src/history/history.js";
import { APPEND, READ, WRITE, type Transactions } from "./layout.js";

/**
 * The snapshot of transaction `t` is `2t`, its commit `2t + 1`; `alone`: nobody else commits to its
 * keys between the two.
 */
export function explains(
  transactions: Transactions,
  events: Iterable<number>,
  alone = true,
): boolean {
  const replay = new Replay(transactions, alone);
  for (const event of events) {
    const transaction = event >> 1;
    if ((event & 1) === 0) replay.takeSnapshot(transaction);
    else if (!replay.commit(transaction)) return false;
  }
  return true;
}

class Replay {
  readonly #transactions: Transactions;
  readonly #alone: boolean;
  /** Key → the value of a register; the elements of a list; how often it was committed to. */
  readonly #registers: Int32Array;
  readonly #lists: number[][];
  readonly #commits: Int32Array;
  /** Micro-operation → the same of its key, when its transaction took its snapshot. */
  readonly #seen: Int32Array;
  readonly #seenLengths: Int32Array;
  readonly #seenCommits: Int32Array;

  constructor(transactions: Transactions, alone: boolean) {
    const { keyCount, keys, nullAt } = transactions;
    this.#alone = alone;
    this.#transactions = transactions;
    this.#registers = new Int32Array(keyCount).fill(nullAt);
    this.#lists = Array.from({ length: keyCount }, () => []);
    this.#commits = new Int32Array(keyCount);
    this.#seen = new Int32Array(keys.length);
    this.#seenLengths = new Int32Array(keys.length);
    this.#seenCommits = new Int32Array(keys.length);
  }

  takeSnapshot(transaction: number): void {
    const { starts, keys } = this.#transactions;
    const end = starts[transaction + 1] as number;
    for (let at = starts[transaction] as number; at < end; at++) {
      const key = keys[at] as number;
      this.#seen[at] = this.#registers[key] as number;
      this.#seenLengths[at] = (this.#lists[key] as number[]).length;
      this.#seenCommits[at] = this.#commits[key] as number;
    }
  }

  commit(transaction: number): boolean {
    const { starts, keys, kinds, values } = this.#transactions;
    const first = starts[transaction] as number;
    const end = starts[transaction + 1] as number;
    const own = new Map<number, number[]>();
    for (let at = first; at < end; at++) {
      const key = keys[at] as number;
      if (kinds[at] === READ) {
        if (!this.#reads(at, own.get(key) ?? [])) return false;
        continue;
      }
      if (this.#alone && this.#seenCommits[at] !== this.#commits[key]) return false;
      const writes = own.get(key);
      if (kinds[at] === WRITE || writes === undefined) own.set(key, [values[at] as number]);
      else writes.push(values[at] as number);
    }
    for (let at = first; at < end; at++) {
      const key = keys[at] as number;
      if (kinds[at] === APPEND) (this.#lists[key] as number[]).push(values[at] as number);
      else if (kinds[at] === WRITE) this.#registers[key] = values[at] as number;
    }
    for (const key of own.keys()) this.#commits[key] = (this.#commits[key] as number) + 1;
    return true;
  }

  /** Whether a read returns its snapshot with what its transaction wrote itself. */
  #reads(at: number, own: readonly number[]): boolean {
    const { values, keys, lists } = this.#transactions;
    const value = values[at] as number;
    if (value === NONE) return true;
    const key = keys[at] as number;
    const start = lists.starts[value] as number;
    const list = this.#lists[key] as number[];
    const isList = start >= 0 || list.length > 0;
    if (!isList) return value === (own.at(-1) ?? this.#seen[at]);
    const length = start >= 0 ? (lists.items[start] as number) : 0;
    const shared = this.#seenLengths[at] as number;
    if (length !== shared + own.length) return false;
    for (let place = 0; place < length; place++) {
      const expected = place < shared ? list[place] : own[place - shared];
      if (lists.items[start + 1 + place] !== expected) return false;
    }
    return true;
  }
}
