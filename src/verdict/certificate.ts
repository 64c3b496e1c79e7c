/**
 * The evidence that a verdict carries, as plain JSON. `ordeal verify` confirms each kind against
 * the history by code that shares nothing with the checkers.
 */
import type {
  CollectionOrderCertificate,
  CollectionViolationCertificate,
} from "./collection-certificate.js";
import type { UnexplainedCertificate, VisibilityCertificate } from "./visibility-certificate.js";
import type { Value } from "../history/value.js";
import type {
  IsolationViolationCertificate,
  TransactionOrderCertificate,
} from "./isolation-certificate.js";
import type { StreamCycleCertificate } from "./stream-certificate.js";

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

/**
 * Reads whose value several operations wrote (or one of them wrote the initial value): the
 * invocation of each, with that of the write that it is taken to read, null for the initial value.
 * Reads of values that were written once need none.
 */
export type ReadSources = readonly (readonly [read: number, write: number | null])[];

/**
 * For `valid`, causal consistency and causal convergence (Bouajjani et al. 2017): an order of all
 * operations in which each comes after what its session did before it and after the write that it
 * reads; the causal order is the smallest such, which follows from the history. For causal
 * convergence this order decides which of several writes is the last: each read reads the last one
 * of its key in this order among those that precede it causally. For causal consistency it shows
 * only that the causal order has no cycle: no read reads what another write to the key, in between
 * causally, has overwritten.
 */
export interface CausalOrderCertificate {
  readonly kind: "causal-order";
  readonly model: ModelName;
  readonly promise: "causal" | "causal-convergence";
  /** Invocation indices; an indeterminate operation is here when it happened. */
  readonly order: readonly number[];
  readonly sources?: ReadSources;
}

/**
 * For `valid`, causal memory and pipelined RAM: for each process an order that holds what it did
 * itself and writes of others, in which each of its reads reads the last write before it. Every
 * operation has before it what its process did earlier, and for causal memory the write that it
 * reads; for pipelined RAM the reads of others are not there.
 */
export interface ViewsCertificate {
  readonly kind: "views";
  readonly model: ModelName;
  readonly promise: "causal-memory" | "pram";
  readonly views: readonly {
    /** An operation: the view is that of its process until then. */
    readonly of: number;
    readonly order: readonly number[];
  }[];
  readonly sources?: ReadSources;
}

/** What a session may rely on (Terry et al. 1994; Viotti & Vukolić 2016, section 3.3). */
export type SessionGuarantee =
  | "read-your-writes"
  | "monotonic-reads"
  | "monotonic-writes"
  | "writes-follow-reads";

/**
 * For `valid`, session guarantees: one order of all writes, in which each read reads the last write
 * that is visible to it, when no more is visible than the guarantees demand.
 */
export interface ArbitrationCertificate {
  readonly kind: "arbitration";
  readonly model: ModelName;
  readonly promise: readonly SessionGuarantee[];
  /** Invocation indices of writes. */
  readonly order: readonly number[];
  readonly sources?: ReadSources;
}

/**
 * That one operation precedes another, and why. `session`: its process had completed it before it
 * invoked the other. `reads`: it wrote what the other reads. `visible`: `path` (positions of
 * earlier edges) leads from it to `read`, which reads `to` all the same, so that it was overwritten
 * by `to`. `follows` (writes follow reads): its write was read by `to`, or by what the process of
 * `to` did before.
 */
export type PrecedenceEdge =
  | { readonly from: number; readonly to: number; readonly by: "session" | "reads" }
  | {
      readonly from: number;
      readonly to: number;
      readonly by: "visible";
      readonly read: number;
      readonly path: readonly number[];
    }
  | {
      readonly from: number;
      readonly to: number;
      readonly by: "follows";
      readonly path: readonly number[];
    };

/** One contradiction, or one for each source that a read may have. */
export type PrecedenceRefutation =
  | {
      readonly edges: readonly PrecedenceEdge[];
      /**
       * Positions of edges: round a cycle; or, when there is `read`, from a write to that read,
       * which reads the initial value; empty for a `read` of a value that nobody wrote.
       */
      readonly path: readonly number[];
      readonly read?: number;
      /** For views: an operation; it is the view of its process until then. */
      readonly view?: number;
    }
  | {
      readonly read: number;
      readonly cases: readonly {
        /** Invocation of a write, or null for the initial value. */
        readonly source: number | null;
        readonly refutation: PrecedenceRefutation;
      }[];
    };

/** For `invalid`, causal consistency in all its forms, pipelined RAM and session guarantees. */
export interface PrecedenceViolationCertificate {
  readonly kind: "precedence-violation";
  readonly model: ModelName;
  readonly promise:
    | "causal"
    | "causal-convergence"
    | "causal-memory"
    | "pram"
    | readonly SessionGuarantee[];
  readonly refutation: PrecedenceRefutation;
}

/**
 * For `valid`, staleness: an order of the operations of each key that respects real time, where a
 * read may be taken to begin `deltaNs` nanoseconds before it did, and in which every read returns
 * one of the last `versions` values before it. The initial value is the first. It holds each `ok`
 * operation once, and each indeterminate write at most once. Events with equal times are in the
 * order of the history.
 */
export interface StaleOrderCertificate {
  readonly kind: "stale-order";
  /** A register model. */
  readonly model: ModelName;
  readonly versions: number;
  readonly deltaNs: number;
  readonly parts: readonly {
    readonly part: Value;
    /** Invocation indices, in the order of effect. */
    readonly order: readonly number[];
  }[];
}

/**
 * For `invalid`, staleness: operations of one key that have no such order. All others are left out:
 * that is sound, because every write whose value one of these reads returned is among them, and an
 * order of the history is one of these when the others are taken out of it: no read gets further
 * behind.
 */
export interface TooStaleCertificate {
  readonly kind: "too-stale";
  /** A register model. */
  readonly model: ModelName;
  readonly part: Value;
  readonly versions: number;
  readonly deltaNs: number;
  /** Invocation indices, ascending. */
  readonly operations: readonly number[];
}

/** Every kind of evidence. Evidence about transactions names no model. */
export type Certificate =
  | ModelCertificate
  | StreamCycleCertificate
  | TransactionOrderCertificate
  | IsolationViolationCertificate;

/** Evidence about operations that a model gives a meaning. */
export type ModelCertificate =
  | LinearizationCertificate
  | NonLinearizableCertificate
  | SequentialOrderCertificate
  | NonSequentialCertificate
  | CausalOrderCertificate
  | ViewsCertificate
  | ArbitrationCertificate
  | PrecedenceViolationCertificate
  | StaleOrderCertificate
  | TooStaleCertificate
  | VisibilityCertificate
  | UnexplainedCertificate
  | CollectionOrderCertificate
  | CollectionViolationCertificate;
