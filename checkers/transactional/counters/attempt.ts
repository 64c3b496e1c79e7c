/**
 * Looks for an order of transactions on counters that explains all totals, near the one in which
 * they completed: of the few that may be next, the first whose reads agree with what is there, or,
 * where the level lets a transaction see the past, with what was there. When none does, a step is
 * taken back. That finds an order of right histories in about linear time; to find none proves
 * nothing.
 */
import { NONE } from "../../../src/history/history.js";
import type { Time } from "../cycles.js";
import { Foresight, nameOf, sessionsOf } from "./beforehand.js";
import type { CounterHistory, CounterTransaction } from "./layout.js";
import type { LineKind } from "./line.js";

/** What is looked for. */
export interface AttemptAbout {
  readonly kind: LineKind;
  readonly time: Time;
  /** Throws to end it. */
  readonly check: () => void;
}

/** So many transactions that completed next are tried. */
const WINDOW = 32;
const UNKNOWN_MAX = 8;
/** So many commits back a transaction is taken to have read. */
const LAG_MAX = 64;
const STEPS_MORE = 50_000;
const STEPS_EACH = 20;

/** An order of transactions, or the transaction that completed first of those it never got to. */
export type Attempted = { readonly order: readonly number[] } | { readonly stuckAt: number };

/** Looks for an order of the transactions, for snapshots twice each. */
export function attemptOrder(history: CounterHistory, about: AttemptAbout): Attempted {
  return new Attempt(history, about).run();
}

/** A transaction that was taken: what to do to take it back. */
interface Taken {
  readonly transaction: number;
  /** Among how many commits it read. */
  readonly position: number;
  readonly floor: number | undefined;
  readonly bases: readonly number[];
  readonly completionMin: number | undefined;
}

class Attempt {
  readonly #history: CounterHistory;
  readonly #about: AttemptAbout;
  /** Those that completed, in that order; and those of which that is not known. */
  readonly #sorted: readonly number[];
  readonly #unknown: readonly number[];
  /** Transaction → its place among the sorted. */
  readonly #places: Int32Array;
  readonly #ends: Float64Array;
  readonly #taken: Uint8Array;
  /** Whether reads may be of what was there at any time before. */
  readonly #isOld: boolean;
  /** The first of the sorted that may be left. */
  #first = 0;
  readonly #sums: Float64Array;
  readonly #bases: (number | undefined)[];
  readonly #foresight: Foresight;
  /** Counter → total → how often it was there. */
  readonly #seen: readonly Map<number, number>[];
  /** Those that add, in the order of their commits. */
  readonly #commits: Taken[] = [];
  /** Number of commits → those that only read and stand there. */
  readonly #readers: Taken[][] = [];
  /** Number of commits → the earliest completion of one that stands there. */
  readonly #completionMin: (number | undefined)[] = [];
  /** Process → the number of commits that its next transaction sees at least. */
  readonly #floors = new Map<number, number>();
  /** Process → its transactions; transaction → its place there. */
  readonly #before: Int32Array;

  constructor(history: CounterHistory, about: AttemptAbout) {
    const { transactions, keys, initial } = history;
    this.#history = history;
    this.#about = about;
    this.#ends = Float64Array.from(transactions, ({ operation }) =>
      operation.outcome === "ok" ? (operation.completion as number) : Infinity,
    );
    const all = [...transactions.keys()];
    this.#sorted = all
      .filter((each) => transactions[each]?.operation.outcome === "ok")
      .toSorted((a, b) => this.#endOf(a) - this.#endOf(b));
    this.#unknown = all.filter((each) => transactions[each]?.operation.outcome === "info");
    this.#places = new Int32Array(transactions.length);
    for (const [place, each] of this.#sorted.entries()) this.#places[each] = place;
    this.#taken = new Uint8Array(transactions.length);
    this.#sums = new Float64Array(keys.length);
    this.#bases = [...initial];
    this.#seen = keys.map(() => new Map([[0, 1]]));
    this.#before = sessionsOf(history);
    const { kind, time } = about;
    this.#isOld = kind === "committed" || kind === "cursor";
    this.#foresight = new Foresight(history, {
      isTaken: (each) => this.#taken[each] === 1,
      isNow: (each) =>
        transactions[each]?.sums.size === 0
          ? !this.#isOld && time === "realtime"
          : kind === "serial",
    });
  }

  run(): Attempted {
    let left = this.#sorted.length;
    let [fewest, stuckAt] = [Infinity, 0];
    const stack: { readonly candidates: readonly number[]; next: number; taken?: Taken }[] = [
      { candidates: this.#candidates(), next: 0 },
    ];
    const failed = new Set<number>();
    const stepsMax = STEPS_MORE + STEPS_EACH * this.#sorted.length;
    let name = 0;
    for (let steps = 0; left > 0; steps++) {
      this.#about.check();
      const top = stack.at(-1);
      if (top === undefined || steps > stepsMax) return { stuckAt };
      if (top.taken !== undefined) {
        this.#undo(top.taken);
        name -= nameOf(top.taken.transaction);
        if (this.#endOf(top.taken.transaction) < Infinity) left++;
        delete top.taken;
      }
      let taken: Taken | undefined;
      while (taken === undefined && top.next < top.candidates.length) {
        const each = top.candidates[top.next++] as number;
        if (!failed.has(name + nameOf(each))) taken = this.#take(each);
      }
      if (taken === undefined) {
        if (left < fewest) [fewest, stuckAt] = [left, this.#sorted[this.#first] as number];
        failed.add(name);
        stack.pop();
        continue;
      }
      top.taken = taken;
      name += nameOf(taken.transaction);
      if (this.#endOf(taken.transaction) < Infinity) left--;
      if (left > 0) stack.push({ candidates: this.#candidates(), next: 0 });
    }
    if (!this.#isOld) return { order: this.#order() };
    const all = stack.flatMap(({ taken }) => (taken === undefined ? [] : [taken.transaction]));
    return { order: all };
  }

  #endOf(transaction: number): number {
    return this.#ends[transaction] as number;
  }

  #candidates(): readonly number[] {
    const { time } = this.#about;
    const { transactions } = this.#history;
    while (this.#taken[this.#sorted[this.#first] as number] === 1) this.#first++;
    const earliest = this.#endOf(this.#sorted[this.#first] as number);
    const candidates: number[] = [];
    /** When the first ended that only reads and is left: nobody reads what begins only then. */
    let readEnd = Infinity;
    const consider = (each: number): void => {
      if (this.#taken[each] === 1) return;
      const { operation, sums } = transactions[each] as CounterTransaction;
      const { invocation, outcome } = operation;
      if (sums.size === 0) readEnd = Math.min(readEnd, this.#endOf(each));
      const isEarly = outcome === "ok" && time !== "realtime";
      if (invocation > (isEarly ? readEnd : earliest)) return;
      const before = this.#before[each] as number;
      if (time === "process" && before !== NONE && this.#taken[before] === 0) return;
      candidates.push(each);
    };
    for (let [at, left] = [this.#first, WINDOW]; at < this.#sorted.length && left > 0; at++) {
      const each = this.#sorted[at] as number;
      if (this.#taken[each] === 1) continue;
      consider(each);
      left--;
    }
    // Who only reads, and finds what it read, need not wait for anybody.
    const reader = time === "realtime" ? candidates.find((each) => this.#isReady(each)) : undefined;
    if (reader !== undefined) return [reader];
    // What nobody knows to have happened is taken when nothing else will do, the latest first.
    const most = candidates.length + UNKNOWN_MAX;
    const last = this.#unknown.length - 1;
    for (let at = last; at >= 0 && at > last - WINDOW && candidates.length < most; at--) {
      consider(this.#unknown[at] as number);
    }
    return candidates;
  }

  /** Whether a transaction only reads, and all of that is there now. */
  #isReady(transaction: number): boolean {
    const { deeds, sums } = this.#history.transactions[transaction] as CounterTransaction;
    if (sums.size > 0) return false;
    return deeds.every(({ key, amount }) => {
      const base = this.#bases[key];
      if (base === undefined) return false;
      const total = amount - base;
      return total === this.#sums[key] || (this.#isOld && this.#wasThere(key, total));
    });
  }

  #take(transaction: number): Taken | undefined {
    const { operation, deeds, sums } = this.#history.transactions[
      transaction
    ] as CounterTransaction;
    const isReader = sums.size === 0;
    for (const [key, sum] of sums) {
      const step = { key, from: this.#sums[key] as number, sum };
      if (this.#foresight.forbids(transaction, step)) return undefined;
    }
    const floor = this.#floors.get(Number(operation.process));
    const bases = operation.outcome === "ok" ? this.#learn(deeds) : [];
    const position =
      operation.outcome === "ok" ? this.#positionOf(transaction) : this.#commits.length;
    if (position === undefined) {
      for (const key of bases) this.#bases[key] = undefined;
      return undefined;
    }
    const completionMin = this.#completionMin[position];
    const taken = { transaction, position, floor, bases, completionMin };
    this.#taken[transaction] = 1;
    const after = isReader ? position : this.#commits.length + 1;
    if (operation.outcome === "ok") {
      this.#floors.set(Number(operation.process), Math.max(floor ?? 0, after));
    }
    if (isReader) {
      (this.#readers[position] ??= []).push(taken);
      const end = this.#endOf(transaction);
      this.#completionMin[position] = Math.min(completionMin ?? Infinity, end);
      return taken;
    }
    this.#commits.push(taken);
    for (const [key, sum] of sums) {
      const now = (this.#sums[key] as number) + sum;
      this.#sums[key] = now;
      const seen = this.#seen[key] as Map<number, number>;
      seen.set(now, (seen.get(now) ?? 0) + 1);
    }
    return taken;
  }

  #undo({ transaction, position, floor, bases, completionMin }: Taken): void {
    const { operation, deeds, sums } = this.#history.transactions[
      transaction
    ] as CounterTransaction;
    this.#taken[transaction] = 0;
    if (operation.outcome === "ok") {
      this.#first = Math.min(this.#first, this.#places[transaction] as number);
    }
    for (const { key } of deeds) this.#foresight.forget(key);
    if (floor === undefined) this.#floors.delete(Number(operation.process));
    else this.#floors.set(Number(operation.process), floor);
    for (const key of bases) this.#bases[key] = undefined;
    if (sums.size === 0) {
      this.#readers[position]?.pop();
      this.#completionMin[position] = completionMin;
      return;
    }
    this.#commits.pop();
    for (const [key, sum] of sums) {
      const now = this.#sums[key] as number;
      const seen = this.#seen[key] as Map<number, number>;
      seen.set(now, (seen.get(now) ?? 0) - 1);
      this.#sums[key] = now - sum;
    }
  }

  /** Whoever reads first a counter of which nothing is known tells what was there. */
  #learn(deeds: CounterTransaction["deeds"]): readonly number[] {
    const learned: number[] = [];
    const own = new Map<number, number>();
    for (const { f, key, amount } of deeds) {
      if (f === "add") own.set(key, (own.get(key) ?? 0) + amount);
      else if (this.#bases[key] === undefined) {
        this.#bases[key] = amount - (this.#sums[key] as number) - (own.get(key) ?? 0);
        learned.push(key);
      }
    }
    return learned;
  }

  /** After how many commits it may have read what it read; undefined for none. */
  #positionOf(transaction: number): number | undefined {
    const { deeds, sums } = this.#history.transactions[transaction] as CounterTransaction;
    const { kind } = this.#about;
    const now = this.#commits.length;
    const own = new Map<number, number>();
    const expected = new Map<number, number>();
    const isOld = this.#isOld;
    /** Counters that nobody may have added to since. */
    const kept = new Set(kind === "snapshot" ? sums.keys() : []);
    for (const { f, key, amount } of deeds) {
      if (f === "add") {
        own.set(key, (own.get(key) ?? 0) + amount);
        continue;
      }
      const mine = own.get(key);
      const total = amount - (this.#bases[key] ?? 0) - (mine ?? 0);
      const isUpdate = kind === "cursor" && mine === undefined && sums.has(key);
      if (isOld) {
        const isThere = total === this.#sums[key];
        // Who has added to it may yet be shown what was there before.
        const isPast = !isUpdate && this.#wasThere(key, amount - (this.#bases[key] ?? 0));
        if (!isThere && !isPast) return undefined;
        continue;
      }
      if (mine !== undefined && kind === "prefix") kept.add(key);
      const other = expected.get(key);
      if (other !== undefined && other !== total) return undefined;
      expected.set(key, total);
    }
    if (isOld) return now;
    const isNow = kind === "serial" && sums.size > 0;
    return this.#lookBack(transaction, { expected, kept, lag: isNow ? 0 : LAG_MAX });
  }

  #wasThere(key: number, total: number): boolean {
    return (this.#seen[key]?.get(total) ?? 0) > 0;
  }

  /** The earliest time at which all these totals were there, as far back as time allows. */
  #lookBack(
    transaction: number,
    about: {
      readonly expected: ReadonlyMap<number, number>;
      readonly kept: ReadonlySet<number>;
      readonly lag: number;
    },
  ): number | undefined {
    const { expected, kept, lag } = about;
    const { operation } = this.#history.transactions[transaction] as CounterTransaction;
    const isStrict = this.#about.time === "realtime";
    const floor = this.#about.time === "" ? 0 : (this.#floors.get(Number(operation.process)) ?? 0);
    let found: number | undefined;
    let wrong = 0;
    const missing = new Map<number, number>();
    for (const [key, total] of expected) {
      const difference = (this.#sums[key] as number) - total;
      missing.set(key, difference);
      if (difference !== 0) wrong++;
    }
    for (let position = this.#commits.length; ; position--) {
      if (wrong === 0) {
        found = position;
        if (this.#about.time === "") return found;
      }
      if (position <= floor || this.#commits.length - position >= lag) return found;
      const last = (this.#commits[position - 1] as Taken).transaction;
      if (isStrict) {
        if (this.#endOf(last) < operation.invocation) return found;
        if ((this.#completionMin[position] ?? Infinity) < operation.invocation) return found;
      }
      for (const [key, sum] of (this.#history.transactions[last] as CounterTransaction).sums) {
        if (kept.has(key)) return found;
        const difference = missing.get(key);
        if (difference === undefined || sum === 0) continue;
        if (difference === 0) wrong++;
        if (difference === sum) wrong--;
        missing.set(key, difference - sum);
      }
    }
  }

  /** Those that only read stand where they read; the snapshots of others, too. */
  #order(): readonly number[] {
    const isDouble = this.#about.kind !== "serial";
    const snapshots: number[][] = [];
    if (isDouble) {
      for (const { transaction, position } of this.#commits) {
        (snapshots[position] ??= []).push(transaction);
      }
    }
    const order: number[] = [];
    for (let position = 0; position <= this.#commits.length; position++) {
      for (const { transaction } of this.#readers[position] ?? []) {
        order.push(transaction);
        if (isDouble) order.push(transaction);
      }
      order.push(...(snapshots[position] ?? []));
      const commit = this.#commits[position];
      if (commit !== undefined) order.push(commit.transaction);
    }
    return order;
  }
}
