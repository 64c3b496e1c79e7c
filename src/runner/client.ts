/**
 * The port of clients: how a run talks to a system, and how an error becomes an outcome.
 */
import type { Invocation } from "../generator/generator.js";
import type { Value } from "../history/value.js";
import { messageOf } from "../errors.js";

/**
 * One connection of one process. `invoke` resolves with the result when the operation happened, and
 * rejects otherwise: with `OperationError` when the client knows what the error means, with
 * anything else when it does not (the operation is then `info`).
 */
export interface Client {
  invoke(invocation: Invocation): Promise<Value>;
  close(): Promise<void>;
}

/** An operation that did not succeed, classified. */
export class OperationError extends Error {
  override readonly name = "OperationError";
  /** `fail` only when the operation has certainly not happened and never will. */
  readonly outcome: "fail" | "info";
  /** A short stable word for the history: `timeout`, `refused`, `not-leader`, … */
  readonly code: string;

  constructor(
    outcome: "fail" | "info",
    code: string,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
    this.outcome = outcome;
    this.code = code;
  }
}

/** How an operation ended, as it goes into the history. */
export type Completion =
  | { readonly type: "ok"; readonly value: Value }
  | { readonly type: "fail" | "info"; readonly error: Value };

/** Maps whatever a client threw to an outcome; what is unclassified is `info`. */
export function completionOf(error: unknown): Completion {
  if (error instanceof OperationError)
    return { type: error.outcome, error: [error.code, error.message] };
  return { type: "info", error: ["unclassified", messageOf(error)] };
}
