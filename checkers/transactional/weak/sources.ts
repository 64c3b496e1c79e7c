/**
 * From whom each read of a register reads, and what is wrong with a read by itself: a value from
 * nowhere, from an aborted transaction, from the middle of one, from its own future, or another
 * than the transaction wrote or read there before. These are the axioms of read consistency that
 * every level here begins with (Biswas & Enea 2019, section 2; Møldrup & Pavlogiannis 2025,
 * section 2.3).
 *
 * Values are unique for each key; what is read of a value that several transactions wrote is not
 * known, and such a read is left out.
 */
import { FAIL, INFO, NONE } from "../../../src/history/history.js";
import type { ByKey } from "../dependencies.js";
import { Findings, type FindingKind } from "../findings.js";
import { areOk, READ, WRITE, type Transactions } from "../layout.js";

/** Stands for the initial value, which no transaction wrote. */
export const INITIAL = -2;

/** Of a key its micro-operations; what has been seen of the transaction that they belong to. */
interface Run {
  owner: number;
  lastWrite: number;
  lastRead: number;
}

/** What the reads and writes of a history say one by one. */
export interface Sources {
  /**
   * Micro-operation → the write that it reads, or `INITIAL`; `NONE` for a write, for what its
   * transaction wrote itself, and for what is not known.
   */
  readonly sources: Int32Array;
  /** Transaction → 1 when it happened: it is `ok`, or somebody read what it wrote. */
  readonly happened: Uint8Array;
  /** Transaction → its keys that it wrote, ascending: from `starts[t]` on in `keys`. */
  readonly writes: WriteSets;
  readonly findings: Findings;
  /** A transaction reads otherwise than it wrote itself before; then of a read, with the write. */
  readonly ownMissed: readonly (readonly [write: number, read: number])[];
  /** How many reads are of a value that was written more than once. */
  readonly ambiguous: number;
  /** Of lists: whether a read is of a version without what the writer wrote last there. */
  readonly lacks?: (read: number, writer: number) => boolean;
  /** Of lists beside registers: the keys that are none of lists. */
  readonly registers?: ReadonlySet<number>;
  /** Of lists: where what a writer wrote last to a key stands, -1 when that is not known. */
  readonly placeOf?: (writer: number, key: number) => number;
}

/** The keys that each transaction wrote, and the micro-operation of its last write there. */
export interface WriteSets {
  readonly starts: Int32Array;
  readonly keys: Int32Array;
  readonly micro: Int32Array;
}

/** Finds out. O(micro-operations). */
export function sourcesOf(transactions: Transactions, { starts, micro }: ByKey): Sources {
  const finder = new Finder(transactions);
  for (let key = 0; key < transactions.keyCount; key++) {
    const from = starts[key] as number;
    const end = starts[key + 1] as number;
    finder.addWrites(micro, from, end);
    finder.addReads(micro, from, end);
  }
  return finder.result(micro);
}

const AMBIGUOUS = -3;
const EXAMPLES_MAX = 8;

class Finder {
  readonly #transactions: Transactions;
  readonly #sources: Int32Array;
  readonly #happened: Uint8Array;
  readonly #findings = new Findings();
  readonly #ownMissed: (readonly [number, number])[] = [];
  /** Write → 1 when it is the last of its transaction on its key. */
  readonly #isLast: Uint8Array;
  /** Value → the write of it, valid where the stamp is that of the key. */
  readonly #writers: Int32Array;
  readonly #stamps: Int32Array;
  #stamp = 0;
  #ambiguous = 0;

  constructor(transactions: Transactions) {
    const { keys, valueCount } = transactions;
    this.#transactions = transactions;
    this.#sources = new Int32Array(keys.length).fill(NONE);
    this.#happened = areOk(transactions);
    this.#isLast = new Uint8Array(keys.length);
    this.#writers = new Int32Array(valueCount);
    this.#stamps = new Int32Array(valueCount);
  }

  addWrites(micro: Int32Array, from: number, end: number): void {
    const { kinds, values, owners, outcomes } = this.#transactions;
    this.#stamp++;
    let last = NONE;
    for (let place = from; place < end; place++) {
      const at = micro[place] as number;
      if (kinds[at] !== WRITE) continue;
      if (last !== NONE && owners[last] === owners[at]) this.#isLast[last] = 0;
      this.#isLast[at] = 1;
      last = at;
      const value = values[at] as number;
      const known = this.#stamps[value] === this.#stamp ? (this.#writers[value] as number) : NONE;
      this.#stamps[value] = this.#stamp;
      const owner = owners[at] as number;
      if (known === NONE || (known >= 0 && owners[known] === owner)) {
        this.#writers[value] = at;
      } else if (outcomes[owner] !== FAIL) {
        // A read of what one wrote that failed, and one that did not, may be of the second.
        const isAborted = known >= 0 && outcomes[owners[known] as number] === FAIL;
        this.#writers[value] = isAborted ? at : AMBIGUOUS;
      }
    }
  }

  addReads(micro: Int32Array, from: number, end: number): void {
    const { kinds, values, owners } = this.#transactions;
    const run: Run = { owner: NONE, lastWrite: NONE, lastRead: NONE };
    for (let place = from; place < end; place++) {
      const at = micro[place] as number;
      const owner = owners[at] as number;
      if (owner !== run.owner) {
        run.owner = owner;
        run.lastWrite = NONE;
        run.lastRead = NONE;
      }
      if (kinds[at] === WRITE) {
        run.lastWrite = at;
        continue;
      }
      if (kinds[at] !== READ || values[at] === NONE) continue;
      this.#addRead(at, run);
      run.lastRead = at;
    }
  }

  #addRead(at: number, { lastWrite, lastRead }: Run): void {
    const { values, owners, outcomes, nullAt } = this.#transactions;
    const value = values[at] as number;
    const writer = this.#stamps[value] === this.#stamp ? (this.#writers[value] as number) : NONE;
    if (lastWrite !== NONE) {
      if (values[lastWrite] === value) return;
      this.#add("internal", at, { micro: [lastWrite, at] });
      if (this.#ownMissed.length < EXAMPLES_MAX) this.#ownMissed.push([lastWrite, at]);
    } else if (lastRead !== NONE && values[lastRead] !== value) {
      this.#add("internal", at, { micro: [lastRead, at] });
    }
    if (writer === AMBIGUOUS || (value === nullAt && writer !== NONE)) {
      this.#ambiguous++;
    } else if (writer === NONE) {
      if (value === nullAt) this.#sources[at] = INITIAL;
      else this.#add("garbage-read", at, { value });
    } else {
      const owner = owners[writer] as number;
      const by = owners[at] as number;
      if (outcomes[owner] === FAIL) {
        this.#add("G1a", at, { micro: [at, writer], value, writer: owner });
      } else if (owner === by) {
        if (writer > at) this.#add("future-read", at, { micro: [at, writer], value });
      } else {
        if (this.#isLast[writer] === 0) {
          this.#add("G1b", at, { micro: [at, writer], value, writer: owner });
        }
        if (outcomes[owner] === INFO) this.#happened[owner] = 1;
        this.#sources[at] = writer;
      }
    }
  }

  #add(
    kind: FindingKind,
    at: number,
    about: {
      readonly micro?: readonly number[];
      readonly value?: number;
      readonly writer?: number;
    },
  ): void {
    const { owners, keys } = this.#transactions;
    const by = owners[at] as number;
    const { micro = [at], value, writer } = about;
    this.#findings.add({
      kind,
      key: keys[at] as number,
      transactions: writer === undefined ? [by] : [by, writer],
      micro,
      ...(value === undefined ? {} : { value }),
    });
  }

  result(micro: Int32Array): Sources {
    const happened = this.#happened;
    return {
      sources: this.#sources,
      happened,
      writes: writeSetsOf(this.#transactions, { micro, happened, isLast: this.#isLast }),
      findings: this.#findings,
      ownMissed: this.#ownMissed,
      ambiguous: this.#ambiguous,
    };
  }
}

/** By counting: micro-operations that are sorted by key give sets that are. */
export function writeSetsOf(
  { count, owners, keys }: Transactions,
  {
    micro,
    happened,
    isLast,
  }: {
    readonly micro: Int32Array;
    readonly happened: Uint8Array;
    /** Micro-operation → 1 for the last write of its transaction on its key. */
    readonly isLast: Uint8Array;
  },
): WriteSets {
  const starts = new Int32Array(count + 2);
  for (let at = 0; at < isLast.length; at++) {
    const owner = owners[at] as number;
    if (isLast[at] === 1 && happened[owner] === 1) {
      starts[owner + 2] = (starts[owner + 2] as number) + 1;
    }
  }
  for (let each = 2; each <= count + 1; each++) {
    starts[each] = (starts[each] as number) + (starts[each - 1] as number);
  }
  const size = starts[count + 1] as number;
  const writes = new Int32Array(size);
  const setKeys = new Int32Array(size);
  for (const at of micro) {
    const owner = owners[at] as number;
    if (isLast[at] === 0 || happened[owner] === 0) continue;
    const place = starts[owner + 1] as number;
    starts[owner + 1] = place + 1;
    writes[place] = at;
    setKeys[place] = keys[at] as number;
  }
  return { starts: starts.subarray(0, count + 1), keys: setKeys, micro: writes };
}
