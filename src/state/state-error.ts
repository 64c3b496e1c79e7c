/**
 * What can go wrong with a saved state, as one class with five codes. They differ in what a caller
 * may do next, so that an error is never more certain than what the store knows.
 */

/** Why a call on a store of states did not get through. */
export type StateErrorCode =
  /** There is no such state. Certain: nothing was changed. */
  | "not-found"
  /** The state has another version than the caller expected. Certain: nothing was changed. */
  | "conflict"
  /** What is stored cannot be read back; retrying does not help. */
  | "corrupt"
  /** The store cannot serve this now. Certain: nothing was changed, and it may be tried again. */
  | "unavailable"
  /** The change may have happened, or happen later, or never. Load before trying again. */
  | "indeterminate";

/** What a `StateError` is made from beside its code and message. */
export interface StateErrorOptions {
  /** The key that it is about. */
  readonly key?: string;
  /** The version that the state has, for `conflict`; 0 when there is none. */
  readonly version?: number;
  readonly cause?: unknown;
}

/** A call on a store of states that did not get through. */
export class StateError extends Error {
  override readonly name = "StateError";
  readonly code: StateErrorCode;
  readonly key: string | undefined;
  readonly version: number | undefined;

  constructor(code: StateErrorCode, message: string, options: StateErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.key = options.key;
    this.version = options.version;
  }
}

/** Whether this is the error of that code. */
export function isStateError(error: unknown, code: StateErrorCode): error is StateError {
  return error instanceof StateError && error.code === code;
}
