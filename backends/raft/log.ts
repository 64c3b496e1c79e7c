/**
 * The log of a node in memory: the entries after the last snapshot, and which members it says the
 * cluster has. Indices start at 1; what the snapshot covers is known by the index and term of its
 * last entry alone.
 */
import type { Message } from "../../src/world/network.js";
import type { ClientOperation } from "../replicated/machine.js";

/** What an entry does when it is applied. */
export type Operation =
  /** Nothing: what a new leader commits first. */
  | { readonly kind: "noop" }
  /** The cluster has these members from here on, from the moment at which it is appended. */
  | { readonly kind: "members"; readonly members: readonly string[] }
  | ClientOperation;

/** An entry; its index is its place. */
export type Entry = { readonly term: number; readonly operation: Operation };

/** The members as of an index. */
export interface Membership {
  readonly index: number;
  readonly members: readonly string[];
}

/** Where the entries begin. */
export interface LogBase {
  readonly index: number;
  readonly term: number;
  readonly members: readonly string[];
}

/** The entries after the base. */
export class RaftLog {
  #base: LogBase;
  #entries: Entry[];
  #memberships: Membership[];

  constructor(base: LogBase, entries: readonly Entry[]) {
    this.#base = base;
    this.#entries = [];
    this.#memberships = [{ index: base.index, members: base.members }];
    this.append(entries);
  }

  get baseIndex(): number {
    return this.#base.index;
  }

  get lastIndex(): number {
    return this.#base.index + this.#entries.length;
  }

  get lastTerm(): number {
    return this.#entries.at(-1)?.term ?? this.#base.term;
  }

  /** The term of an entry, or of the last that the snapshot covers; undefined for any other. */
  termAt(index: number): number | undefined {
    if (index === this.#base.index) return this.#base.term;
    return this.#entries[index - this.#base.index - 1]?.term;
  }

  at(index: number): Entry | undefined {
    return this.#entries[index - this.#base.index - 1];
  }

  /** The entries from this index on, at most so many. */
  from(index: number, limit: number = Infinity): readonly Entry[] {
    const start = index - this.#base.index - 1;
    return this.#entries.slice(start, start + limit);
  }

  append(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.#entries.push(entry);
      const { operation } = entry;
      if (operation.kind !== "members") continue;
      this.#memberships.push({ index: this.lastIndex, members: operation.members });
    }
  }

  /** Removes the entry at this index and all after it. */
  truncateFrom(index: number): void {
    this.#entries.length = Math.max(0, index - this.#base.index - 1);
    while (this.#memberships.length > 1 && this.membership.index >= index) this.#memberships.pop();
  }

  /** Forgets the entries up to this index, which a snapshot covers. */
  compact(index: number): void {
    const base = { index, term: this.termAt(index) ?? 0, members: this.membersAt(index) };
    const later = this.#memberships.filter((each) => each.index > index);
    this.#entries = this.#entries.slice(index - this.#base.index);
    this.#base = base;
    this.#memberships = [{ index, members: base.members }, ...later];
  }

  /** Forgets everything: a snapshot that ends elsewhere takes its place. */
  reset(base: LogBase): void {
    this.#base = base;
    this.#entries = [];
    this.#memberships = [{ index: base.index, members: base.members }];
  }

  /** All that it goes by; see `NodeInstance.memory`. */
  memory(): Message {
    return [this.#base, this.#entries] as unknown as Message;
  }

  /** The last membership, committed or not: it is the one that counts. */
  get membership(): Membership {
    return this.#memberships.at(-1) as Membership;
  }

  /** The members as of an index. */
  membersAt(index: number): readonly string[] {
    return (this.#memberships.findLast((each) => each.index <= index) as Membership).members;
  }

  /** The first index of the term that the entry at this index has. */
  firstOfTerm(index: number): number {
    const term = this.termAt(index);
    let first = index;
    while (first > this.#base.index + 1 && this.termAt(first - 1) === term) first--;
    return first;
  }
}
