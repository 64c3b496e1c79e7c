/**
 * What totals of counters may be made of, as lists: of each counter an order of those that add to
 * it, and of each read a beginning of it that adds up to the total. From read committed on nobody
 * reads what was aborted or only a part of what a transaction adds, and what a transaction adds to
 * a counter stays together, or it would be both before and after another. So a beginning is of
 * whole transactions, but for what the reader itself had added, which is last.
 *
 * An order goes no further than somebody read. There may be very many: n! for n that were read.
 */
import { historyOf, type History, type NewEvent } from "../../../src/history/history.js";
import type { Value } from "../../../src/history/value.js";
import type { CountedRead, Increment } from "../../../src/verdict/counter-certificate.js";
import type { CounterHistory } from "./layout.js";
import { counterName } from "./names.js";

/** So many steps are taken to find them, and so many reads of a counter are looked at. */
const STEPS_MAX = 200_000;
const READS_MAX = 1_000;
/** To copy so many increments is a step. */
const COPIED_A_STEP = 16;

/** A read of one counter. */
interface Total {
  readonly transaction: number;
  readonly at: number;
  readonly total: number;
  /** What the reader adds, after each of its increments; and how many of these were before. */
  readonly own: readonly number[];
  readonly ownCount: number;
}

/** What a transaction adds to one counter. */
interface Group {
  readonly transaction: number;
  readonly increments: readonly Increment[];
  readonly sum: number;
}

/** For each read of one counter what it counts. */
export type Chosen = readonly CountedRead[];

/** Every choice of what each read counts; undefined when there are more than so many. */
export function countedIn(counters: CounterHistory, most: number): readonly Chosen[] | undefined {
  let all: readonly Chosen[] = [[]];
  const steps = { left: STEPS_MAX };
  for (const key of counters.keys.keys()) {
    const ofKey = new OfKey(counters, key, { steps, most }).run();
    if (ofKey === undefined || all.length * ofKey.length > most) return undefined;
    all = all.flatMap((chosen) => ofKey.map((more) => chosen.concat(more)));
  }
  return all;
}

class OfKey {
  readonly #totals: Total[] = [];
  readonly #groups: readonly Group[];
  readonly #limits: { readonly steps: { left: number }; readonly most: number };
  readonly #names: readonly number[];
  readonly #initial: number | undefined;
  readonly #order: Group[] = [];
  readonly #found: Chosen[] = [];

  constructor(
    { transactions, initial }: CounterHistory,
    key: number,
    limits: { readonly steps: { left: number }; readonly most: number },
  ) {
    this.#limits = limits;
    this.#initial = initial[key];
    this.#names = transactions.map(({ operation }) => operation.invocation);
    const groups: Group[] = [];
    for (const [transaction, { operation, deeds }] of transactions.entries()) {
      if (this.#totals.length > READS_MAX) break;
      const own: Increment[] = [];
      const sums: number[] = [];
      let sum = 0;
      for (const { f, key: of, at, amount } of deeds) {
        if (of !== key) continue;
        if (f === "add") {
          own.push([operation.invocation, at]);
          sums.push((sum += amount));
          continue;
        }
        const ownCount = sums.length;
        this.#totals.push({ transaction, at, total: amount, own: sums, ownCount });
      }
      const isAdder = own.length > 0 && operation.outcome !== "fail";
      if (isAdder) groups.push({ transaction, increments: own, sum });
    }
    this.#groups = groups;
  }

  /** All choices; undefined when they are too many. */
  run(): readonly Chosen[] | undefined {
    if (this.#totals.length > READS_MAX) return undefined;
    return this.#go(0) ? this.#found : undefined;
  }

  /** Chooses with this order, and with all that go on from it; false to end it. */
  #go(sum: number): boolean {
    const { steps, most } = this.#limits;
    if (steps.left-- <= 0 || this.#found.length > most) return false;
    if (!this.#choose([], { base: this.#initial, reach: 0 })) return false;
    for (const group of this.#groups) {
      if (this.#order.includes(group)) continue;
      this.#order.push(group);
      const isDone = this.#go(sum + group.sum);
      this.#order.pop();
      if (!isDone) return false;
    }
    return true;
  }

  /** Chooses for the next read; `reach`: so many of the order are in what was read. */
  #choose(
    chosen: Chosen,
    { base, reach }: { readonly base: number | undefined; readonly reach: number },
  ): boolean {
    const { steps, most } = this.#limits;
    const read = this.#totals[chosen.length];
    if (read === undefined) {
      // Where the end of the order was not read, a shorter one says the same.
      if (reach === this.#order.length) this.#found.push(chosen);
      return this.#found.length <= most;
    }
    const { transaction, at, total, own, ownCount } = read;
    const reader = this.#names[transaction] as number;
    let sum = 0;
    const of: Increment[] = [];
    for (let length = 0; length <= this.#order.length; length++) {
      if (steps.left-- <= 0) return false;
      const next = this.#order[length];
      const isBase = (counted: number): boolean => base === undefined || base + counted === total;
      if (isBase(sum)) {
        steps.left -= of.length / COPIED_A_STEP;
        const more = { base: base ?? total - sum, reach: Math.max(reach, length) };
        if (!this.#choose([...chosen, { reader, at, of: of.slice() }], more)) return false;
      }
      // Where a transaction need not agree with itself, it may miss some of what it had added.
      const places = next?.transaction === transaction ? ownCount : 0;
      for (let place = 0; place < places; place++) {
        const ownSum = own[place] as number;
        if (!isBase(sum + ownSum)) continue;
        steps.left -= (of.length + place) / COPIED_A_STEP;
        const more = { base: base ?? total - sum - ownSum, reach: Math.max(reach, length + 1) };
        const mine = (next as Group).increments.slice(0, place + 1);
        if (!this.#choose([...chosen, { reader, at, of: [...of, ...mine] }], more)) return false;
      }
      // Beyond what the reader adds itself it would read what depends on it.
      if (next === undefined || next.transaction === transaction) break;
      sum += next.sum;
      steps.left -= next.increments.length / COPIED_A_STEP;
      for (const each of next.increments) of.push(each);
    }
    return true;
  }
}

/** The history of lists that reads with these counts make. */
export function toldAsLists(
  { history, transactions, keys }: CounterHistory,
  counted: readonly CountedRead[],
): History {
  const lists = new Map(counted.map(({ reader, at, of }) => [`${reader} ${at}`, of]));
  const told = new Map(
    transactions.map(({ operation, deeds }) => {
      const { invocation } = operation;
      const micro = deeds.map(({ f, key, at }): readonly [string, Value, Value] => {
        const name = counterName(keys[key] as Value);
        if (f === "add") return ["append", name, elementOf([invocation, at])];
        return ["r", name, (lists.get(`${invocation} ${at}`) ?? []).map(elementOf)];
      });
      return [invocation, micro];
    }),
  );
  const events = Array.from({ length: history.length }, (_, index): NewEvent => {
    const event = history.event(index);
    const micro = told.get(event.type === "invoke" ? index : (history.pairs[index] as number));
    // What holds at first is in no list.
    if (micro === undefined) return { ...event, f: `left-out-${event.f}` };
    const isOk = event.type === "ok";
    const value = micro.map(([f, key, of]) => [f, key, f === "r" && !isOk ? null : of]);
    return { ...event, f: "txn", value };
  });
  return historyOf(events);
}

function elementOf([of, at]: Increment): Value {
  return { inc: [of, at] };
}
