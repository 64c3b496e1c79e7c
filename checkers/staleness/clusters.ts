/**
 * Clusters (Gibbons & Korach 1997, section 4): a write and the reads that saw it. The first cluster
 * of each key is that of the initial value, whose write was over before the history began.
 *
 * Indeterminate writes. One whose value was read has happened, and never ended. One whose value was
 * not read is left out: an order without it is an order of the history, since it need not have
 * happened; and to take a write that nobody read out of an order leaves every read as many writes
 * behind as before, or fewer. A write that ended and that nobody read stays, for it lies between
 * others and what they are read for.
 *
 * A write has to come before its reads, so that it takes effect before the first of them ends: its
 * end is moved there (Golab, Li & Hurwitz 2013, section 2).
 */
import { NONE } from "../../src/history/history.js";
import type { Meter } from "../linearizable/meter.js";
import { NEVER, READ, WRITE, type Accesses } from "./accesses.js";

/** The place of the initial write: it is invoked at the first, and ends at the second. */
export const INITIAL_START: number = -2;
export const INITIAL_END: number = -1;

/** Why no bound of staleness can explain a key. */
export interface Impossible {
  readonly kind: "unwritten-value" | "read-from-the-future";
  /** The read, as an access. */
  readonly read: number;
  /** The write that it saw, which began later; `NONE` when nobody wrote the value. */
  readonly write: number;
}

/** Clusters of all keys; those of one key lie together, the initial value's first. */
export interface Clusters {
  readonly accesses: Accesses;
  /** By key: where its clusters start; one more at the end. */
  readonly starts: Int32Array;
  /** By cluster: the access that writes, `NONE` for the initial value. */
  readonly writes: Int32Array;
  /** By cluster: where the write is invoked. */
  readonly writeStarts: Int32Array;
  /** By cluster: the access that ends first, and where; the write's own end counts. */
  readonly firstEnding: Int32Array;
  readonly firstEnds: Int32Array;
  /** By cluster: the read that was invoked last, or `NONE`. */
  readonly lastReads: Int32Array;
  /** By access: its cluster; `NONE` for what is left out. */
  readonly clusterOf: Int32Array;
  /** Clusters of each key in the order of `firstEnds`, in the ranges of `starts`. */
  readonly byFirstEnd: Int32Array;
  /** By key: why it cannot be judged, if so. */
  readonly problems: readonly (string | undefined)[];
  /** By key: what no bound can explain, if anything. */
  readonly impossible: readonly (Impossible | undefined)[];
}

const BYTES_PER_ACCESS = 4 * 9;

/** Finds them; linear. @throws LimitReached */
export function clustersOf(accesses: Accesses, meter: Meter): Clusters {
  meter.reserve(BYTES_PER_ACCESS * (accesses.kinds.length + accesses.keyCount));
  meter.reserve(5 * accesses.valueCount);
  const builder = new Builder(accesses);
  for (let key = 0; key < accesses.keyCount; key++) {
    meter.spend((accesses.starts[key + 1] as number) - (accesses.starts[key] as number));
    builder.take(key);
  }
  return builder.finish();
}

class Builder {
  readonly #accesses: Accesses;
  readonly #starts: Int32Array;
  readonly #writes: Int32Array;
  readonly #writeStarts: Int32Array;
  readonly #firstEnding: Int32Array;
  readonly #firstEnds: Int32Array;
  readonly #lastReads: Int32Array;
  readonly #clusterOf: Int32Array;
  readonly #byFirstEnd: Int32Array;
  readonly #problems: (string | undefined)[];
  readonly #impossible: (Impossible | undefined)[] = [];
  /** By value, for the key at hand: whether it was read, and the cluster of its write. */
  readonly #isRead: Uint8Array;
  readonly #writerOf: Int32Array;
  #count = 0;

  constructor(accesses: Accesses) {
    const { kinds, keyCount, valueCount } = accesses;
    const countMax = kinds.length + keyCount;
    this.#accesses = accesses;
    this.#starts = new Int32Array(keyCount + 1);
    this.#writes = new Int32Array(countMax);
    this.#writeStarts = new Int32Array(countMax);
    this.#firstEnding = new Int32Array(countMax).fill(NONE);
    this.#firstEnds = new Int32Array(countMax);
    this.#lastReads = new Int32Array(countMax).fill(NONE);
    this.#clusterOf = new Int32Array(kinds.length).fill(NONE);
    this.#byFirstEnd = new Int32Array(countMax);
    this.#problems = [...accesses.problems];
    this.#isRead = new Uint8Array(valueCount);
    this.#writerOf = new Int32Array(valueCount).fill(NONE);
  }

  take(key: number): void {
    const { starts, kinds, values, initial } = this.#accesses;
    const from = starts[key] as number;
    const to = starts[key + 1] as number;
    this.#starts[key] = this.#count;
    this.#impossible[key] = undefined;
    const first = this.#addCluster(NONE, INITIAL_START);
    this.#firstEnds[first] = INITIAL_END;
    this.#writerOf[initial] = first;
    for (let access = from; access < to; access++) {
      if (kinds[access] === READ) this.#isRead[values[access] as number] = 1;
    }
    for (let access = from; access < to; access++) {
      if (kinds[access] === WRITE) this.#takeWrite(key, access);
    }
    for (let access = from; access < to; access++) {
      if (kinds[access] === READ) this.#takeRead(key, access);
    }
    this.#orderByFirstEnd(key, first);
    this.#writerOf[initial] = NONE;
    for (let access = from; access < to; access++) {
      this.#isRead[values[access] as number] = 0;
      this.#writerOf[values[access] as number] = NONE;
    }
    this.#starts[key + 1] = this.#count;
  }

  #addCluster(write: number, start: number): number {
    const cluster = this.#count++;
    this.#writes[cluster] = write;
    this.#writeStarts[cluster] = start;
    return cluster;
  }

  #takeWrite(key: number, access: number): void {
    const { completions, invocations, values } = this.#accesses;
    const value = values[access] as number;
    const isRead = this.#isRead[value] === 1;
    if (!isRead && completions[access] === NEVER) return;
    const cluster = this.#addCluster(access, invocations[access] as number);
    this.#clusterOf[access] = cluster;
    if (!isRead) return;
    if (this.#writerOf[value] !== NONE) {
      this.#problems[key] ??=
        "a value was read that several operations wrote (or one that is the initial value)";
    }
    this.#writerOf[value] = cluster;
  }

  #takeRead(key: number, access: number): void {
    const { completions, invocations, values } = this.#accesses;
    const cluster = this.#writerOf[values[access] as number] as number;
    if (cluster === NONE) {
      this.#impossible[key] ??= { kind: "unwritten-value", read: access, write: NONE };
      return;
    }
    this.#clusterOf[access] = cluster;
    // Accesses come in the order of invocation.
    this.#lastReads[cluster] = access;
    const write = this.#writes[cluster] as number;
    if (write === NONE) return;
    if ((completions[access] as number) < (invocations[write] as number)) {
      this.#impossible[key] ??= { kind: "read-from-the-future", read: access, write };
    }
  }

  #orderByFirstEnd(key: number, first: number): void {
    const { starts, byCompletion, completed, completions } = this.#accesses;
    const from = starts[key] as number;
    let place = first;
    this.#byFirstEnd[place++] = first;
    for (let at = from; at < from + (completed[key] as number); at++) {
      const access = byCompletion[at] as number;
      const cluster = this.#clusterOf[access] as number;
      if (cluster === NONE || cluster === first || this.#firstEnding[cluster] !== NONE) continue;
      this.#firstEnding[cluster] = access;
      this.#firstEnds[cluster] = completions[access] as number;
      this.#byFirstEnd[place++] = cluster;
    }
  }

  finish(): Clusters {
    return {
      accesses: this.#accesses,
      starts: this.#starts,
      writes: this.#writes,
      writeStarts: this.#writeStarts,
      firstEnding: this.#firstEnding,
      firstEnds: this.#firstEnds,
      lastReads: this.#lastReads,
      clusterOf: this.#clusterOf,
      byFirstEnd: this.#byFirstEnd,
      problems: this.#problems,
      impossible: this.#impossible,
    };
  }
}
