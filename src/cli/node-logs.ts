/**
 * The logs of a run's nodes, for checkers that read them: those in the run's directory, or the
 * files that were named.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { HarnessError, messageOf } from "../errors.js";
import type { Value } from "../history/value.js";
import { isDirectory } from "./input.js";

/** Texts of logs, by the name of their file. */
export interface LogTexts {
  readonly [file: string]: string;
}

/**
 * The logs that an option means: the files that it lists, or what it has as it is; without it all
 * of the run whose directory the input is, none of any other input.
 * @throws HarnessError `unreadable-input` for a file that cannot be read.
 */
export function logsFor(option: Value | undefined, input: string): Value | LogTexts {
  if (Array.isArray(option) && option.every((path) => typeof path === "string")) {
    return Object.fromEntries((option as readonly string[]).map((path) => readLog(path)));
  }
  if (option !== undefined) return option;
  const directory = join(input, "logs");
  if (!isDirectory(input) || !isDirectory(directory)) return {};
  const names = readdirSync(directory).filter((name) => name.endsWith(".log"));
  return Object.fromEntries(names.sort().map((name) => readLog(join(directory, name))));
}

function readLog(path: string): readonly [string, string] {
  try {
    return [path, readFileSync(path, "utf8")];
  } catch (error) {
    throw new HarnessError("unreadable-input", `cannot read the log ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
