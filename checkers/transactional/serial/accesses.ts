/**
 * Who reads what of registers, when that is beyond doubt: each value is written once to a key, what
 * is read was left there by another transaction that did not fail, and each transaction agrees with
 * itself.
 */
import { FAIL, INFO, NONE, OK } from "../../../src/history/history.js";
import type { ByKey } from "../dependencies.js";
import { APPEND, areOk, WRITE, type Transactions } from "../layout.js";

/**
 * Which versions there are, and who reads them. A version is the micro-operation that wrote it; the
 * initial one of a key is the key, after all micro-operations.
 */
export class Accesses {
  readonly transactions: Transactions;
  readonly happened: Uint8Array;
  /** Micro-operation → 1 when it left a version. */
  readonly isVersion: Uint8Array;
  /** Micro-operation → the version that its transaction reads of others, or `NONE`. */
  readonly sources: Int32Array;
  /** Version → its first reader, a micro-operation; and that → the next. */
  readonly heads: Int32Array;
  readonly nexts: Int32Array;
  /** Version → how many read it. */
  readonly readerCounts: Int32Array;
  /** Value → the micro-operation that wrote it to the key that is looked at, where stamped so. */
  readonly #writers: Int32Array;
  readonly #stamps: Int32Array;

  constructor(transactions: Transactions) {
    const { kinds, keyCount, valueCount } = transactions;
    this.transactions = transactions;
    this.happened = areOk(transactions);
    this.isVersion = new Uint8Array(kinds.length);
    this.sources = new Int32Array(kinds.length).fill(NONE);
    this.heads = new Int32Array(kinds.length + keyCount).fill(NONE);
    this.nexts = new Int32Array(kinds.length).fill(NONE);
    this.readerCounts = new Int32Array(kinds.length + keyCount);
    this.#writers = new Int32Array(valueCount);
    this.#stamps = new Int32Array(valueCount).fill(NONE);
  }

  /** False when anything is not as it has to be. */
  find({ starts, micro }: ByKey): boolean {
    for (let key = 0; key + 1 < starts.length; key++) {
      const first = starts[key] as number;
      const end = starts[key + 1] as number;
      if (!this.#findWrites(micro, first, end) || !this.#findReads(micro, first, end)) return false;
    }
    const { owners } = this.transactions;
    for (let at = 0; at < owners.length; at++) {
      if (this.happened[owners[at] as number] === 0) this.isVersion[at] = 0;
    }
    this.#chainReaders();
    return true;
  }

  #findWrites(micro: Int32Array, first: number, end: number): boolean {
    const { kinds, values, owners, outcomes, keys, nullAt, lists } = this.transactions;
    let last = NONE;
    for (let place = first; place < end; place++) {
      const at = micro[place] as number;
      if (kinds[at] === APPEND) return false;
      if (kinds[at] !== WRITE || outcomes[owners[at] as number] === FAIL) continue;
      const value = values[at] as number;
      const key = keys[at] as number;
      const isStrange = value === nullAt || (lists.starts[value] as number) >= 0;
      if (isStrange || this.#stamps[value] === key) return false;
      this.#stamps[value] = key;
      this.#writers[value] = at;
      this.isVersion[at] = 1;
      // What its own transaction writes over nobody sees.
      if (last !== NONE && owners[last] === owners[at]) this.isVersion[last] = 0;
      last = at;
    }
    return true;
  }

  #findReads(micro: Int32Array, first: number, end: number): boolean {
    const { kinds, values, owners, outcomes } = this.transactions;
    let owner = NONE;
    /** What the transaction left or saw of the key. */
    let known = NONE;
    for (let place = first; place < end; place++) {
      const at = micro[place] as number;
      if (owners[at] !== owner) known = NONE;
      owner = owners[at] as number;
      const value = values[at] as number;
      if (kinds[at] === WRITE) {
        known = value;
        continue;
      }
      if (outcomes[owner] !== OK || value === NONE) continue;
      if (known !== NONE) {
        if (known !== value) return false;
        continue;
      }
      known = value;
      if (!this.#isOfVersion(at)) return false;
    }
    return true;
  }

  #isOfVersion(at: number): boolean {
    const { values, owners, outcomes, keys, kinds, nullAt } = this.transactions;
    const value = values[at] as number;
    const key = keys[at] as number;
    if (value === nullAt) {
      this.sources[at] = kinds.length + key;
      return true;
    }
    if (this.#stamps[value] !== key) return false;
    const writer = this.#writers[value] as number;
    const owner = owners[writer] as number;
    if (this.isVersion[writer] === 0 || owner === owners[at]) return false;
    if (outcomes[owner] === INFO) this.happened[owner] = 1;
    this.sources[at] = writer;
    return true;
  }

  /** Readers of a version in the order of their calls. */
  #chainReaders(): void {
    const { sources, heads, nexts, readerCounts } = this;
    for (let at = sources.length - 1; at >= 0; at--) {
      const version = sources[at] as number;
      if (version === NONE) continue;
      nexts[at] = heads[version] as number;
      heads[version] = at;
      readerCounts[version] = (readerCounts[version] as number) + 1;
    }
  }
}
