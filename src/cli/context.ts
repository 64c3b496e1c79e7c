/**
 * What a command is given, and the small things that every command does: print a line, write a
 * file, report an error.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { HarnessError, messageOf } from "../errors.js";
import type { ErrorDescription } from "./describe-error.js";
import type { Terminal } from "./terminal.js";

/** What a command works with, so that tests can run one without a process of its own. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** Sets what the process exits with; the last call counts. Default 0. */
  setExitCode(code: number): void;
}

/** Prints lines on standard output. */
export function print(context: CommandContext, text: string): void {
  if (!context.terminal.closed()) context.terminal.out.write(`${text}\n`);
}

/** Prints one object as one line of JSON. */
export function printJson(context: CommandContext, value: object): void {
  print(context, JSON.stringify(value));
}

/** Reports an error as one line on standard error. */
export function printError(terminal: Terminal, message: string): void {
  const line = asLine(message);
  terminal.err.write(`${terminal.errPaint.red("error:")} ${line}\n`);
}

/** Reports what ended a command, with the stack when debugging. */
export function printDescription(terminal: Terminal, { message, stack }: ErrorDescription): void {
  if (message !== undefined) printError(terminal, message);
  if (stack !== undefined) terminal.err.write(`${stack}\n`);
}

/** Tells something that is no error, as one line on standard error. */
export function printWarning(terminal: Terminal, message: string): void {
  const line = asLine(message);
  terminal.err.write(`${terminal.errPaint.yellow("warning:")} ${line}\n`);
}

/** One line; it may quote a file, and goes to a terminal, which obeys control characters. */
function asLine(message: string): string {
  return message
    .replaceAll(/\s*\n\s*/g, " ")
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, "\u{FFFD}")
    .trim();
}

/**
 * Writes a file that the user named, and the folders above it.
 * @throws HarnessError `bad-argument` when that cannot be done.
 */
export function writeOutput(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } catch (error) {
    throw new HarnessError("bad-argument", `cannot write ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
