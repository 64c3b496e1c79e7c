/**
 * Every way in which what was read of one account can have come about: of each read which transfer
 * left it, and what that one had read, and so on until nobody had moved anything. One way after the
 * other, by going back from each read; what is still missing must be among the totals that
 * transfers make at all, so that most of what leads nowhere is not begun.
 *
 * Nothing recurses, and a step is a look at one transfer: chains may be as long as the history.
 */
import type { CounterHistory } from "./layout.js";
import { totalsOf, type Totals } from "./sums.js";

/** Transaction → whose version it read of an account; undefined is the initial one. */
export type Sources = ReadonlyMap<number, number | undefined>;

/** A read of an account: by which transaction, and what it showed. */
export interface Shown {
  readonly reader: number;
  readonly total: number;
}

/** Counter → what was read of it. */
export function shownIn({ transactions, keys }: CounterHistory): readonly (readonly Shown[])[] {
  const shown = keys.map((): Shown[] => []);
  for (const [reader, { deeds }] of transactions.entries()) {
    for (const { f, key, amount } of deeds) {
      if (f === "read") shown[key]?.push({ reader, total: amount });
    }
  }
  return shown;
}

/** A transaction whose source is chosen. */
interface Choice {
  readonly from: number;
  /** Among what was read, which read leads here, and what was moved on the way. */
  readonly readAt: number;
  readonly sum: number;
  /** Which of its candidates is taken. */
  at: number;
}

/** The ways of one account. */
export class AccountSources {
  readonly key: number;
  readonly #shown: readonly Shown[];
  /** In the order of their invocations; and each one's place there and what it adds. */
  readonly #movers: readonly number[];
  readonly #places = new Map<number, number>();
  readonly #amounts: readonly number[];
  readonly #invocations: readonly number[];
  readonly #counters: CounterHistory;
  readonly #reachable: Totals | undefined;
  readonly #initial: number | undefined;

  readonly #choices: Choice[] = [];
  readonly #sources = new Map<number, number | undefined>();
  /** Transfer → all that was moved until it, once that is known to the beginning. */
  readonly #moved = new Map<number, number>();
  #base: number | undefined;
  /** After how many choices the base was known. */
  #baseAt = 0;

  constructor(counters: CounterHistory, key: number, shown: readonly Shown[]) {
    const { transactions, writers, initial } = counters;
    this.key = key;
    this.#counters = counters;
    this.#initial = initial[key];
    this.#base = this.#initial;
    this.#shown = shown;
    this.#movers = writers[key] ?? [];
    for (const [place, each] of this.#movers.entries()) this.#places.set(each, place);
    this.#amounts = this.#movers.map((each) => transactions[each]?.sums.get(key) ?? 0);
    this.#invocations = this.#movers.map(
      (each) => transactions[each]?.operation.invocation as number,
    );
    this.#reachable = totalsOf(this.#amounts);
  }

  /** Who read the account. */
  get readers(): readonly number[] {
    return this.#shown.map(({ reader }) => reader);
  }

  /**
   * Every way, as long as there are steps left; the map is the next one's once that is asked for.
   */
  *all(steps: { left: number }): Generator<Sources, void> {
    this.#choices.length = 0;
    this.#sources.clear();
    this.#moved.clear();
    this.#base = this.#initial;
    this.#baseAt = 0;
    if (this.#shown.length === 0) {
      yield this.#sources;
      return;
    }
    this.#push((this.#shown[0] as { readonly reader: number }).reader, 0, 0);
    while (this.#choices.length > 0 && steps.left > 0) {
      if (!this.#advance(steps)) {
        const gone = this.#choices.pop() as Choice;
        this.#sources.delete(gone.from);
        continue;
      }
      const top = this.#choices.at(-1) as Choice;
      const source = this.#sources.get(top.from);
      if (source !== undefined && !this.#moved.has(source)) {
        this.#push(source, top.readAt, top.sum + this.#amountOf(source));
        continue;
      }
      this.#end(top, source);
      const next = this.#shown[top.readAt + 1];
      if (next === undefined) yield this.#sources;
      else this.#push(next.reader, top.readAt + 1, 0);
    }
  }

  #push(from: number, readAt: number, sum: number): void {
    this.#choices.push({ from, readAt, sum, at: -1 });
  }

  #amountOf(mover: number): number {
    return this.#amounts[this.#places.get(mover) as number] as number;
  }

  /** The way from a read to the beginning is known. */
  #end(top: Choice, source: number | undefined): void {
    let moved = source === undefined ? 0 : (this.#moved.get(source) as number);
    if (this.#base === undefined) {
      this.#base = (this.#shown[top.readAt]?.total as number) - top.sum - moved;
      this.#baseAt = this.#choices.length;
    }
    for (let place = this.#choices.length - 1; place >= 0; place--) {
      const { from, readAt } = this.#choices[place] as Choice;
      if (readAt !== top.readAt) break;
      if (!this.#places.has(from)) continue;
      moved += this.#amountOf(from);
      this.#moved.set(from, moved);
    }
  }

  /** The way from a read to the beginning is no longer known. */
  #reopen(read: number): void {
    for (let place = this.#choices.length - 1; place >= 0; place--) {
      const { from, readAt } = this.#choices[place] as Choice;
      if (readAt !== read) return;
      this.#moved.delete(from);
    }
  }

  /** Takes the next candidate that may lead somewhere; false when there is none. */
  #advance(steps: { left: number }): boolean {
    const top = this.#choices.at(-1) as Choice;
    this.#sources.delete(top.from);
    if (this.#moved.has(top.from)) this.#reopen(top.readAt);
    if (this.#initial === undefined && this.#baseAt >= this.#choices.length) this.#base = undefined;
    const { total } = this.#shown[top.readAt] as { readonly total: number };
    const missing = this.#base === undefined ? undefined : total - this.#base - top.sum;
    while (++top.at <= this.#movers.length) {
      if (steps.left-- <= 0) return false;
      const source = this.#candidate(top);
      if (source === top.from || !this.#leads(source, missing)) continue;
      this.#sources.set(top.from, source);
      return true;
    }
    return false;
  }

  /** Whether a source may make what is missing. */
  #leads(source: number | undefined, missing: number | undefined): boolean {
    if (source === undefined) return missing === undefined || missing === 0;
    const moved = this.#moved.get(source);
    if (moved !== undefined) return missing === undefined || missing === moved;
    // What is on the way to here has a source, and is not known to the beginning.
    if (this.#sources.has(source)) return false;
    if (missing === undefined || this.#reachable === undefined) return true;
    return this.#reachable.has(missing - this.#amountOf(source));
  }

  /**
   * Whom a transaction may have read: who began before it, or of a reader before it ended, the last
   * one first; what was there at first; then the others.
   */
  #candidate({ from, at }: Choice): number | undefined {
    const count = this.#movers.length;
    const early = this.#places.get(from) ?? this.#earlyCount(from);
    if (at === early) return undefined;
    return this.#movers[at < early ? early - 1 - at : count - (at - early)];
  }

  /** How many began before a reader ended. */
  #earlyCount(reader: number): number {
    const end = this.#counters.transactions[reader]?.operation.completion ?? Infinity;
    let [low, high] = [0, this.#invocations.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#invocations[middle] as number) < end) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
