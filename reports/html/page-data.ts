/**
 * What the page carries for its script: the operations in columns, and everything else as plain
 * JSON. Only types; shared with the browser code.
 */

/** The JSON in the page. */
export interface PageData {
  readonly verdict: "valid" | "invalid" | "unknown";
  /** Number of operations in the columns. */
  readonly count: number;
  /** Subtracted from all times, so that they begin near 0. */
  readonly originNs: number;
  /** False when the history has no times, only an order: then one nanosecond is one event. */
  readonly timed: boolean;
  /** Where the time axis ends. */
  readonly endNs: number;
  readonly functions: readonly string[];
  /** Whether operations of the function at this position have an answer worth showing. */
  readonly answers: readonly boolean[];
  /** Every text that a column points at: keys, values, errors. */
  readonly texts: readonly string[];
  readonly columns: PageColumns;
  readonly faults: readonly PageFault[];
  readonly counterexample?: {
    /** Positions in the columns. */
    readonly required: readonly number[];
    readonly forgotten: readonly number[];
    /** Position in `texts` of the key, or -1. */
    readonly key: number;
    /** What the operations of `required` are called, where that is not their whole label. */
    readonly captions?: readonly string[];
  };
  /** Place of each operation in its part's witness order, from 1, or 0; packed like a column. */
  readonly witness?: string;
}

/** Packed columns, one entry an operation, in the order of invocation. */
export interface PageColumns {
  /** Index of the invocation, as the difference from the one before. */
  readonly invocation: string;
  /** Distance from the invocation's index to the completion's; 0 when there is none. */
  readonly completion: string;
  readonly process: string;
  readonly f: string;
  /** Positions in `texts` plus one; 0 for none. */
  readonly key: string;
  readonly input: string;
  readonly output: string;
  readonly error: string;
  /** 0 ok, 1 fail, 2 info. */
  readonly outcome: string;
  /** Time of the invocation, as the difference from the one before, in nanoseconds. */
  readonly invoked: string;
  /** Nanoseconds to the completion (also an info's); -1 when there is none. */
  readonly took: string;
}

/** A fault, its times less `originNs`. */
export interface PageFault {
  readonly name: string;
  readonly startNs: number;
  /** Null when it was not seen to end. */
  readonly endNs: number | null;
  /** Indices of the events that began and ended it. */
  readonly startIndex: number;
  readonly endIndex: number | null;
  readonly detail: string;
}
