/**
 * What a checker answers. A verdict is data, never thrown, and carries its evidence.
 */
import type { Value } from "../history/value.js";
import type { Certificate } from "./certificate.js";

/** `unknown` is never a pass. */
export type VerdictKind = "valid" | "invalid" | "unknown";

/** The answer of one checker to one history. */
export interface Verdict {
  readonly verdict: VerdictKind;
  /** The checker's name. */
  readonly checker: string;
  /** One sentence in plain words; for `unknown`: why, what was covered, and the next step. */
  readonly reason: string;
  /** How many client operations were looked at. */
  readonly operations: number;
  readonly elapsedMs: number;
  /** What went wrong, gravest first; empty unless `invalid`. */
  readonly anomalies: readonly Anomaly[];
  /** The evidence; absent when `unknown`. */
  readonly certificate?: Certificate;
  /** Facts for reports: budgets, algorithms used, parts, counts. */
  readonly details?: { readonly [name: string]: Value };
  /** The answers that this one was merged from, by name. */
  readonly parts?: { readonly [name: string]: Verdict };
}

/** One violation. */
export interface Anomaly {
  /** A term of the field: `not-linearizable`, `lost-write`, … */
  readonly kind: string;
  /** One sentence that names the operations, values and times. */
  readonly message: string;
  /** Invocation indices of the operations that make it, in the order of the history. */
  readonly operations: readonly number[];
  readonly key?: Value;
  /** More for the reports. */
  readonly details?: { readonly [name: string]: Value };
}

const gravity: { readonly [kind in VerdictKind]: number } = { valid: 0, unknown: 1, invalid: 2 };

/**
 * Merges answers: invalid over unknown over valid; of none it is `unknown`, for nothing was proved.
 */
export function mergeKinds(kinds: readonly VerdictKind[]): VerdictKind {
  if (kinds.length === 0) return "unknown";
  return kinds.reduce((worst, kind) => (gravity[kind] > gravity[worst] ? kind : worst));
}
