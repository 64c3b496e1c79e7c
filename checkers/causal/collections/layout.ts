/**
 * A history of collections as causal and session checks see it: sets and logs that only grow, and
 * to which each element is added once, so that whoever shows an element tells which addition it
 * has seen.
 *
 * Sessions are those of registers (causal/layout.ts): what completed, process by process; an
 * indeterminate addition comes after what its process did before it, and before nothing. When
 * somebody shows its element it has happened; else it is left out, for whoever explains the history
 * with it explains it without it.
 *
 * A key from which something is removed, or to which an element is added more than once, is left
 * out, and so is an operation that tells something else (a slice, a size, the offset of an entry).
 * That is said: every promise here holds of a part of a history when it holds of the whole, so that
 * a violation without them is one, but no violation proves nothing.
 */
/** What an operation is. */
export const ADDS = 0;
/** Shows all elements of its key. */
export const READS = 1;
/** Shows one element, or that it is not there. */
export const FINDS = 2;
export const MISSES = 3;
/** Adds, and says that the element was there before: while sessions are arranged only. */
export const REFUSED = 4;

/** Operations as columns, numbered session by session, in the order of each. */
export interface Collections {
  /** Whether reads show an order. */
  readonly isOrdered: boolean;
  readonly count: number;
  /** Index of the invocation of each operation. */
  readonly invocations: Int32Array;
  /** Operation → its session. */
  readonly sessions: Int32Array;
  /** Session → its first operation; one entry more than there are sessions. */
  readonly starts: Int32Array;
  /** Session of one indeterminate addition → what its process did last before it; or `NONE`. */
  readonly parents: Int32Array;
  readonly kinds: Uint8Array;
  /** 1 for what completed; an indeterminate addition is here because it was seen. */
  readonly isCertain: Uint8Array;
  readonly keys: Int32Array;
  readonly keyCount: number;
  /**
   * Of a read: the number of what it shows. Of one that finds or misses an element: its addition,
   * `NONE` when nobody may have added it.
   */
  readonly shows: Int32Array;
  /** What is shown, each list once a key: additions from `listStarts[n]` on. */
  readonly listStarts: Int32Array;
  readonly listItems: Int32Array;
  /** A result that is wrong whatever was seen. */
  readonly impossible: Impossible | undefined;
  /** How many operations were left out that may contradict the rest. */
  readonly leftOut: number;
}

/** A result that nothing explains, by the index of the invocation. */
export interface Impossible {
  readonly pattern: "thin-air" | "repeated" | "refused";
  readonly read: number;
  /** Position in the pool. */
  readonly element: number;
}
