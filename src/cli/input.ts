/**
 * What the commands read: a history file, standard input (`-`), or a run directory, which also
 * knows what was run.
 */
import { existsSync, realpathSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import type { DecodedHistory } from "../history/codec.js";
import type { RunResult, TestDescription } from "../runner/result.js";
import { readHistoryFile } from "../store/read-history-file.js";
import { readResult, readTest } from "../store/run-files.js";

/** A history, and where it came from. */
export interface Input extends DecodedHistory {
  readonly file: string;
}

/**
 * Reads a history.
 * @throws HarnessError `unreadable-input` or `malformed-input`, with the file's name.
 */
export async function readInput(
  file: string,
  options: { readonly format?: string; readonly independent?: boolean },
): Promise<Input> {
  const { format, independent } = options;
  return { ...(await readHistoryFile(file, { format, independent })), file };
}

/**
 * What was run, and what came of it when the run got that far; undefined for what is no run
 * directory.
 */
export async function readRun(
  file: string,
): Promise<{ readonly test: TestDescription; readonly result: RunResult | undefined } | undefined> {
  if (!isDirectory(file) || !existsSync(join(file, "test.json"))) return undefined;
  return { test: await readTest(file), result: await readResult(file) };
}

/**
 * The path of a file or directory without links, below the current directory if it is there: the
 * link `latest` leads elsewhere after the next run.
 */
export function lasting(path: string): string {
  const below = relative(process.cwd(), realpathSync(path));
  return below.startsWith("..") ? realpathSync(path) : below;
}

/** Whether a path is a directory that exists. */
export function isDirectory(path: string): boolean {
  return path !== "-" && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
