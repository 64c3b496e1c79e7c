/**
 * What balances of a bank may be of where money may get lost: of each read which transfer left what
 * it shows, and what that one had read, and so on until nobody had moved anything. A transfer reads
 * two balances and writes what they then are, so that the account is a register.
 *
 * What a transfer read matters where somebody saw what it wrote then. Otherwise it may have read
 * whatever it had to: the last of what it sees, which explains itself. Nor is it known in which
 * order one read its accounts, where that matters.
 */
import type { Value } from "../../../src/history/value.js";
import type { BalanceRead } from "../../../src/verdict/counter-certificate.js";
import type { CounterHistory } from "./layout.js";
import { readingFrom, readingOrders, type Precedes } from "./reading-orders.js";

/** So many steps are taken to find them. */
const STEPS_MAX = 200_000;

/** What each read is of. */
export type Balances = readonly BalanceRead[];

/** A read of an account: by which transaction, and what it showed. */
interface Shown {
  readonly reader: number;
  readonly total: number;
}

/** What one account shows, and who moves what. */
interface Account {
  readonly key: number;
  readonly shown: readonly Shown[];
  /** Transaction → what it adds. */
  readonly movers: ReadonlyMap<number, number>;
}

/** Transaction → whose version it read of an account; undefined is the initial one. */
type Sources = ReadonlyMap<number, number | undefined>;

/** Finds every choice of what each read is of. */
export class BalanceChoices {
  readonly #counters: CounterHistory;
  readonly #accounts: readonly Account[];
  readonly #orderMatters: boolean;
  #left = STEPS_MAX;

  /** `orderMatters`: whether the level asks in which order one transaction reads. */
  constructor(counters: CounterHistory, orderMatters: boolean) {
    this.#counters = counters;
    this.#orderMatters = orderMatters;
    this.#accounts = counters.keys.map((_, key) => accountOf(counters, key));
  }

  /** All of them, likely ones first; at the end whether these were all. */
  *all(): Generator<Balances, boolean> {
    yield* this.#from(0, []);
    return this.#left > 0;
  }

  /** An account of which nothing that was moved makes all that was read. */
  unmade(): { readonly key: number; readonly readers: readonly number[] } | undefined {
    this.#left = STEPS_MAX;
    const found = this.#accounts.find((account) => {
      const base = this.#counters.initial[account.key];
      return this.#sourcesOf(account, { at: 0, sources: new Map(), base }).next().done === true;
    });
    return found && { key: found.key, readers: found.shown.map(({ reader }) => reader) };
  }

  *#from(place: number, chosen: readonly Sources[]): Generator<Balances, void> {
    const account = this.#accounts[place];
    if (account === undefined) {
      yield* this.#ordered(chosen);
      return;
    }
    const base = this.#counters.initial[account.key];
    for (const sources of this.#sourcesOf(account, { at: 0, sources: new Map(), base })) {
      yield* this.#from(place + 1, [...chosen, sources]);
    }
  }

  /** Whose each read of an account is, and what those had read whom anybody read. */
  *#sourcesOf(
    account: Account,
    known: { readonly at: number; readonly sources: Sources; readonly base: number | undefined },
  ): Generator<Sources, void> {
    const read = account.shown[known.at];
    if (read === undefined) {
      yield known.sources;
      return;
    }
    const { reader, total } = read;
    const chain = { from: reader, sum: 0, passed: [reader] };
    for (const { sources, sum } of this.#chains(account, chain, known.sources)) {
      const base = known.base ?? total - sum;
      if (base + sum !== total) continue;
      yield* this.#sourcesOf(account, { at: known.at + 1, sources, base });
    }
  }

  /** Every way back from a reader to what was there at first, and what was added on it. */
  *#chains(
    account: Account,
    chain: { readonly from: number; readonly sum: number; readonly passed: readonly number[] },
    sources: Sources,
  ): Generator<{ readonly sources: Sources; readonly sum: number }, void> {
    const { from, sum, passed } = chain;
    const candidates = sources.has(from) ? [sources.get(from)] : this.#likely(account, from);
    for (const source of candidates) {
      if (this.#left-- <= 0) return;
      const more = sources.has(from) ? sources : new Map([...sources, [from, source]]);
      if (source === undefined) {
        yield { sources: more, sum };
        continue;
      }
      if (passed.includes(source)) continue;
      const next = sum + (account.movers.get(source) as number);
      yield* this.#chains(account, { from: source, sum: next, passed: [...passed, source] }, more);
    }
  }

  /** Whom a transaction may have read: the last of those that began before it ended, first. */
  #likely({ movers }: Account, reader: number): readonly (number | undefined)[] {
    const { transactions } = this.#counters;
    const end = transactions[reader]?.operation.completion ?? Infinity;
    const isEarly = (each: number): boolean =>
      (transactions[each]?.operation.invocation as number) < end;
    const all = [...movers.keys()].toReversed();
    return [...all.filter(isEarly), undefined, ...all.filter((each) => !isEarly(each))];
  }

  /** The reads of each transaction, in each order where that matters (reading-orders.ts). */
  *#ordered(chosen: readonly Sources[]): Generator<Balances, void> {
    const { transactions, keys } = this.#counters;
    const nameOf = (each: number): number => transactions[each]?.operation.invocation as number;
    const byReader = transactions.flatMap(({ deeds, operation: { invocation: reader } }, each) => {
      const reads = deeds.flatMap(({ key }): BalanceRead[] => {
        const sources = chosen[key];
        if (sources?.has(each) !== true) return [];
        const source = sources.get(each);
        const of = source === undefined ? null : nameOf(source);
        return [{ reader, key: keys[key] as Value, of }];
      });
      return reads.length === 0 ? [] : [reads];
    });
    const precedes = this.#orderMatters ? readingFrom(byReader) : undefined;
    yield* this.#orders(byReader, precedes, []);
  }

  *#orders(
    byReader: readonly Balances[],
    precedes: Precedes | undefined,
    chosen: Balances,
    place: number = 0,
  ): Generator<Balances, void> {
    const reads = byReader[place];
    if (reads === undefined) {
      yield chosen;
      return;
    }
    for (const order of readingOrders(reads, precedes)) {
      if (this.#left-- <= 0) return;
      yield* this.#orders(byReader, precedes, [...chosen, ...order], place + 1);
    }
  }
}

function accountOf({ transactions }: CounterHistory, key: number): Account {
  const shown: Shown[] = [];
  const movers = new Map<number, number>();
  for (const [each, { operation, deeds }] of transactions.entries()) {
    for (const { f, key: of, amount } of deeds) {
      if (of !== key) continue;
      if (f === "read") shown.push({ reader: each, total: amount });
      else if (operation.outcome !== "fail") movers.set(each, amount);
    }
  }
  return { key, shown, movers };
}
