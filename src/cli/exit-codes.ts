/**
 * What the exit code of the process says: scripts and CI build on these numbers, so they never
 * change.
 */
import type { HarnessErrorCode } from "../errors.js";

/** Exit codes of every command, by what they mean. */
export const EXIT_CODES: {
  readonly valid: 0;
  readonly invalid: 1;
  readonly unknown: 2;
  readonly badArgument: 254;
  readonly harness: 255;
} = { valid: 0, invalid: 1, unknown: 2, badArgument: 254, harness: 255 };

/** The exit code of a harness error: 255 when it is ours, 254 when the caller can change it. */
export function exitCodeOf(code: HarnessErrorCode): number {
  return code === "harness-failure" ? EXIT_CODES.harness : EXIT_CODES.badArgument;
}
