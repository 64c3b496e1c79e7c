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
import { AccountSources, shownIn, type Sources } from "./account-sources.js";
import type { CounterHistory } from "./layout.js";
import { likelyBalances } from "./likely-balances.js";
import { readingFrom, readingOrders } from "./reading-orders.js";

/** So many steps are taken to find them, of so many accounts and readers that have a choice. */
const STEPS_MAX = 400_000;
const PARTS_MAX = 500;
/** Of more looks at who read whom only one order of reading is tried. */
const LOOKS_MAX = 4_000_000;

/** What each read is of. */
export type Balances = readonly BalanceRead[];

/** Finds every choice of what each read is of. */
export class BalanceChoices {
  readonly #counters: CounterHistory;
  readonly #accounts: readonly AccountSources[];
  readonly #orderMatters: boolean;
  readonly #steps = { left: STEPS_MAX };

  /** `orderMatters`: whether the level asks in which order one transaction reads. */
  constructor(counters: CounterHistory, orderMatters: boolean) {
    this.#counters = counters;
    this.#orderMatters = orderMatters;
    this.#accounts = shownIn(counters).flatMap((shown, key) =>
      shown.length === 0 ? [] : [new AccountSources(counters, key, shown)],
    );
  }

  /** A likely one (likely-balances.ts). */
  likely(): Balances | undefined {
    const sources = likelyBalances(this.#counters);
    if (sources === undefined) return undefined;
    const found = this.#ordered(sources).next();
    return found.done === true ? undefined : found.value;
  }

  /** All of them, likely ones first; at the end whether these were all. */
  *all(): Generator<Balances, boolean> {
    if (this.#accounts.length > PARTS_MAX) return false;
    yield* this.#from(0, []);
    return this.#steps.left > 0;
  }

  /** An account of which nothing that was moved makes all that was read. */
  unmade(): { readonly key: number; readonly readers: readonly number[] } | undefined {
    const steps = { left: STEPS_MAX };
    return this.#accounts.find((account) => account.all(steps).next().done === true);
  }

  *#from(place: number, chosen: readonly Sources[]): Generator<Balances, void> {
    const account = this.#accounts[place];
    if (account === undefined) {
      yield* this.#ordered(chosen);
      return;
    }
    for (const sources of account.all(this.#steps)) {
      yield* this.#from(place + 1, withSources(chosen, account.key, sources));
    }
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
    const several = byReader.filter((reads) => new Set(reads.map(({ of }) => of)).size > 1);
    const isLong = several.length * byReader.length > LOOKS_MAX;
    if (isLong && this.#orderMatters) this.#steps.left = 0;
    const precedes = this.#orderMatters && !isLong ? readingFrom(byReader) : undefined;
    const orders = byReader.map((reads) => readingOrders(reads, precedes));
    const open = orders.filter(({ length }) => length > 1);
    const certain = orders.filter(({ length }) => length === 1).flat(2);
    if (open.length <= PARTS_MAX) {
      yield* this.#orders(open, certain);
      return;
    }
    yield orders.flatMap(([first = []]) => first);
    this.#steps.left = 0;
  }

  *#orders(
    open: readonly (readonly Balances[])[],
    chosen: Balances,
    place: number = 0,
  ): Generator<Balances, void> {
    const orders = open[place];
    if (orders === undefined) {
      yield chosen;
      return;
    }
    for (const [at, order] of orders.entries()) {
      if (at > 0 && this.#steps.left-- <= 0) return;
      yield* this.#orders(open, chosen.concat(order), place + 1);
    }
  }
}

/** Sources of one account more, by its number. */
function withSources(
  chosen: readonly Sources[],
  key: number,
  sources: Sources,
): readonly Sources[] {
  const all = chosen.slice();
  all[key] = sources;
  return all;
}
