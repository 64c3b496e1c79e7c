/**
 * The one class for harness errors: a bad argument, an unreadable file, an impossible fault, a
 * world that could not be started. Verdicts are data and are never thrown (see
 * `verdict/verdict.ts`); operation outcomes have their own class (`runner/client.ts`).
 */

/** What went wrong, as a stable identifier; the CLI maps each to an exit code. */
export type HarnessErrorCode =
  /** An option, name or combination that the caller has to change. Exit code 254. */
  | "bad-argument"
  /** An input file that is missing or unreadable. Exit code 254. */
  | "unreadable-input"
  /**
   * A history or result that breaks its format; the message names file, line and column. Exit code
   * 254.
   */
  | "malformed-input"
  /**
   * A fault, system or world that cannot work here; the message gives reason and alternative. Exit
   * code 254.
   */
  | "unavailable"
  /** The harness could not start, drive or stop what it was told to. Exit code 255. */
  | "harness-failure";

/**
 * A failure of the harness or of its input; `message` says what to do next, `cause` keeps the
 * original.
 */
export class HarnessError extends Error {
  override readonly name = "HarnessError";
  readonly code: HarnessErrorCode;
  /** The event of a history that is at fault, where it is one: who read the file knows the line. */
  readonly event: number | undefined;

  constructor(
    code: HarnessErrorCode,
    message: string,
    options?: { readonly cause?: unknown; readonly event?: number },
  ) {
    super(message, options);
    this.code = code;
    this.event = options?.event;
  }
}

/** Fails loudly when our own reasoning was wrong; never used for input. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`ordeal has a bug: ${message}`);
}

/** The message of anything that was thrown, in one line. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n", 1)[0] ?? text;
}
