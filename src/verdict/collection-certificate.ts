/**
 * Evidence about sets and logs that only grow and to which each element is added once, so that
 * results say which additions came before them.
 */
import type { ModelName, SessionGuarantee } from "./certificate.js";
import type { Value } from "../history/value.js";
import type { CausalPromise } from "./visibility-certificate.js";

/**
 * For `valid`: for causal consistency and causal convergence one order of all operations that keeps
 * what precedes causally (the order of sessions, and each addition before whoever shows its
 * element), for convergence lists as well; the same for causal memory of sets, which follows from
 * causal consistency (see verify-collection-order.ts). For causal memory of logs and for pipelined
 * RAM views: for each process that reads an order of all operations that explains its reads; it
 * keeps the order of sessions, and for causal memory what precedes causally. For session guarantees
 * one order of additions that keeps what they demand and all lists.
 */
export interface CollectionOrderCertificate {
  readonly kind: "collection-order";
  readonly model: ModelName;
  readonly promise: CausalPromise | readonly SessionGuarantee[];
  /** Invocation indices; an indeterminate addition is here when it happened. */
  readonly order?: readonly number[];
  readonly views?: readonly {
    /** Operations: it is the view of their processes. */
    readonly of: readonly number[];
    readonly order: readonly number[];
  }[];
}

/**
 * That one operation comes before another, and why. `session`: its process had completed it before
 * it invoked the other. `shows`: it added an element that the other shows. `lacks`: it is a read
 * that does not show what the other adds. `listed`: a `read` lists what it added before what the
 * other did.
 */
export type CollectionEdge =
  | { readonly from: number; readonly to: number; readonly by: "session" | "shows" | "lacks" }
  | { readonly from: number; readonly to: number; readonly by: "listed"; readonly read: number };

/**
 * For `invalid`: operations that would each have to come before the next, in a circle; or, with
 * `impossible`, a result that is wrong whatever was seen: an element that nobody can have added, or
 * one that is listed twice, or an addition that says that its element was there, when nobody else
 * added it.
 */
export interface CollectionViolationCertificate {
  readonly kind: "collection-violation";
  readonly model: ModelName;
  readonly promise: CausalPromise | "sequential" | readonly SessionGuarantee[];
  readonly cycle: readonly CollectionEdge[];
  readonly impossible?: { readonly read: number; readonly element: Value };
}
