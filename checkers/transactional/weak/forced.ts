/**
 * What a level forces of the order of commits: a reader that sees a transaction and still reads a
 * key that it wrote from another one, shows that the other one committed later.
 *
 * ```
 * seen    w x 1   w y 1
 * read    w x 2
 * reader  r y → 1   r x → 2        so seen comes before read
 * ```
 */
import { NONE } from "../../../src/history/history.js";
import type { Transactions } from "../layout.js";
import { Groups } from "./groups.js";
import { INITIAL, type Sources } from "./sources.js";

/** How the reader sees the transaction: it read it (a micro-operation, not negative), or: */
export const BY_SESSION = -1;
export const BY_CAUSE = -2;
/** In real time: it was invoked after the transaction had completed. */
export const BY_TIME = -3;

/**
 * A read of the initial value by somebody who sees a transaction that wrote the key; or of a list
 * without what that one appended.
 */
export interface Missed {
  readonly writer: number;
  readonly read: number;
  readonly seen: number;
}

const MISSED_MAX = 64;

/** Collects them. */
export class Forced {
  length = 0;
  /** Whoever comes first, or of several the complement of their group. */
  froms: Int32Array = new Int32Array(1024);
  tos: Int32Array = new Int32Array(1024);
  /** The read that shows it. */
  reads: Int32Array = new Int32Array(1024);
  /** The read by which its transaction sees the one that comes first, or another way. */
  seen: Int32Array = new Int32Array(1024);
  readonly missed: Missed[] = [];
  readonly groups: Groups = new Groups();
  /** Of lists: whether a read is of a version without what the writer wrote; else undefined. */
  readonly #lacks: ((read: number, writer: number) => boolean) | undefined;
  readonly #registers: ReadonlySet<number> | undefined;
  readonly #keys: Int32Array;
  readonly #owners: Int32Array;
  readonly #sources: Int32Array;

  constructor(
    { owners, keys }: Transactions,
    { sources, lacks, registers }: Pick<Sources, "sources" | "lacks" | "registers">,
  ) {
    this.#lacks = lacks;
    this.#registers = registers;
    this.#keys = keys;
    this.#owners = owners;
    this.#sources = sources;
  }

  /** Whether a read is of a list, which shows in which order it was written. */
  isOfList(read: number): boolean {
    if (this.#lacks === undefined) return false;
    return this.#registers?.has(this.#keys[read] as number) !== true;
  }

  /** `writer` is seen by who makes the read, and wrote its key. */
  add(writer: number, read: number, seen: number): void {
    const source = this.#sources[read] as number;
    const isOfList = this.isOfList(read);
    // Lists show in which order they were written: nothing is left to be forced.
    if (isOfList && this.#lacks?.(read, writer) !== true) return;
    if (source === INITIAL || isOfList) {
      if (this.missed.length < MISSED_MAX) this.missed.push({ writer, read, seen });
      return;
    }
    this.#put(writer, read, seen);
  }

  /** All of a group, whose last wrote the key of the read, come before who is read. */
  addGroup(group: number, read: number): void {
    if (group !== NONE) this.#put(~group, read, BY_TIME);
  }

  #put(from: number, read: number, seen: number): void {
    if (this.length === this.froms.length) this.#grow();
    const { length } = this;
    this.froms[length] = from;
    this.tos[length] = this.#owners[this.#sources[read] as number] as number;
    this.reads[length] = read;
    this.seen[length] = seen;
    this.length = length + 1;
  }

  #grow(): void {
    const doubled = (array: Int32Array): Int32Array => {
      const larger = new Int32Array(2 * array.length);
      larger.set(array);
      return larger;
    };
    this.froms = doubled(this.froms);
    this.tos = doubled(this.tos);
    this.reads = doubled(this.reads);
    this.seen = doubled(this.seen);
  }
}
