/**
 * The evidence that transactions of sends and polls go round in a circle, as plain JSON. Operations
 * are named by the index of their invocation, logs by their names.
 */
import type { Value } from "../history/value.js";

/** What transactions on logs promise; each word includes those before it. */
export type StreamIsolation =
  | "none"
  /** A poll shows only what was committed before: Kafka's word for it. */
  | "read-committed"
  /** And what several transactions send does not interleave. */
  | "isolated-sends"
  /** And a poll shows all that is there: as if one came after the other. */
  | "serializable"
  | "strict-serializable";

/** That an operation says at which offset a message is. */
export type OffsetEvidence = { readonly offset: number; readonly by: number };

/** That one operation precedes another, and why. */
export type StreamEdge =
  | { readonly from: number; readonly to: number; readonly by: "process" | "realtime" }
  | {
      readonly from: number;
      readonly to: number;
      /** `to` was shown `message`, which only `from` sent. */
      readonly by: "wr";
      readonly log: string;
      readonly message: Value;
    }
  | {
      readonly from: number;
      readonly to: number;
      /** `from` sent `message`, and `to` sent `next`, which has a larger offset. */
      readonly by: "ww";
      readonly log: string;
      readonly message: Value;
      readonly next: Value;
      readonly at: OffsetEvidence;
      readonly nextAt: OffsetEvidence;
    }
  | {
      readonly from: number;
      readonly to: number;
      /** `from` was shown the log up to the offset `upTo`, and `to` sent `next` behind that. */
      readonly by: "rw";
      readonly log: string;
      readonly upTo: number;
      readonly next: Value;
      readonly nextAt: OffsetEvidence;
    };

/** For `invalid`: a circle of operations that happened, which this isolation excludes. */
export interface StreamCycleCertificate {
  readonly kind: "stream-cycle";
  readonly isolation: StreamIsolation;
  readonly edges: readonly StreamEdge[];
  /** Of each that is indeterminate: who was shown a message that only it sent. */
  readonly happened: readonly StreamSighting[];
}

/** That an operation happened, because of a message that somebody was shown. */
export type StreamSighting = {
  readonly operation: number;
  readonly log: string;
  readonly message: Value;
  readonly shownBy: number;
};
