/**
 * A guess of what the balances of a bank are of, for histories that are too long to try all:
 * account by account, in the order in which reads completed, each is of what the last one was of
 * and of what was moved since, without as few transfers as possible. Which these are is a subset
 * sum, answered for all totals that can be reached at once (Bellman 1957). Where it is wrong
 * nothing is proved.
 */
import { shownIn, type Shown, type Sources } from "./account-sources.js";
import type { CounterHistory } from "./layout.js";

/** So many totals are kept at a time, and so many balances before the last one are gone back to. */
const TOTALS_MAX = 4_096;
/** And so many on the way to one read. */
const WAYS_MAX = 200_000;
/** So many transfers that got lost may still turn up. */
const LOST_MAX = 64;
const BACK_MAX = 16;
/** So many steps are taken in all. */
const WORK_MAX = 20_000_000;

/** What one transfer left. */
interface Left {
  readonly by: number | undefined;
  readonly balance: number;
  readonly before: Left | undefined;
}

/** A way to reach a total: with this transfer, or without it. */
interface Way {
  readonly cost: number;
  readonly takes: boolean;
  readonly from: number;
}

/**
 * Counter → what each read of it, and each transfer that was read, is of; undefined for no guess.
 */
export function likelyBalances(counters: CounterHistory): readonly Sources[] | undefined {
  return new Guess(counters).run();
}

class Guess {
  readonly #counters: CounterHistory;
  /** Reader → whom it sees for certain by now, and whom it misses. */
  readonly #sees = new Map<number, Set<number>>();
  readonly #misses = new Map<number, Set<number>>();
  #work = 0;

  constructor(counters: CounterHistory) {
    this.#counters = counters;
  }

  run(): readonly Sources[] | undefined {
    const all: Sources[] = [];
    for (const [key, shown] of shownIn(this.#counters).entries()) {
      const sources = this.#ofAccount(key, shown);
      if (sources === undefined) return undefined;
      all.push(sources);
    }
    return all;
  }

  #invocationOf(each: number): number {
    return this.#counters.transactions[each]?.operation.invocation as number;
  }

  /** When it was over; of a transfer whose end is not known when it began. */
  #endOf(each: number): number {
    const operation = this.#counters.transactions[each]?.operation;
    if (operation?.outcome !== "ok") return this.#invocationOf(each);
    return operation.completion as number;
  }

  #ofAccount(key: number, shown: readonly Shown[]): Sources | undefined {
    const { writers, initial } = this.#counters;
    const reads = shown.toSorted((a, b) => this.#endOf(a.reader) - this.#endOf(b.reader));
    const movers = writers[key] ?? [];
    const sources = new Map<number, number | undefined>();
    /** Balance → the last that was left so. */
    const byBalance = new Map<number, Left>();
    const [first] = reads;
    if (first === undefined) return sources;
    const base = initial[key] ?? first.total - this.#movedBefore(first.reader, key, movers);
    let tip: Left = { by: undefined, balance: base, before: undefined };
    byBalance.set(base, tip);
    /** Those that have begun and were not read, as they ended; and how many have begun. */
    let pending: readonly number[] = [];
    let begun = 0;
    const lost = new Set<number>();
    for (const { reader, total } of reads) {
      const end = this.#endOf(reader);
      const from = begun;
      while (begun < movers.length && this.#invocationOf(movers[begun] as number) < end) begun++;
      const open = pending
        .concat(movers.slice(from, begun))
        .toSorted((a, b) => this.#endOf(a) - this.#endOf(b));
      pending = open;
      if ((this.#work += open.length) > WORK_MAX) return undefined;
      const taken = this.#taken({ reader, key, open, lost, tip, total, byBalance });
      if (taken === undefined) return undefined;
      let left = taken.from;
      for (const by of taken.those) {
        sources.set(by, left.by);
        left = { by, balance: left.balance + this.#amountOf(by, key), before: left };
        byBalance.set(left.balance, left);
      }
      sources.set(reader, left.by);
      this.#note(reader, { taken: taken.those, open });
      if (taken.those.length === 0) continue;
      tip = left;
      const gone = new Set(taken.those);
      // What was over and is not in what was read is lost, as far as one can tell.
      for (const each of open) if (!gone.has(each) && this.#isOver(each, reader)) lost.add(each);
      const rest = open.filter((each) => !gone.has(each));
      const old = Math.max(0, rest.filter((each) => lost.has(each)).length - LOST_MAX);
      let dropped = 0;
      pending = rest.filter((each) => !lost.has(each) || dropped++ >= old);
    }
    return sources;
  }

  #amountOf(each: number, key: number): number {
    return this.#counters.transactions[each]?.sums.get(key) ?? 0;
  }

  #movedBefore(reader: number, key: number, movers: readonly number[]): number {
    const begin = this.#invocationOf(reader);
    const those = movers.filter((each) => this.#endOf(each) < begin);
    return those.reduce((sum, each) => sum + this.#amountOf(each, key), 0);
  }

  #note(
    reader: number,
    { taken, open }: { readonly taken: readonly number[]; readonly open: readonly number[] },
  ): void {
    const sees = this.#sees.get(reader) ?? new Set();
    const misses = this.#misses.get(reader) ?? new Set();
    for (const each of taken) sees.add(each);
    for (const each of open) if (!sees.has(each)) misses.add(each);
    this.#sees.set(reader, sees);
    this.#misses.set(reader, misses);
  }

  /** From which balance on, and with which of the open transfers, a read is made. */
  #taken(about: {
    readonly reader: number;
    readonly key: number;
    readonly open: readonly number[];
    readonly lost: ReadonlySet<number>;
    readonly tip: Left;
    readonly total: number;
    readonly byBalance: ReadonlyMap<number, Left>;
  }): { readonly from: Left; readonly those: readonly number[] } | undefined {
    const { reader, key, open, lost, tip, total, byBalance } = about;
    const steps = open.map((by): Step => {
      const isExpected = this.#isOver(by, reader) && !lost.has(by);
      const isSeen = this.#sees.get(reader)?.has(by) === true;
      const isMissed = this.#misses.get(reader)?.has(by) === true;
      return {
        by,
        amount: this.#amountOf(by, key),
        isExpected,
        without: (isExpected ? 2 : 0) + (isSeen ? 3 : 0),
        within: (lost.has(by) || !this.#isOk(by) ? 2 : 0) + (isMissed ? 3 : 0),
      };
    });
    const named = (those: readonly Step[]): readonly number[] => those.map(({ by }) => by);
    const expected = nearlyExpected(steps, total - tip.balance);
    if (expected !== undefined) return { from: tip, those: named(expected) };
    const same = byBalance.get(total);
    let from: Left | undefined = tip;
    for (let back = 0; from !== undefined && back < BACK_MAX; back++) {
      const those = this.#subset(steps, total - from.balance);
      if (those !== undefined) return { from, those: named(those) };
      // Old balances are read where nothing new makes the total.
      if (same !== undefined) return { from: same, those: [] };
      from = from.before;
    }
    return undefined;
  }

  #isOk(each: number): boolean {
    return this.#counters.transactions[each]?.operation.outcome === "ok";
  }

  #isOver(each: number, reader: number): boolean {
    return this.#isOk(each) && this.#endOf(each) < this.#invocationOf(reader);
  }

  /**
   * Transfers that add up to a total, with as few strange ones as possible; the earlier are lost.
   */
  #subset(steps: readonly Step[], total: number): readonly Step[] | undefined {
    /** After each of them: total → the cheapest way to it. */
    const ways: ReadonlyMap<number, Way>[] = [];
    let size = 0;
    let last: ReadonlyMap<number, Way> = new Map([[0, { cost: 0, takes: false, from: 0 }]]);
    for (const { amount, without, within } of steps) {
      const next = new Map<number, Way>();
      for (const [sum, { cost }] of last) {
        offer(next, sum, { cost: cost + without, takes: false, from: sum });
        offer(next, sum + amount, { cost: cost + within, takes: true, from: sum });
      }
      this.#work += last.size;
      size += next.size;
      if (this.#work > WORK_MAX) return undefined;
      // Where there are too many, the latest half may do.
      const isTooMuch = next.size > TOTALS_MAX || size > WAYS_MAX;
      if (isTooMuch) return this.#subset(steps.slice((steps.length + 1) >> 1), total);
      ways.push(next);
      last = next;
    }
    if (!last.has(total)) return undefined;
    const those: Step[] = [];
    let at = total;
    for (let place = steps.length - 1; place >= 0; place--) {
      const { takes, from } = (ways[place] as ReadonlyMap<number, Way>).get(at) as Way;
      if (takes) those.push(steps[place] as Step);
      at = from;
    }
    return those.toReversed();
  }
}

/** A transfer that a read may show, and how strange it is if it does, or does not. */
interface Step {
  readonly by: number;
  readonly amount: number;
  readonly isExpected: boolean;
  readonly without: number;
  readonly within: number;
}

/** The transfers that are expected, but for at most two, where that makes the total. */
function nearlyExpected(steps: readonly Step[], total: number): readonly Step[] | undefined {
  const expected = steps.filter(({ isExpected }) => isExpected);
  const missing = total - expected.reduce((sum, { amount }) => sum + amount, 0);
  if (missing === 0 && expected.every(({ within }) => within === 0)) return expected;
  const gains = steps.map(({ isExpected, amount }) => (isExpected ? -amount : amount));
  /** What changes → the cheapest one that does. */
  const byGain = new Map<number, number>();
  const costOf = (place: number): number => {
    const { isExpected, within, without } = steps[place] as Step;
    return isExpected ? without - within : within - without;
  };
  let found: readonly number[] | undefined = missing === 0 ? [] : undefined;
  let least = missing === 0 ? 0 : Infinity;
  const consider = (places: readonly number[]): void => {
    const cost = places.reduce((sum, place) => sum + costOf(place), 0);
    if (cost < least) [found, least] = [places, cost];
  };
  for (const [place, gain] of gains.entries()) {
    if (gain === missing) consider([place]);
    const other = byGain.get(missing - gain);
    if (other !== undefined) consider([other, place]);
    const known = byGain.get(gain);
    if (known === undefined || costOf(place) < costOf(known)) byGain.set(gain, place);
  }
  if (found === undefined) return undefined;
  const changed = new Set(found);
  return steps.filter(({ isExpected }, place) => isExpected !== changed.has(place));
}

/** Keeps the cheaper way; of two as good the one with the later transfer. */
function offer(ways: Map<number, Way>, total: number, way: Way): void {
  const known = ways.get(total);
  const isBetter =
    known === undefined || way.cost < known.cost || (way.cost === known.cost && way.takes);
  if (isBetter) ways.set(total, way);
}
