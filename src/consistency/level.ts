/**
 * The words of the lattice: what a consistency level is, and what it means that one implies
 * another. The levels themselves are data in `object-levels.ts` and `transactional-levels.ts`.
 */

/** Levels for single operations on objects. */
export type ObjectLevel =
  | "linearizable"
  | "sequential"
  | "causal-convergence"
  | "causal-memory"
  | "causal"
  | "pram"
  | "session-guarantees"
  | "read-your-writes"
  | "monotonic-reads"
  | "monotonic-writes"
  | "writes-follow-reads"
  | "strong-eventual"
  | "eventual"
  | "k-atomicity"
  | "delta-atomicity";

/** Levels for transactions that ask for no order beyond that of the transactions themselves. */
export type BaseIsolation =
  | "read-uncommitted"
  | "read-committed"
  | "monotonic-atomic-view"
  | "cursor-stability"
  | "monotonic-view"
  | "monotonic-snapshot-read"
  | "consistent-view"
  | "forward-consistent-view"
  | "repeatable-read"
  | "read-atomic"
  | "update-atomic"
  | "causal-cerone"
  | "parallel-snapshot-isolation"
  | "prefix"
  | "snapshot-isolation"
  | "update-serializable"
  | "serializable";

/**
 * Levels for transactions. `strong-session-X`: X, and what it orders keeps the order of each
 * session; `strong-X`: and the order of real time.
 */
export type TransactionalLevel =
  | BaseIsolation
  | `strong-session-${BaseIsolation}`
  | `strong-${Exclude<BaseIsolation, "serializable">}`
  | "strict-serializable";

/** The name of a level, as `--consistency` takes it. */
export type LevelName = ObjectLevel | TransactionalLevel;

/** One consistency level. */
export interface Level<Name extends LevelName = LevelName> {
  readonly name: Name;
  /** Whether it speaks of single operations or of transactions. */
  readonly family: "object" | "transactional";
  /** What it promises, in one sentence without its name. */
  readonly says: string;
  /** Where it was defined as it is meant here: author, year, place. */
  readonly source: string;
  /** Other names that it goes by, in kebab-case or as its authors abbreviate it. */
  readonly aliases: readonly string[];
  /** For strong variants: what they are a variant of, and the order that is kept beside. */
  readonly variant?: { readonly of: BaseIsolation; readonly keeps: "session" | "realtime" };
}

/** That whatever satisfies one level satisfies another. */
export interface Implication {
  readonly from: LevelName;
  readonly to: LevelName;
  /** Where it is shown: author, year, place; or that it follows from the definitions. */
  readonly source: string;
}
