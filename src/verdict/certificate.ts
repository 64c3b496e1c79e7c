/**
 * The evidence that a verdict carries, as plain JSON. `ordeal verify` confirms each kind against
 * the history by code that shares nothing with the checkers.
 */
import type { Value } from "../history/value.js";

/** The model that a certificate speaks of: enough to make it again. */
export interface ModelName {
  readonly name: string;
  readonly options: { readonly [name: string]: Value };
}

/**
 * For `valid`: an order of operations in every part that respects real time and that the model
 * accepts. It holds each
 * `ok` operation (and observed failure) once, and each indeterminate one at most once.
 */
export interface LinearizationCertificate {
  readonly kind: "linearization";
  readonly model: ModelName;
  /**
   * True when `parts` has one entry, with part null, that orders the operations of all parts
   * together: the model accepts what the order holds of each part.
   */
  readonly allParts?: true;
  readonly parts: readonly {
    /** The part's key; null when the model has none. */
    readonly part: Value;
    /** Invocation indices, in the order of effect. */
    readonly order: readonly number[];
  }[];
}

/**
 * For `invalid`: operations of one part that no order can explain together.
 *
 * Forgetting an operation means forgetting *its completion*: it may then have happened at any time
 * after its invocation, with any result, or never. (To drop a write altogether would make almost
 * any history invalid and would prove nothing.) Whatever explains the history also explains the
 * history with completions forgotten, so the claim below refutes the whole history:
 * with the completions of `required` kept and all others of the part forgotten, nothing linearizes.
 */
export interface NonLinearizableCertificate {
  readonly kind: "non-linearizable";
  readonly model: ModelName;
  readonly part: Value;
  /**
   * When given, the claim is about the history *projected* to these values: without the operations
   * about other values (see `values` in the model port, which says why that is sound).
   */
  readonly values?: readonly Value[];
  /** Invocation indices of the completed operations that contradict one another, ascending. */
  readonly required: readonly number[];
  /**
   * Invocation indices of the operations whose completion is forgotten and that begin before the
   * last of
   * `required` ends, ascending: they may have happened. Those that change no state are left out.
   */
  readonly forgotten: readonly number[];
  /** True when forgetting any one of `required` makes the rest linearizable. */
  readonly minimal: boolean;
}

/**
 * For `valid`, sequential consistency: one order of the operations of all parts that keeps the
 * order in which each process invoked its own, and that the model accepts. It holds each `ok`
 * operation (and observed failure) once, and each indeterminate one at most once, after what its
 * process did before it.
 */
export interface SequentialOrderCertificate {
  readonly kind: "sequential-order";
  readonly model: ModelName;
  /** Invocation indices, in the order of effect. */
  readonly order: readonly number[];
}

/**
 * For `invalid`, sequential consistency: operations that no order which keeps the processes' own
 * orders can explain together. Forgetting means what it means above: a forgotten operation may have
 * happened at any time after what its process did before it, with any result, or never.
 */
export interface NonSequentialCertificate {
  readonly kind: "non-sequential";
  readonly model: ModelName;
  /** When given, operations of other parts are left out: a right order stays right without them. */
  readonly parts?: readonly Value[];
  /** When given, the claim is about the history projected to these values, as above. */
  readonly values?: readonly Value[];
  readonly required: readonly number[];
  /** Those that change no state are left out. */
  readonly forgotten: readonly number[];
  /** True when forgetting any one of `required` leaves something that can be explained. */
  readonly minimal: boolean;
}

/** Every kind of evidence. */
export type Certificate =
  | LinearizationCertificate
  | NonLinearizableCertificate
  | SequentialOrderCertificate
  | NonSequentialCertificate;
