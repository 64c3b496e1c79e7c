/**
 * What some totals say of the moments of transactions, as a level has it (see
 * `counter-certificate.ts`): where reads are, who may be counted in them, and what is demanded of
 * commits.
 */
import type { BaseIsolation } from "../consistency/level.js";
import { claim, VerificationUndecided } from "./claims.js";
import type { CounterMoment, NoCounterOrder } from "./counter-certificate.js";
import {
  CounterMoments,
  type MomentChoice,
  type MomentReading,
  type MomentTerm,
} from "./counter-moments.js";
import {
  ownBefore,
  sumOf,
  writersOf,
  type CounterStep,
  type CountingHistory,
  type CountingTransaction,
} from "./counters.js";
import { precedesInTime } from "./transactions.js";

/** More moments are not looked at. */
const MOMENTS_MAX = 1_500;

/** The moments of some reads, and of those who may be counted in their totals. */
export class CounterScene {
  readonly #counting: CountingHistory;
  readonly #base: BaseIsolation;
  readonly #names: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #edges: [number, number][] = [];
  readonly #choices: MomentChoice[] = [];
  readonly #readings: MomentReading[] = [];
  /** Read → its number. */
  readonly #asked = new Map<string, number>();
  readonly #bases = new Map<string, number>();
  readonly #terms = new Map<string, readonly MomentTerm[]>();
  readonly #settled = new Map<string, number>();

  constructor(
    counting: CountingHistory,
    about: {
      readonly base: BaseIsolation;
      readonly keeps: "session" | "realtime" | undefined;
      readonly reads: NoCounterOrder["reads"];
    },
  ) {
    const { base, keeps, reads } = about;
    this.#counting = counting;
    this.#base = base;
    const byReader = this.#readersOf(reads);
    const keys = new Set([...byReader.values()].flatMap((steps) => steps.map(({ key }) => key)));
    const included = new Set(byReader.keys());
    for (const key of keys) {
      for (const each of writersOf(counting, key)) {
        if (included.has(each)) continue;
        if (this.#isSettled(each, [...byReader.keys()], keeps)) {
          this.#settled.set(key, (this.#settled.get(key) ?? 0) + (sumOf(each, key) ?? 0));
        } else if (!isLater(each, [...byReader.keys()], keeps)) included.add(each);
      }
    }
    if (included.size > MOMENTS_MAX) throw new VerificationUndecided("There are too many moments.");
    for (const each of included) {
      const [snapshot, commit] = [this.#snapshot(each), this.#commit(each)];
      if (snapshot !== commit) this.#edges.push([snapshot, commit]);
    }
    for (const one of included) {
      for (const other of included) {
        const isKept =
          keeps !== undefined &&
          precedesInTime(one.operation, other.operation) &&
          (keeps === "realtime" || one.operation.process === other.operation.process);
        if (isKept) this.#edges.push([this.#commit(one), this.#snapshot(other)]);
      }
    }
    for (const key of keys) {
      const terms = writersOf(counting, key)
        .filter((each) => included.has(each))
        .map((each): MomentTerm => ({ moment: this.#commit(each), amount: sumOf(each, key) ?? 0 }));
      this.#terms.set(key, terms);
      if (base === "snapshot-isolation") this.#addConflicts(key, [...included]);
    }
    for (const [by, steps] of byReader) this.#addReader(by, steps);
  }

  moments(): CounterMoments {
    const moments = new CounterMoments({
      count: this.#names.length,
      choices: this.#choices,
      readings: this.#readings,
    });
    for (const [before, after] of this.#edges) moments.put(before, after);
    return moments;
  }

  momentOf({ of, is, at }: CounterMoment): number {
    const number = this.#numbers.get(nameOfMoment(of, is, at));
    claim(number !== undefined, () => `There is no moment "${is}" of ${of}.`);
    return number;
  }

  readingOf(read: number, at: number): number {
    const number = this.#asked.get(`${read} ${at}`);
    claim(number !== undefined, () => `Read ${at} of ${read} is not among those that are named.`);
    return number;
  }

  #readersOf(
    reads: NoCounterOrder["reads"],
  ): ReadonlyMap<CountingTransaction, readonly CounterStep[]> {
    const byReader = new Map<CountingTransaction, CounterStep[]>();
    for (const [invocation, at] of reads) {
      const by = this.#counting.transactions.find(
        ({ operation }) => operation.invocation === invocation,
      );
      const step = by?.steps.find((each) => each.f === "read" && each.at === at);
      claim(by !== undefined && step !== undefined, () => `${invocation} has no read ${at}.`);
      byReader.set(by, [...(byReader.get(by) ?? []), step]);
    }
    for (const [by, steps] of byReader) {
      byReader.set(
        by,
        steps.toSorted((a, b) => a.at - b.at),
      );
    }
    return byReader;
  }

  /** In real time it is in every total that is read here, where reads are not of older ones. */
  #isSettled(
    each: CountingTransaction,
    readers: readonly CountingTransaction[],
    keeps: string | undefined,
  ): boolean {
    const isOld = this.#base === "cursor-stability" || this.#base === "read-committed";
    if (keeps !== "realtime" || isOld) return false;
    return readers.every(({ operation }) => precedesInTime(each.operation, operation));
  }

  #number(name: string): number {
    const known = this.#numbers.get(name) ?? this.#names.push(name) - 1;
    this.#numbers.set(name, known);
    return known;
  }

  #commit({ operation }: CountingTransaction): number {
    return this.#number(nameOfMoment(operation.invocation, "commit"));
  }

  #snapshot(each: CountingTransaction): number {
    const isApart = this.#base === "snapshot-isolation" || this.#base === "prefix";
    if (!isApart) return this.#commit(each);
    return this.#number(nameOfMoment(each.operation.invocation, "snapshot"));
  }

  /** Of two that add to a counter, one commits before the other takes its snapshot. */
  #addConflicts(key: string, included: readonly CountingTransaction[]): void {
    const writers = included.filter((each) => sumOf(each, key) !== undefined);
    for (const [place, one] of writers.entries()) {
      if (one.operation.outcome === "fail") continue;
      for (const other of writers.slice(place + 1)) {
        this.#choices.push([
          [this.#commit(one), this.#snapshot(other)],
          [this.#commit(other), this.#snapshot(one)],
        ]);
      }
    }
  }

  #addReader(by: CountingTransaction, steps: readonly CounterStep[]): void {
    const together = new Map<string, MomentReading>();
    const isOld = this.#base === "cursor-stability" || this.#base === "read-committed";
    for (const step of steps) {
      const { at, key } = step;
      const own = ownBefore(by, step);
      const total = step.amount - this.#firstOf(key);
      const mine = own.at(-1) ?? 0;
      const reading = (places: MomentReading["places"]): MomentReading => ({
        keys: key,
        places,
        terms: this.#termsFor(by, key),
        base: this.#counting.initialOf(key) === undefined ? this.#baseOf(key) : undefined,
        isGrowing: (this.#terms.get(key) ?? []).every(({ amount }) => amount >= 0),
      });
      if (!isOld) {
        const moment = this.#snapshot(by);
        const made = reading([{ moment, total: total - mine }]);
        this.#add(by, at, made);
        if (!together.has(key)) together.set(key, made);
        if (this.#base === "prefix" && own.length > 0) this.#keepApart(by, key, moment);
        continue;
      }
      const moment = this.#number(nameOfMoment(by.operation.invocation, "read", at));
      const commit = this.#commit(by);
      this.#edges.push([moment, commit]);
      const later = own
        .slice(0, -1)
        .toReversed()
        .map((sum) => ({ moment: commit, total: total - sum }));
      const whole = own.length === 0 ? [] : [{ moment: commit, total: total - mine }];
      this.#add(by, at, reading([...whole, { moment, total }, ...later]));
      const isUpdate = own.length === 0 && sumOf(by, key) !== undefined;
      if (this.#base === "cursor-stability" && isUpdate) this.#keepApart(by, key, moment);
    }
    if (together.size > 1) this.#readings.push(this.#addedUp(by, together));
  }

  #add(by: CountingTransaction, at: number, reading: MomentReading): void {
    const number = this.#readings.push(reading) - 1;
    this.#asked.set(`${by.operation.invocation} ${at}`, number);
  }

  #firstOf(key: string): number {
    return (this.#counting.initialOf(key) ?? 0) + (this.#settled.get(key) ?? 0);
  }

  #termsFor(by: CountingTransaction, key: string): readonly MomentTerm[] {
    const own = this.#commit(by);
    return (this.#terms.get(key) ?? []).filter(({ moment }) => moment !== own);
  }

  #baseOf(name: string): number {
    const known = this.#bases.get(name) ?? this.#bases.size;
    this.#bases.set(name, known);
    return known;
  }

  /** What was read of several counters at one moment, as the total of all of them. */
  #addedUp(by: CountingTransaction, together: ReadonlyMap<string, MomentReading>): MomentReading {
    const keys = [...together.keys()].toSorted();
    const amounts = new Map<number, number>();
    for (const key of keys) {
      for (const { moment, amount } of this.#terms.get(key) ?? []) {
        amounts.set(moment, (amounts.get(moment) ?? 0) + amount);
      }
    }
    const all = Array.from(amounts, ([moment, amount]): MomentTerm => ({ moment, amount }));
    const own = this.#commit(by);
    const isKnown = keys.every((key) => this.#counting.initialOf(key) !== undefined);
    const total = [...together.values()].reduce(
      (sum, { places }) => sum + (places[0]?.total ?? 0),
      0,
    );
    return {
      keys: JSON.stringify(keys),
      places: [{ moment: this.#snapshot(by), total }],
      terms: all.filter(({ moment }) => moment !== own),
      base: isKnown ? undefined : this.#baseOf(JSON.stringify(keys)),
      isGrowing: all.every(({ amount }) => amount >= 0),
    };
  }

  /** Nobody else commits to a counter between a moment of a transaction and its commit. */
  #keepApart(by: CountingTransaction, key: string, moment: number): void {
    const commit = this.#commit(by);
    for (const { moment: other } of this.#termsFor(by, key)) {
      this.#choices.push([
        [other, moment],
        [commit, other],
      ]);
    }
  }
}

/** In real time it begins after all that is read here. */
function isLater(
  each: CountingTransaction,
  readers: readonly CountingTransaction[],
  keeps: string | undefined,
): boolean {
  return (
    keeps === "realtime" &&
    readers.every(({ operation }) => precedesInTime(operation, each.operation))
  );
}

function nameOfMoment(of: number, is: CounterMoment["is"], at?: number): string {
  return `${is} ${of} ${at ?? ""}`;
}
