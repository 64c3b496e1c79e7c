/**
 * The evidence of verdicts about transactions, as plain JSON. Transactions are named by the index
 * of their invocation, levels by their names in the lattice.
 */
import type { TransactionalLevel } from "../consistency/level.js";
import type { Value } from "../history/value.js";
import type {
  BalanceRead,
  CountedRead,
  CounterCycle,
  CounterFinding,
  NoBalances,
  NoCounterOrder,
  NoLists,
} from "./counter-certificate.js";

/**
 * For `valid`: an order of all transactions that completed `ok`, and of each indeterminate one that
 * was observed, in which
 *
 * - `serial`: every read returns what the transactions before it left;
 * - `snapshot`: each is named twice, when it takes its snapshot and when it commits: it reads its
 *   snapshot, and none that writes the same keys commits between the two (which prefix consistency
 *   and what it implies do not ask for);
 * - `commit`: every read returns a version that was there before, or becomes so in a later order of
 *   writes (`read-uncommitted`); for read committed its last writer comes before the reader; for
 *   levels about what a transaction sees, it is the last in the order of those that it must see;
 * - `points`: each is named once for each of its reads of what others left, which returns what is
 *   there then, and once more when it commits all that it writes (monotonic snapshot reads).
 *
 * Repeatable read, and what it implies of items, says nothing of what a predicate leaves out: there
 * `serial` asks of a row that was not shown only that some earlier version of it explains that.
 *
 * The order keeps sessions, or real time, as far as the level demands it.
 */
export interface TransactionOrderCertificate {
  readonly kind: "transaction-order";
  readonly level: TransactionalLevel;
  readonly manner: "serial" | "snapshot" | "commit" | "points";
  readonly order: readonly number[];
  /**
   * For update serializability: transactions that only read and are not in the order, each with an
   * order of it and all that write, which has the same versions.
   */
  readonly readers?: readonly { readonly reader: number; readonly order: readonly number[] }[];
  /**
   * Beside these, where sessions or real time are kept: an order of all commits, which has the same
   * versions and shows a consistent view with that order.
   */
  readonly view?: readonly number[];
  /** Of counters: the order is one of lists, of which each read shows this. */
  readonly counted?: readonly CountedRead[];
  /** Of a bank: the order is one of registers, of which each read is of this. */
  readonly balances?: readonly BalanceRead[];
  /** Where the same was written or appended more than once: whose each read of such is. */
  readonly sources?: readonly ReadSource[];
  /** A level that implies the other: the order shows this one. */
  readonly through?: TransactionalLevel;
  /** For `commit` of transactions on rows: what does not follow from the order alone. */
  readonly sights?: readonly RowSight[];
}

/**
 * That a read is of a write: each a transaction and which of its micro-operations. A read of null,
 * where somebody wrote that, is of the initial value when both are null. Of a list one place, from
 * 0, of this read and of all that begin with the same elements.
 */
export type ReadSource = {
  readonly reader: number;
  readonly at: number;
  readonly place?: number;
  readonly of: number | null;
  readonly by: number | null;
};

/** That one transaction precedes another, and the micro-operations that say so. */
export type DependencyEdge = ListEdge | RegisterEdge | VisibleEdge;

/**
 * That one transaction committed before another because of what a third one read: `reader` sees
 * `from`, which wrote `written` to `key`, and yet read of it `read`, which `to` wrote.
 */
export type VisibleEdge = Visibility & {
  readonly from: number;
  readonly to: number;
  readonly by: "visible";
  readonly read: Value;
};

/** Who reads a key, and sees a transaction that wrote it. */
export type Visibility = {
  readonly key: Value;
  readonly written: Value;
  readonly reader: number;
  /**
   * From who is seen to the reader, by reads and time. One read that the reader made earlier is
   * enough for a monotonic atomic view, one step for read atomic, any number for causality.
   */
  readonly path: readonly DependencyEdge[];
};

/** The same on registers, where the order of versions has reasons of its own. */
export type RegisterEdge = {
  readonly from: number;
  readonly to: number;
  /**
   * `from` wrote `step.value` (`ww`) or read it (`rw`; `update`: and then wrote the key itself),
   * `to` wrote `step.next`.
   */
  readonly by: "ww" | "rw" | "update";
  readonly key: Value;
  readonly step: VersionStepEvidence;
  /** Who read something of `to`, which is indeterminate. */
  readonly toSeenBy?: number;
};

/** On lists; reads (`wr`) and time are the same for both. */
export type ListEdge =
  | { readonly from: number; readonly to: number; readonly by: "process" | "realtime" }
  | {
      readonly from: number;
      readonly to: number;
      /**
       * `from` wrote `value` to `key`, `to` wrote `next` over it or after it: the transaction
       * `seenBy` read `value` before `next`, or `value` without `next`. `toSeenBy` read something
       * of `to`, which is indeterminate.
       */
      readonly by: "ww";
      readonly toSeenBy?: number;
      readonly key: Value;
      readonly value: Value;
      readonly next: Value;
      readonly seenBy: number;
    }
  | {
      readonly from: number;
      readonly to: number;
      /** `to` read of `key` what `from` wrote last: `value`. */
      readonly by: "wr";
      readonly key: Value;
      readonly value: Value;
    }
  | {
      readonly from: number;
      readonly to: number;
      /**
       * `from` read of `key` a version without `next`, which `to` wrote. `update`: and then it
       * wrote `key` itself. `toSeenBy` read something of `to`, which is indeterminate.
       */
      readonly by: "rw" | "update";
      readonly key: Value;
      readonly next: Value;
      readonly toSeenBy?: number;
    };

/**
 * That one value of a register comes before another, and by which rule. `initial`: null comes
 * first. `writes-follow-reads`: the transaction read the one first and wrote the other last.
 * `sessions`, `realtime`: the first transaction saw or left the one last, the second, which comes
 * after it, the other first. All but the first are assumptions about the system.
 */
export type VersionStepEvidence = {
  readonly value: Value;
  readonly next: Value;
  readonly rule: "initial" | "writes-follow-reads" | "sessions" | "realtime";
  readonly transactions: readonly number[];
};

/** A row by its key, or an element of the set of a key. */
export interface RowName {
  readonly key: Value;
  readonly element?: Value;
}

/**
 * What a transaction saw of a row: with `at`, of whose version that read is, or of the initial one
 * (null), where it may be of several; without, that it found absent what it deletes, so that it
 * wrote nothing there (`at` is then the deletion, where that may be of several).
 */
export interface RowSight extends RowName {
  readonly reader: number;
  readonly at?: number;
  readonly of?: number | null;
}

/**
 * That one transaction precedes another because of a row that one of them read, with others or
 * alone, by its micro-operation `at`. `reads`: whether the row was read as such, or was only found
 * not to be among those that a predicate means.
 */
export interface RowEdge extends RowName {
  readonly from: number;
  readonly to: number;
  /**
   * `wr`: only what `from` left of the row explains what `to` read. `rw`: `from` read a version
   * that comes before one that `to` wrote; `update`: and then wrote the row itself.
   */
  readonly by: "wr" | "rw" | "update";
  readonly at: number;
  readonly reads: "item" | "predicate";
  /**
   * Of which version: the `initial` one comes before all; of another, `to` has `read` it as well
   * before it wrote.
   */
  readonly after?: "initial" | "read";
}

/** What a transaction shows of a row by its micro-operation `at`. */
export interface RowFinding extends RowName {
  readonly name: "row-finding";
  /**
   * `predicate-mismatch`: a read by predicate shows a row that the predicate does not mean.
   * `predicate-read-miss`: it does not show one that was there at first, and the predicate means
   * all that it ever was.
   */
  readonly kind:
    | "internal"
    | "future-read"
    | "G1a"
    | "G1b"
    | "garbage-read"
    | "predicate-mismatch"
    | "predicate-read-miss"
    /** A read of a set shows an element more than once. */
    | "duplicate-elements";
  readonly transaction: number;
  readonly at: number;
  /** Whose version alone explains the read. */
  readonly writer?: number;
  /** Whether it contradicts what the transaction had written itself, and not only read. */
  readonly isOwn?: boolean;
}

/** An edge of time. */
export type TimeEdge = Extract<ListEdge, { readonly by: "process" | "realtime" }>;

/** That the one of two transactions that wrote the same key came first. */
export type PairOrder = readonly [first: number, second: number];

/**
 * An edge that follows from an order: `to` is its second. `ww`: `from` is its first, and both wrote
 * `key`. `rw`: `from` read of `key` what the first wrote last; `update`: and then wrote it itself.
 */
export interface GivenEdge {
  readonly from: number;
  readonly to: number;
  readonly by: "ww" | "rw" | "update";
  readonly key: Value;
  readonly given: PairOrder;
}

/** A cycle that follows from orders of pairs. */
export interface OrderContradiction {
  readonly orders: readonly PairOrder[];
  readonly edges: readonly (DependencyEdge | GivenEdge)[];
}

/**
 * Of two transactions that wrote the same key one came first, for all keys alike. No choice of
 * these orders is without all the orders of one of `contradictions`. Where that does not follow by
 * itself (from each the opposite of its last order, when the others hold), `steps` leads there:
 * each is orders that cannot hold together, because with them it follows by itself from the
 * contradictions and the steps before; the last is of no orders.
 */
export interface OrderRefutation {
  readonly contradictions: readonly OrderContradiction[];
  readonly steps: readonly (readonly PairOrder[])[];
}

/** What contradicts a level. */
export type IsolationPhenomenon =
  | { readonly name: "cycle"; readonly edges: readonly DependencyEdge[] }
  /** A cycle of transactions on rows. */
  | { readonly name: "row-cycle"; readonly edges: readonly (RowEdge | TimeEdge)[] }
  | RowFinding
  /** Of transactions on rows: every order was tried, and none explains the reads. */
  | { readonly name: "no-row-order" }
  /**
   * Of registers to which a value was written more than once: for every choice of whose write each
   * read of such is, what contradicts the level then. The last read changes fastest.
   */
  | { readonly name: "no-source"; readonly cases: readonly IsolationPhenomenon[] }
  /** Of transactions on counters. */
  | CounterCycle
  | CounterFinding
  | NoCounterOrder
  | NoLists
  | NoBalances
  /** Versions of a register that come before themselves. */
  | {
      readonly name: "version-cycle";
      readonly key: Value;
      readonly steps: readonly VersionStepEvidence[];
    }
  /** Whatever the order of versions is, one of these cycles is there. */
  | ({ readonly name: "no-version-order" } & OrderRefutation)
  /**
   * `reader` read the initial value of a key, or a list without `written`, although it sees
   * `writer`, which wrote the key.
   */
  | ({ readonly name: "missed-write"; readonly writer: number } & Visibility)
  | {
      readonly name:
        | "internal"
        | "future-read"
        | "G1a"
        | "G1b"
        | "dirty-update"
        | "lost-update"
        | "garbage-read"
        | "duplicate-elements"
        | "incompatible-order"
        | "cyclic-versions"
        | "reordered-writes";
      readonly key: Value;
      /** Who shows it first, then those that it is about. */
      readonly transactions: readonly number[];
      /** The element or value that it is about. */
      readonly value?: Value;
    };

/** For `invalid`: a phenomenon that the level excludes. */
export interface IsolationViolationCertificate {
  readonly kind: "isolation-violation";
  readonly level: TransactionalLevel;
  readonly phenomenon: IsolationPhenomenon;
  /** A level that the other implies: this one is contradicted. */
  readonly through?: TransactionalLevel;
}
