/** Events that cannot follow the ones before them, and what is told of each. */

/** An event that cannot follow the ones before it: the reason, in words, without position. */
export class HistoryError extends Error {
  override readonly name = "HistoryError";
}

/** An event that does not fit the open operation of its process. */
interface Misfit {
  readonly process: number;
  readonly f: string;
  /** The index of the invocation that is open. */
  readonly opened: number;
  readonly invoked: string;
}

/** A process invokes something before its last operation has completed. */
export function stillOpen({ process, f, opened, invoked }: Misfit): HistoryError {
  return new HistoryError(
    `process ${process} invokes ${f} while its ${invoked} (index ${opened}) ` +
      "is still open; expected its completion first, for a process does one operation at a time",
  );
}

/** A process completes something, and has nothing open. */
export function neverInvoked(type: string, process: number, f: string): HistoryError {
  return new HistoryError(
    `process ${process} completes ${f} (${type}) that it never invoked; expected an invocation before it`,
  );
}

/** A process completes something else than what it has open. */
export function otherOperation({ process, f, opened, invoked }: Misfit): HistoryError {
  return new HistoryError(
    `process ${process} completes ${f} but its open operation (index ${opened}) is ${invoked}; expected ${invoked}`,
  );
}

/** A process completes its operation with another key. */
export function otherKey(process: number, f: string, invocation: number): HistoryError {
  return new HistoryError(
    `process ${process} completes ${f} with another key than its invocation (index ${invocation}) has; expected the same key, or none`,
  );
}
