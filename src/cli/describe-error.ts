/**
 * From whatever was thrown to one clear line and an exit code. A stack trace is for developers of
 * ordeal: it is shown only when `ORDEAL_DEBUG=1`.
 */
import { CommanderError } from "commander";
import { HarnessError, messageOf } from "../errors.js";
import { EXIT_CODES, exitCodeOf } from "./exit-codes.js";

/** One line for people, and what to exit with. */
export interface ErrorDescription {
  /** Undefined when nothing is left to say (help and version). */
  readonly message: string | undefined;
  /** Where it came from; undefined unless debugging. */
  readonly stack?: string | undefined;
  readonly exitCode: number;
}

/** Describes an error that ended a command. */
export function describeError(error: unknown): ErrorDescription {
  if (error instanceof CommanderError) return describeCommanderError(error);
  if (error instanceof HarnessError) {
    return {
      message: error.message,
      stack: debugStack(error),
      exitCode: exitCodeOf(error.code),
    };
  }
  return {
    message: `this is a bug in ordeal, please report it (ORDEAL_DEBUG=1 shows where): ${messageOf(error)}`,
    stack: debugStack(error),
    exitCode: EXIT_CODES.harness,
  };
}

function describeCommanderError(error: CommanderError): ErrorDescription {
  switch (error.code) {
    case "commander.helpDisplayed":
    case "commander.version":
      return { message: undefined, exitCode: 0 };
    // Help that nobody asked for, because no command was given; it is on standard error already.
    case "commander.help":
      return { message: undefined, exitCode: error.exitCode === 0 ? 0 : EXIT_CODES.badArgument };
    default: {
      const message = error.message
        .replace(/^error: /, "")
        .replace(/\n\(Did you mean (.*)\?\)$/s, "; did you mean $1?");
      return { message, stack: debugStack(error), exitCode: EXIT_CODES.badArgument };
    }
  }
}

function debugStack(error: unknown): string | undefined {
  if (process.env["ORDEAL_DEBUG"] !== "1" || !(error instanceof Error)) return undefined;
  const own = error.stack ?? error.message;
  return error.cause instanceof Error ? `${own}\ncaused by ${debugStack(error.cause)}` : own;
}
