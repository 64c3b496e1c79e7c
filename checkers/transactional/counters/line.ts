/**
 * What a level of isolation asks of counters, as a question about moments in a line: each
 * transaction has a moment at which it commits, each read one of which it sees what was committed
 * before. A level says where the moments of reads are (Cerone & Gotsman 2018 for snapshots):
 *
 * - serializable: at the commit of the reader, which is one with its snapshot;
 * - snapshot isolation, prefix: at the reader's snapshot; the first lets nobody commit to what a
 *   transaction adds to between its snapshot and its commit;
 * - read committed: anywhere before the reader's commit; for cursor stability nobody commits to
 *   what was read and is then added to, in between.
 *
 * A transaction that nobody knows to have happened stands last when it did not.
 */
import type { Time } from "../cycles.js";
import type { CounterHistory, CounterTransaction } from "./layout.js";

/** How reads and commits lie. */
export type LineKind = "serial" | "snapshot" | "prefix" | "cursor" | "committed";

/** A moment of a transaction; `at`: of which read. */
export interface Moment {
  readonly of: number;
  readonly is: "commit" | "snapshot" | "read";
  readonly at?: number;
}

/** What one transaction adds to what is read. */
export interface Term {
  readonly moment: number;
  readonly amount: number;
}

/** That what was added before a moment makes a total. */
export interface Reading {
  readonly transaction: number;
  /** Which micro-operations. */
  readonly at: readonly number[];
  /** The counter, or several whose totals were read at the same moment. */
  readonly keys: readonly number[];
  /** Where the moment may be, and what then was added by others; nearly always one. */
  readonly places: readonly Place[];
  readonly terms: readonly Term[];
  /** Which unknown number was there at first; undefined when it is known and taken off. */
  readonly base: number | undefined;
  /** Whether nothing is taken away. */
  readonly isGrowing: boolean;
}

export interface Place {
  readonly moment: number;
  readonly total: number;
}

/** That one moment is before another, or else a third before a fourth. */
export type Choice = readonly [a: number, b: number, c: number, d: number];

/** The whole question. */
export interface Line {
  readonly moments: readonly Moment[];
  readonly edges: readonly (readonly [before: number, after: number])[];
  readonly choices: readonly Choice[];
  readonly readings: readonly Reading[];
  readonly baseCount: number;
}

/** A read by its transaction and micro-operation. */
export type ReadName = `${number} ${number}`;

/** More moments, or choices, are not looked at. */
const MOMENTS_MAX = 640;
const CHOICES_MAX = 20_000;
/** Nor are reads of what the reader itself had added to more often; a byte counts places. */
const PLACES_MAX = 120;

/** The question about these reads alone, all by default; undefined when it is too large. */
export function lineOf(
  history: CounterHistory,
  about: {
    readonly kind: LineKind;
    readonly time: Time;
    readonly reads?: ReadonlySet<ReadName> | undefined;
  },
): Line | undefined {
  return new LineBuilder(history, about).build();
}

class LineBuilder {
  readonly #history: CounterHistory;
  readonly #kind: LineKind;
  readonly #time: Time;
  readonly #reads: ReadonlySet<ReadName> | undefined;
  readonly #moments: Moment[] = [];
  readonly #edges: (readonly [number, number])[] = [];
  readonly #choices: Choice[] = [];
  readonly #readings: Reading[] = [];
  readonly #commits = new Map<number, number>();
  readonly #snapshots = new Map<number, number>();
  readonly #bases = new Map<string, number>();
  #isTooLarge = false;
  /** Counter → what is certainly in every total. */
  readonly #constants = new Map<number, number>();
  /** Counter → what is added to it and may be in a total or not. */
  readonly #terms = new Map<number, readonly Term[]>();

  constructor(
    history: CounterHistory,
    {
      kind,
      time,
      reads,
    }: { kind: LineKind; time: Time; reads?: ReadonlySet<ReadName> | undefined },
  ) {
    this.#history = history;
    this.#kind = kind;
    this.#time = time;
    this.#reads = reads;
  }

  build(): Line | undefined {
    const { transactions, writers } = this.#history;
    const readers: number[] = [];
    const keys = new Set<number>();
    for (const [each, { operation, deeds }] of transactions.entries()) {
      if (operation.outcome !== "ok") continue;
      const own = deeds.filter(({ f, at }) => f === "read" && this.#isAsked(each, at));
      if (own.length > 0) readers.push(each);
      for (const { key } of own) keys.add(key);
    }
    const included = new Set(readers);
    if (this.#reads === undefined) {
      for (const key of this.#history.keys.keys()) keys.add(key);
      for (const [each, { operation }] of transactions.entries()) {
        if (operation.outcome !== "fail") included.add(each);
      }
    }
    const { isBefore, isAfter } = this.#window(readers);
    for (const key of keys) {
      for (const each of writers[key] ?? []) {
        if (included.has(each) || isAfter(each)) continue;
        if (!isBefore(each)) included.add(each);
        else {
          const sum = transactions[each]?.sums.get(key) ?? 0;
          this.#constants.set(key, (this.#constants.get(key) ?? 0) + sum);
        }
      }
    }
    if (included.size > MOMENTS_MAX) return undefined;
    const all = [...included].toSorted((a, b) => a - b);
    for (const each of all) this.#addTransaction(each);
    this.#addTime(all);
    for (const key of keys) {
      const terms = (writers[key] ?? [])
        .filter((each) => included.has(each))
        .map((each): Term => ({
          moment: this.#commits.get(each) as number,
          amount: transactions[each]?.sums.get(key) ?? 0,
        }));
      this.#terms.set(key, terms);
    }
    for (const each of readers) this.#addReadings(each);
    if (this.#isTooLarge) return undefined;
    if (this.#kind === "snapshot") this.#addConflicts(keys);
    if (this.#moments.length > MOMENTS_MAX || this.#choices.length > CHOICES_MAX) return undefined;
    return {
      moments: this.#moments,
      edges: this.#edges,
      choices: this.#choices,
      readings: this.#readings,
      baseCount: this.#bases.size,
    };
  }

  #isAsked(transaction: number, at: number): boolean {
    return this.#reads === undefined || this.#reads.has(`${transaction} ${at}`);
  }

  /** In real time, what is certainly before all that is read, or after. */
  #window(readers: readonly number[]): {
    readonly isBefore: (each: number) => boolean;
    readonly isAfter: (each: number) => boolean;
  } {
    const never = (): boolean => false;
    if (this.#time !== "realtime") return { isBefore: never, isAfter: never };
    const operationOf = (each: number): CounterTransaction["operation"] =>
      (this.#history.transactions[each] as CounterTransaction).operation;
    let [first, last] = [Infinity, -1];
    for (const each of readers) {
      const { invocation, completion } = operationOf(each);
      first = Math.min(first, invocation);
      last = Math.max(last, completion as number);
    }
    const isOld = this.#kind === "committed" || this.#kind === "cursor";
    return {
      isBefore: (each) => {
        const { outcome, completion } = operationOf(each);
        return !isOld && outcome === "ok" && (completion as number) < first;
      },
      isAfter: (each) => operationOf(each).invocation > last,
    };
  }

  #addTransaction(each: number): void {
    const commit = this.#moments.push({ of: each, is: "commit" }) - 1;
    this.#commits.set(each, commit);
    if (this.#kind !== "snapshot" && this.#kind !== "prefix") {
      this.#snapshots.set(each, commit);
      return;
    }
    const snapshot = this.#moments.push({ of: each, is: "snapshot" }) - 1;
    this.#snapshots.set(each, snapshot);
    this.#edges.push([snapshot, commit]);
  }

  #addTime(all: readonly number[]): void {
    if (this.#time === "") return;
    const { transactions } = this.#history;
    for (const one of all) {
      const { outcome, completion, process } = (transactions[one] as CounterTransaction).operation;
      if (outcome !== "ok") continue;
      for (const other of all) {
        const { operation } = transactions[other] as CounterTransaction;
        if ((completion as number) > operation.invocation) continue;
        if (this.#time === "process" && process !== operation.process) continue;
        const edge = [this.#commits.get(one), this.#snapshots.get(other)] as [number, number];
        this.#edges.push(edge);
      }
    }
  }

  #addReadings(each: number): void {
    const { deeds, sums: all } = this.#history.transactions[each] as CounterTransaction;
    const isOld = this.#kind === "committed" || this.#kind === "cursor";
    const commit = this.#commits.get(each) as number;
    const snapshot = this.#snapshots.get(each) as number;
    /** Counter → what the transaction has added to it so far, step by step. */
    const own = new Map<number, number[]>();
    const together: Reading[] = [];
    /** Counters that were read. */
    const touched = new Set<number>();
    for (const { f, at, key, amount } of deeds) {
      const sums = own.get(key) ?? [];
      if (f === "add") {
        own.set(key, sums);
        sums.push((sums.at(-1) ?? 0) + amount);
        continue;
      }
      if (!this.#isAsked(each, at)) continue;
      if ((this.#isTooLarge ||= isOld && sums.length > PLACES_MAX)) return;
      const total = amount - this.#known(key) - (sums.at(-1) ?? 0);
      const places: Place[] = [];
      if (!isOld) places.push({ moment: snapshot, total });
      else {
        const moment = this.#moments.push({ of: each, is: "read", at }) - 1;
        this.#edges.push([moment, commit]);
        // Who has added may be shown it, or what was there before, or the first part of it.
        if (sums.length > 0) places.push({ moment: commit, total });
        places.push({ moment, total: amount - this.#known(key) });
        for (const sum of sums.slice(0, -1).toReversed()) {
          places.push({ moment: commit, total: amount - this.#known(key) - sum });
        }
        const isUpdate = sums.length === 0 && all.has(key);
        if (this.#kind === "cursor" && isUpdate) this.#keepApart(each, key, moment);
      }
      if (this.#kind === "prefix" && sums.length > 0) this.#keepApart(each, key, snapshot);
      const reading = this.#reading(each, { at, key, places });
      this.#readings.push(reading);
      if (!isOld && !touched.has(key)) together.push(reading);
      touched.add(key);
      this.#isTooLarge ||= this.#moments.length > MOMENTS_MAX;
    }
    if (together.length > 1) this.#readings.push(this.#sumOf(together));
  }

  /** What a counter holds whoever reads it; of unknown ones, what was certainly added. */
  #known(key: number): number {
    return (this.#history.initial[key] ?? 0) + (this.#constants.get(key) ?? 0);
  }

  #reading(
    transaction: number,
    about: { readonly at: number; readonly key: number; readonly places: readonly Place[] },
  ): Reading {
    const { at, key, places } = about;
    const own = this.#commits.get(transaction);
    const all = this.#terms.get(key) ?? [];
    const terms = all.filter(({ moment }) => moment !== own);
    const base = this.#history.initial[key] === undefined ? this.#base(String(key)) : undefined;
    // That the others only grow is what tells two readings apart, also when one adds itself.
    const isGrowing = all.every(({ amount }) => amount >= 0);
    return { transaction, at: [at], keys: [key], places, terms, base, isGrowing };
  }

  #base(name: string): number {
    const known = this.#bases.get(name) ?? this.#bases.size;
    this.#bases.set(name, known);
    return known;
  }

  /** The totals of several counters at one moment, added up: what is moved between them is not. */
  #sumOf(readings: readonly Reading[]): Reading {
    const sorted = readings.toSorted((a, b) => (a.keys[0] as number) - (b.keys[0] as number));
    const amounts = new Map<number, number>();
    for (const { keys } of sorted) {
      for (const { moment, amount } of this.#terms.get(keys[0] as number) ?? []) {
        amounts.set(moment, (amounts.get(moment) ?? 0) + amount);
      }
    }
    const [first] = sorted as [Reading];
    const own = this.#commits.get(first.transaction);
    const all = [...amounts].map(([moment, amount]): Term => ({ moment, amount }));
    const keys = sorted.flatMap((reading) => reading.keys);
    const total = sorted.reduce((sum, { places }) => sum + (places[0]?.total ?? 0), 0);
    return {
      transaction: first.transaction,
      at: sorted.flatMap(({ at }) => at),
      keys,
      places: [{ moment: first.places[0]?.moment as number, total }],
      terms: all.filter(({ moment, amount }) => moment !== own && amount !== 0),
      base: sorted.some(({ base }) => base !== undefined) ? this.#base(keys.join()) : undefined,
      isGrowing: all.every(({ amount }) => amount >= 0),
    };
  }

  /** Nobody else commits to a counter between a moment of a transaction and its commit. */
  #keepApart(each: number, key: number, moment: number): void {
    const commit = this.#commits.get(each) as number;
    for (const { moment: other } of this.#terms.get(key) ?? []) {
      if (other !== commit) this.#choices.push([other, moment, commit, other]);
    }
  }

  /** Of two that add to the same, one has committed before the other takes its snapshot. */
  #addConflicts(keys: ReadonlySet<number>): void {
    const told = new Set<number>();
    for (const key of keys) {
      const all = this.#terms.get(key) ?? [];
      for (const [place, { moment: one }] of all.entries()) {
        for (const { moment: other } of all.slice(place + 1)) {
          const name = one * 2 * MOMENTS_MAX + other;
          if (told.has(name) || this.#choices.length > CHOICES_MAX) continue;
          told.add(name);
          this.#choices.push([one, this.#snapshotOf(other), other, this.#snapshotOf(one)]);
        }
      }
    }
  }

  #snapshotOf(commit: number): number {
    return this.#snapshots.get((this.#moments[commit] as Moment).of) as number;
  }
}
