/**
 * An order for a counter whose adds have amounts of one sign and say no number: which of them came
 * before a read is a sum of subsets, but of adds of one amount that are open together, some order
 * takes the one first that ends first. (Where it takes another one, the two can change places: the
 * one that ends first is open already, the other one ends later than it.) So that for few amounts
 * there are few choices, and the search goes from completion to completion (Lowe 2017, section 3),
 * each time with the sets of open adds that may have come. With amounts of one sign such a set says
 * of each read whether it came: the number has reached what it read, and did not leap over it.
 *
 * It answers orders only: that there is none is for others to show, with few operations.
 * Indeterminate adds stay open, indeterminate reads do not matter.
 */
import { INFO, NONE } from "../../../../src/history/history.js";
import type { Meter } from "../../meter.js";
import { WitnessLog } from "../../witness-log.js";
import type { Calls } from "../monitor.js";
import type { Timeline } from "../timeline.js";
import { UNTOLD, type Amounts } from "./amounts.js";

/** So many adds may be open at a time; a set of them is a number. */
const OPEN_MAX = 30;
/** So many sets may be looked at for one completion. */
const SETS_MAX = 4096;

/** What is looked at. */
export interface FewAmountsQuestion {
  readonly calls: Calls;
  readonly amounts: Amounts;
  readonly timeline: Timeline;
}

/** An order of effect, or undefined when none was found. @throws LimitReached */
export function orderOfFewAmounts(
  { calls, amounts, timeline }: FewAmountsQuestion,
  meter: Meter,
): readonly number[] | undefined {
  const sign = signOf(amounts.amounts);
  if (sign === 0) return undefined;
  const search = new Search({ calls, amounts, timeline }, sign, meter);
  const { callAt, starts } = timeline;
  let canGoOn = true;
  for (let event = 0; canGoOn && event < timeline.length; event++) {
    const call = callAt[event] as number;
    canGoOn = starts[call] === event ? search.begin(call) : search.end(call);
  }
  const order = canGoOn ? search.order() : undefined;
  search.free();
  return order;
}

/** 1 when all add something or nothing, -1 when all take away, else 0. */
function signOf(amounts: Float64Array): number {
  let [plus, minus] = [false, false];
  for (const amount of amounts) {
    if (amount > 0) plus = true;
    if (amount < 0) minus = true;
  }
  return plus && minus ? 0 : minus ? -1 : 1;
}

class Search {
  readonly #calls: Calls;
  readonly #amounts: Float64Array;
  readonly #before: Float64Array;
  readonly #ends: Int32Array;
  readonly #sign: number;
  readonly #meter: Meter;
  readonly #log: WitnessLog;
  /** The sum of what has ended, which has come in any case. */
  #sum = 0;
  /** Slot → open add, or `NONE`; and the slots in the order in which these end. */
  readonly #open = new Int32Array(OPEN_MAX).fill(NONE);
  #slots: number[] = [];
  /** Reads that are open, with the number of each. */
  readonly #reads = new Map<number, number>();
  /** The sets that may have come, and the last step of the order that led to each. */
  #sets = new Map<number, number>([[0, WitnessLog.ROOT]]);
  readonly #code = new Int32Array(1);

  constructor({ calls, amounts, timeline }: FewAmountsQuestion, sign: number, meter: Meter) {
    this.#calls = calls;
    this.#amounts = amounts.amounts;
    this.#before = amounts.before;
    this.#ends = timeline.ends;
    this.#sign = sign;
    this.#meter = meter;
    this.#log = new WitnessLog(meter);
  }

  /** Whether it can go on. */
  begin(call: number): boolean {
    const isInfo = this.#calls.outcomes[call] === INFO;
    const amount = this.#amountOf(call);
    const told = this.#before[call] as number;
    if (amount !== 0) return told === UNTOLD && this.#beginAdd(call);
    if (isInfo || told === UNTOLD) return true;
    const number = told * this.#sign;
    this.#reads.set(call, number);
    for (const [set, step] of this.#sets) {
      const total = this.#totalOf(set);
      if (total > number) this.#sets.delete(set);
      else if (total === number) this.#sets.set(set, this.#append(step, call));
    }
    return this.#sets.size > 0;
  }

  /** Whether it can go on. */
  end(call: number): boolean {
    if (this.#amountOf(call) !== 0) return this.#endAdd(call);
    const number = this.#reads.get(call);
    if (number === undefined) {
      // What neither changes nor says anything may come at any time.
      for (const [set, step] of this.#sets) this.#sets.set(set, this.#append(step, call));
      return true;
    }
    const isDone = (set: number): boolean => this.#totalOf(set) >= number;
    const found = this.#advance(isDone);
    this.#reads.delete(call);
    return found;
  }

  order(): readonly number[] | undefined {
    const [step] = this.#sets.values();
    return step === undefined ? undefined : this.#log.path(step);
  }

  /** Gives the memory back. */
  free(): void {
    this.#log.free();
  }

  #amountOf(call: number): number {
    return (this.#amounts[call] as number) * this.#sign;
  }

  #totalOf(set: number): number {
    let total = this.#sum;
    for (let left = set; left !== 0; left &= left - 1) {
      total += this.#amountOf(this.#open[31 - Math.clz32(left & -left)] as number);
    }
    return total;
  }

  #append(step: number, call: number): number {
    this.#code[0] = call;
    return this.#log.append(step, this.#code, 1);
  }

  #beginAdd(call: number): boolean {
    const slot = this.#open.indexOf(NONE);
    if (slot === -1) return false;
    this.#open[slot] = call;
    const end = this.#ends[call] as number;
    const at = this.#slots.findIndex(
      (other) => (this.#ends[this.#open[other] as number] as number) > end,
    );
    this.#slots.splice(at === -1 ? this.#slots.length : at, 0, slot);
    return true;
  }

  #endAdd(call: number): boolean {
    const slot = this.#open.indexOf(call);
    const bit = 1 << slot;
    if (!this.#advance((set) => (set & bit) !== 0)) return false;
    this.#sum += this.#amountOf(call);
    const sets = new Map<number, number>();
    for (const [set, step] of this.#sets) sets.set(set & ~bit, step);
    this.#sets = sets;
    this.#open[slot] = NONE;
    this.#slots = this.#slots.filter((other) => other !== slot);
    return true;
  }

  /** Lets open adds come, one after the other, until each set is as it has to be. */
  #advance(isDone: (set: number) => boolean): boolean {
    const done = new Map<number, number>();
    const waiting: (readonly [set: number, step: number])[] = [];
    const seen = new Set<number>();
    for (const [set, step] of this.#sets) {
      if (isDone(set)) done.set(set, step);
      else waiting.push([set, step]);
      seen.add(set);
    }
    for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
      const [set, step] = each;
      const total = this.#totalOf(set);
      /** Of each amount, only the add that ends first is tried. */
      const tried: number[] = [];
      for (const slot of this.#slots) {
        const next = set | (1 << slot);
        const call = this.#open[slot] as number;
        const amount = this.#amountOf(call);
        if (next === set || tried.includes(amount)) continue;
        tried.push(amount);
        this.#meter.spend(1);
        if (seen.has(next) || this.#leaps(total, total + amount)) continue;
        if (seen.size === SETS_MAX) return false;
        seen.add(next);
        const came = this.#look(this.#append(step, call), total + amount);
        if (isDone(next)) done.set(next, came);
        else waiting.push([next, came]);
      }
    }
    this.#sets = done;
    this.#compact();
    return done.size > 0;
  }

  /** Whether a read that is open saw what the number leaps over. */
  #leaps(from: number, to: number): boolean {
    for (const number of this.#reads.values()) if (number > from && number < to) return true;
    return false;
  }

  /** Lets the open reads of this number come. */
  #look(step: number, total: number): number {
    let last = step;
    for (const [call, number] of this.#reads) {
      if (number === total) last = this.#append(last, call);
    }
    return last;
  }

  #compact(): void {
    const tips = Int32Array.from(this.#sets.values());
    this.#log.compact(tips, tips.length);
    let at = 0;
    for (const set of this.#sets.keys()) this.#sets.set(set, tips[at++] as number);
  }
}
