/**
 * The evidence of what contradicts levels in histories of transactions on counters.
 */
import type { TransactionalLevel } from "../consistency/level.js";
import type { Value } from "../history/value.js";
import type { IsolationPhenomenon } from "./isolation-certificate.js";

/**
 * When a transaction commits, when it takes its snapshot, or when its read by micro-operation `at`
 * sees what is there. Where the level makes two of these one, it is called the commit.
 */
export interface CounterMoment {
  readonly of: number;
  readonly is: "commit" | "snapshot" | "read";
  readonly at?: number;
}

/**
 * Why no order of moments explains the totals. `null`: that follows by inference (see
 * `counter-moments.ts`). Otherwise by cases: one moment is before another (`yes`), or after it
 * (`no`); or a read of one who had added is of this or that, in the order in which the verifier
 * counts them.
 */
export type CounterCases =
  | null
  | {
      readonly before: CounterMoment;
      readonly after: CounterMoment;
      readonly yes: CounterCases;
      readonly no: CounterCases;
    }
  | { readonly read: number; readonly at: number; readonly cases: readonly CounterCases[] };

/** What adds to a counter: by the transaction, and which of its steps it is. */
export type Increment = readonly [of: number, at: number];

/** What a read by step `at` counts, in order: what a list would have shown. */
export type CountedRead = {
  readonly reader: number;
  readonly at: number;
  readonly of: readonly Increment[];
};

/**
 * Whose balance of an account one read, a reader or a transfer that somebody read: what a transfer
 * left, or what was there at first (null). A transaction reads in the order in which these come.
 */
export type BalanceRead = {
  readonly reader: number;
  readonly key: Value;
  readonly of: number | null;
};

/**
 * Of a bank at a level at which transfers may lose money: for every choice of what each read is of
 * what contradicts the level then.
 */
export interface NoBalances {
  readonly name: "no-balances";
  readonly cases: readonly {
    readonly balances: readonly BalanceRead[];
    readonly phenomenon: IsolationPhenomenon;
  }[];
}

/**
 * For every choice of lists that add up to the totals, what contradicts the level then; but for
 * those that contradict read committed by themselves.
 */
export interface NoLists {
  readonly name: "no-lists";
  readonly cases: readonly {
    readonly counted: readonly CountedRead[];
    readonly phenomenon: IsolationPhenomenon;
  }[];
}

/** No order explains these reads together, of whichever there are; others are left out. */
export interface NoCounterOrder {
  readonly name: "no-counter-order";
  /** The level that demands the order, which the level of the certificate implies. */
  readonly needs: TransactionalLevel;
  readonly reads: readonly (readonly [transaction: number, at: number])[];
  readonly cases: CounterCases;
}

/** What totals show by themselves. */
export interface CounterFinding {
  readonly name: "counter-finding";
  /**
   * - `garbage-read`: nothing that anybody added makes the total.
   * - `G1a`, `G1b`, `future-read`, `dirty-read`: nothing that was committed does; only with what
   *   was aborted, with a part of a transaction, with what the reader adds later, or with several.
   * - `internal`: it does not follow from what the transaction read and added before.
   * - `lost-update`: two read the same total and added to it, and nothing is ever taken away; or
   *   one read two totals before it added to the counter.
   * - `wrong-total`: what is only moved between counters is not all there.
   */
  readonly kind:
    | "garbage-read"
    | "G1a"
    | "G1b"
    | "future-read"
    | "dirty-read"
    | "internal"
    | "lost-update"
    | "wrong-total";
  /** The reader, or two that update, or the reader and one who read another total. */
  readonly transactions: readonly number[];
  /** The micro-operation of the first; of a wrong total all that were added up. */
  readonly at: readonly number[];
  readonly key?: Value;
}

/**
 * That one transaction precedes another, because of totals that were read, or of time.
 *
 * - `wr`: `to` read `key` by its micro-operation `at`, and that total counts what `from` added.
 * - `rw`: `from` read `key` by `at`, and that total does not count what `to` added.
 * - `smaller`: of `key`, from which nothing is ever taken away, `from` read a smaller total by `at`
 *   than `to` did by `toAt`: so somebody added to it whom the one did not count and the other did.
 */
export type CounterEdge =
  | {
      readonly from: number;
      readonly to: number;
      readonly by: "wr" | "rw";
      readonly key: Value;
      readonly at: number;
    }
  | {
      readonly from: number;
      readonly to: number;
      readonly by: "smaller";
      readonly key: Value;
      readonly at: number;
      readonly toAt: number;
    }
  | { readonly from: number; readonly to: number; readonly by: "process" | "realtime" };

/** A cycle; what its edges say follows, at read committed, from these reads. */
export interface CounterCycle {
  readonly name: "counter-cycle";
  readonly reads: readonly (readonly [transaction: number, at: number])[];
  readonly edges: readonly CounterEdge[];
}
