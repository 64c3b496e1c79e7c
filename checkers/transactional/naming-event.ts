/** Errors about the shape of transactions, with the event that has it. */
import { HarnessError } from "../../src/errors.js";
import type { Operation } from "../../src/history/operation.js";

/** What `read` gives; its errors name the event that says what the operation did. */
export function namingEvent<T>(operation: Operation, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof HarnessError) || error.event !== undefined) throw error;
    const { completion, invocation, outcome } = operation;
    const event = outcome === "ok" ? (completion ?? invocation) : invocation;
    throw new HarnessError(error.code, error.message, { cause: error, event });
  }
}
