/** What an attempt to order transactions on counters knows before it begins. */
import { NONE } from "../../../src/history/history.js";
import type { CounterHistory } from "./layout.js";

/** Sums of these tell sets of transactions apart, nearly always; those of 10^5 are still exact. */
export function nameOf(transaction: number): number {
  let bits = Math.imul(transaction + 1, 0x9e3779b1);
  bits = Math.imul(bits ^ (bits >>> 15), 0x85ebca6b);
  const low = (bits ^ (bits >>> 13)) >>> 0;
  bits = Math.imul(low ^ 0x5bd1e995, 0xc2b2ae35);
  return low + ((bits ^ (bits >>> 16)) & 0x7) * 2 ** 32;
}

/** Transaction → the one that its process completed before. */
export function sessionsOf({ transactions }: CounterHistory): Int32Array {
  const last = new Map<number, number>();
  return Int32Array.from(transactions, ({ operation }, each) => {
    const process = Number(operation.process);
    const before = last.get(process) ?? NONE;
    if (operation.outcome === "ok") last.set(process, each);
    return before;
  });
}

/** That a transaction has to find a total. */
interface Pending {
  readonly transaction: number;
  readonly total: number;
}

/**
 * What must not be done to a counter that only grows, because it never comes back: every total that
 * somebody read was there at some time, so that nobody may add so much at once that it is skipped;
 * and whoever has to find it as it then is must have been taken before it grows further.
 */
export class Foresight {
  readonly #isTaken: (transaction: number) => boolean;
  /** Counter → totals that were read, ascending; undefined where something is taken away. */
  readonly #needed: readonly (readonly number[] | undefined)[];
  /** Counter → who has to find which total, by total; and how many of these have. */
  readonly #pending: readonly (readonly Pending[])[];
  readonly #found: Int32Array;

  constructor(
    history: CounterHistory,
    about: {
      readonly isTaken: (transaction: number) => boolean;
      /** Whether a transaction has to find what it read as it is when it is taken. */
      readonly isNow: (transaction: number) => boolean;
    },
  ) {
    const { keys, transactions } = history;
    this.#isTaken = about.isTaken;
    this.#needed = neededTotals(history);
    const pending = keys.map((): Pending[] => []);
    for (const [transaction, { operation }] of transactions.entries()) {
      if (operation.outcome !== "ok" || !about.isNow(transaction)) continue;
      for (const { key, total } of othersIn(history, transaction)) {
        if (this.#needed[key] !== undefined) pending[key]?.push({ transaction, total });
      }
    }
    this.#pending = pending.map((all) => all.toSorted((a, b) => a.total - b.total));
    this.#found = new Int32Array(keys.length);
  }

  /** Whether a transaction may not add this now. */
  forbids(
    transaction: number,
    step: { readonly key: number; readonly from: number; readonly sum: number },
  ): boolean {
    const { key, from, sum } = step;
    const after = from + sum;
    return this.#skips(key, from, after) || this.#isAwaited(transaction, key, after);
  }

  /** Somebody who has to find something of a counter is taken back. */
  forget(key: number): void {
    this.#found[key] = 0;
  }

  #skips(key: number, from: number, after: number): boolean {
    const needed = this.#needed[key];
    if (needed === undefined) return false;
    let [low, high] = [0, needed.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((needed[middle] as number) > from) high = middle;
      else low = middle + 1;
    }
    return (needed[low] ?? Infinity) < after;
  }

  #isAwaited(transaction: number, key: number, after: number): boolean {
    const pending = this.#pending[key] as readonly Pending[];
    const isOver = (each: Pending | undefined): boolean =>
      each !== undefined && this.#isTaken(each.transaction);
    let at = this.#found[key] as number;
    while (isOver(pending[at])) at++;
    this.#found[key] = at;
    while (pending[at]?.transaction === transaction || isOver(pending[at])) at++;
    return (pending[at]?.total ?? Infinity) < after;
  }
}

/** What others must have added to what a transaction read. */
function othersIn(
  { transactions, initial }: CounterHistory,
  transaction: number,
): readonly { readonly key: number; readonly total: number }[] {
  const own = new Map<number, number>();
  return (transactions[transaction]?.deeds ?? []).flatMap(({ f, key, amount }) => {
    if (f === "read") return [{ key, total: amount - (initial[key] ?? 0) - (own.get(key) ?? 0) }];
    own.set(key, (own.get(key) ?? 0) + amount);
    return [];
  });
}

function neededTotals(history: CounterHistory): readonly (readonly number[] | undefined)[] {
  const { keys, initial, transactions, writers } = history;
  const needed = keys.map(() => new Set<number>());
  for (const [transaction, { operation }] of transactions.entries()) {
    if (operation.outcome !== "ok") continue;
    for (const { key, total } of othersIn(history, transaction)) needed[key]?.add(total);
  }
  return keys.map((_, key) => {
    const isGrowing = (writers[key] ?? []).every(
      (each) => (transactions[each]?.sums.get(key) ?? 0) >= 0,
    );
    if (!isGrowing || initial[key] === undefined) return undefined;
    return [...(needed[key] as Set<number>)].toSorted((a, b) => a - b);
  });
}
