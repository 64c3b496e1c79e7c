/**
 * What reads demand of an order of all operations in which they are right: additions that a read
 * shows come before it, those that it does not show after it, and additions are in the order in
 * which they are listed. All of this is forced, and any order that keeps it makes the reads right.
 *
 * The reads of a key show more and more: sorted by how much, each shows what the one before does
 * (and lists it first), or there is no order. So each needs edges only to and from what is new.
 */
import type { Meter } from "../../linearizable/meter.js";
import type { AdditionsByKey } from "./additions.js";
import { shownBy } from "./causes.js";
import { FINDS, MISSES, READS, type Collections } from "./layout.js";
import { LACKS, SHOWS, type CollectionStep, type Constraints } from "./steps.js";

/** Reads of one key that show the same. */
interface Group {
  readonly reads: readonly number[];
  readonly shown: Int32Array;
}

/** Adds what reads demand to constraints. */
export class Reads {
  readonly #collections: Collections;
  readonly #additions: AdditionsByKey;
  readonly #meter: Meter;
  readonly #constraints: Constraints;
  /** Addition → the last key that was looked at when it was shown, from 1. */
  readonly #stamps: Int32Array;
  #stamp = 0;

  constructor(
    about: {
      readonly collections: Collections;
      readonly additions: AdditionsByKey;
      readonly meter: Meter;
    },
    constraints: Constraints,
  ) {
    this.#collections = about.collections;
    this.#additions = about.additions;
    this.#meter = about.meter;
    this.#constraints = constraints;
    this.#stamps = new Int32Array(about.collections.count);
  }

  /** Answers a cycle when reads of a key do not show more and more. @throws LimitReached */
  constrain(operations: Iterable<number>): readonly CollectionStep[] | undefined {
    const { kinds, keys, shows } = this.#collections;
    const byKey = new Map<number, number[]>();
    for (const operation of operations) {
      const kind = kinds[operation] as number;
      const add = shows[operation] as number;
      if (kind === READS) push(byKey, keys[operation] as number, operation);
      else if (kind === FINDS) this.#constraints.add(add, operation, SHOWS);
      else if (kind === MISSES && add >= 0) this.#constraints.add(operation, add, LACKS);
    }
    for (const [key, reads] of byKey) {
      this.#stamp++;
      const conflict = this.#constrainKey(key, this.#groupsOf(reads));
      if (conflict !== undefined) return conflict;
    }
    return undefined;
  }

  /** The reads of a key by what they show, the fewest elements first. */
  #groupsOf(reads: readonly number[]): readonly Group[] {
    const byList = new Map<number, number[]>();
    for (const read of reads) push(byList, this.#collections.shows[read] as number, read);
    const groups: Group[] = [];
    for (const same of byList.values()) {
      const shown = shownBy(this.#collections, same[0] as number);
      this.#meter.spend(shown.length + same.length);
      groups.push({ reads: same, shown });
    }
    return groups.toSorted((a, b) => a.shown.length - b.shown.length);
  }

  #constrainKey(key: number, groups: readonly Group[]): readonly CollectionStep[] | undefined {
    const { isOrdered } = this.#collections;
    const constraints = this.#constraints;
    let before: Group | undefined;
    /** What gathers all that the reads before show, and the reads before that lack something. */
    let shows = -1;
    let lacks = -1;
    for (const group of groups) {
      const { fresh, known } = this.#look(group);
      if (before !== undefined) {
        if (known < before.shown.length) return this.#apart(before, group);
        if (isOrdered && !beginsWith(group.shown, before.shown)) return unlike(before, group);
      }
      const now = constraints.gather();
      if (shows !== -1) constraints.add(shows, now, SHOWS);
      for (const add of fresh) {
        constraints.add(add, now, SHOWS);
        if (lacks !== -1) constraints.add(lacks, add, LACKS);
      }
      shows = now;
      const missing = constraints.gather();
      // Where a set is shown twice in different words, nothing new lies between.
      if (lacks !== -1) constraints.add(lacks, missing, LACKS);
      lacks = missing;
      for (const read of group.reads) {
        constraints.add(shows, read, SHOWS);
        constraints.add(read, lacks, LACKS);
      }
      before = group;
    }
    if (before === undefined) return undefined;
    this.#constrainRest(key, lacks);
    if (isOrdered) this.#constrainListed(before);
    return undefined;
  }

  /** What no read of the key before showed, and how much they did. */
  #look({ shown }: Group): { readonly fresh: readonly number[]; readonly known: number } {
    const fresh: number[] = [];
    for (const add of shown) {
      if (this.#stamps[add] === this.#stamp) continue;
      this.#stamps[add] = this.#stamp;
      fresh.push(add);
    }
    return { fresh, known: shown.length - fresh.length };
  }

  /** What nobody shows comes after all; of each session the first is enough. */
  #constrainRest(key: number, lacks: number): void {
    const additions = this.#additions;
    for (let list = additions.begin(key); list < additions.end(key); list++) {
      const first = additions.all(list).find((add) => this.#stamps[add] !== this.#stamp);
      if (first !== undefined) this.#constraints.add(lacks, first, LACKS);
    }
  }

  #constrainListed({ reads, shown }: Group): void {
    const read = reads[0] as number;
    for (let at = 1; at < shown.length; at++) {
      this.#constraints.add(shown[at - 1] as number, shown[at] as number, read);
    }
  }

  /** Each shows something that the other does not. */
  #apart(before: Group, group: Group): readonly CollectionStep[] {
    const { sessions } = this.#collections;
    const one = before.reads[0] as number;
    const other = group.reads[0] as number;
    const ofOne = missingIn(before.shown, group.shown);
    const ofOther = missingIn(group.shown, before.shown);
    if (sessions[one] === sessions[other]) {
      // The later one of a session lacks what the earlier one shows.
      const [earlier, later, add] = one < other ? [one, other, ofOne] : [other, one, ofOther];
      return [
        { from: add, to: earlier, by: "shows" },
        { from: earlier, to: later, by: "session" },
        { from: later, to: add, by: "lacks" },
      ];
    }
    return [
      { from: ofOne, to: one, by: "shows" },
      { from: one, to: ofOther, by: "lacks" },
      { from: ofOther, to: other, by: "shows" },
      { from: other, to: ofOne, by: "lacks" },
    ];
  }
}

/** One lists what the other does, but not first, or not in that order. */
function unlike(before: Group, group: Group): readonly CollectionStep[] {
  const one = before.reads[0] as number;
  const other = group.reads[0] as number;
  const place = before.shown.findIndex((add, at) => add !== group.shown[at]);
  const here = before.shown[place] as number;
  const there = group.shown[place] as number;
  if (before.shown.includes(there)) {
    return [
      { from: here, to: there, by: "listed", read: one },
      { from: there, to: here, by: "listed", read: other },
    ];
  }
  return [
    { from: there, to: here, by: "listed", read: other },
    { from: here, to: one, by: "shows" },
    { from: one, to: there, by: "lacks" },
  ];
}

function beginsWith(list: Int32Array, beginning: Int32Array): boolean {
  return beginning.every((add, at) => add === list[at]);
}

/** Something that one has and the other has not. */
function missingIn(one: Int32Array, other: Int32Array): number {
  const there = new Set(other);
  return one.find((add) => !there.has(add)) as number;
}

function push(lists: Map<number, number[]>, name: number, operation: number): void {
  const known = lists.get(name);
  if (known === undefined) lists.set(name, [operation]);
  else known.push(operation);
}
