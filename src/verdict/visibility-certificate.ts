/**
 * Evidence about causal consistency of objects that are no registers: what each operation sees, or
 * that nothing which operations could see explains them.
 */
import type { Value } from "../history/value.js";
import type { ModelName, SessionGuarantee } from "./certificate.js";

/** The levels of causal consistency, and pipelined RAM. */
export type CausalPromise = "causal" | "causal-convergence" | "causal-memory" | "pram";

/**
 * For `valid`: what operations see, in an order that explains them. What an operation sees is
 * closed: with each operation it holds what that one sees, and what its session did before that may
 * change something. The order keeps that, and explains the result of `of`, where others may have
 * returned anything; for causal memory also those of its session. For convergence every order is
 * that of `arbitration`. For pipelined RAM there is an entry for the last operation of each
 * process, whose order holds what every process did, in its order, and explains all that its own
 * process saw. For session guarantees each order holds updates alone, and is that of `arbitration`,
 * an order of all of them.
 */
export interface VisibilityCertificate {
  readonly kind: "visibility";
  readonly model: ModelName;
  readonly promise: CausalPromise | readonly SessionGuarantee[];
  /** Invocation indices. */
  readonly sees: readonly { readonly of: number; readonly order: readonly number[] }[];
  readonly arbitration?: readonly number[];
}

/**
 * For `invalid`: the completed operations `required` cannot be explained together, even when all
 * others of the part are *forgotten*, see `certificate.ts`: they may have happened after what their
 * process did before, with any result, or never, and precede nothing because of their process.
 */
export interface UnexplainedCertificate {
  readonly kind: "unexplained";
  readonly model: ModelName;
  readonly promise: CausalPromise | readonly SessionGuarantee[];
  /**
   * When given, operations of other parts are left out: what explains all parts explains each, when
   * the others are taken out of it.
   */
  readonly part?: Value;
  readonly required: readonly number[];
}
