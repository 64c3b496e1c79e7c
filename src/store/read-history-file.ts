/** Reads a history from a file, a run directory or standard input. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { HarnessError, messageOf } from "../errors.js";
import {
  decodeHistory,
  formatNamed,
  type DecodedHistory,
  type DecodeOptions,
} from "../history/codec.js";

/** The file in a run directory that holds its history. */
export const HISTORY_FILE = "history.jsonl";

/** How to read it. */
export interface ReadHistoryOptions {
  /** A format's name; found out from the content when absent. */
  readonly format?: string | undefined;
  /** See `DecodeOptions.independent`. Default false. */
  readonly independent?: boolean | undefined;
  /** See `DecodeOptions.refused`. Default none. */
  readonly refused?: DecodeOptions["refused"];
}

const CHUNK_BYTES = 1024 ** 2;

/**
 * Reads a history file; `-` is standard input, a run directory stands for its history.
 * @throws HarnessError `unreadable-input`, `malformed-input` or `bad-argument` (an unknown format).
 */
export async function readHistoryFile(
  path: string,
  options: ReadHistoryOptions = {},
): Promise<DecodedHistory> {
  // Before any byte is read: a mistyped name must not cost a large file.
  if (options.format !== undefined) formatNamed(options.format);
  if (path === "-") return decodeHistory(process.stdin, { file: "<stdin>", ...options });
  const file = await historyFileOf(path);
  try {
    return await decodeHistory(createReadStream(file, { highWaterMark: CHUNK_BYTES }), {
      file,
      ...options,
    });
  } catch (error) {
    if (error instanceof HarnessError) throw error;
    throw unreadable(file, error);
  }
}

/** The file to read: the path itself, or the history in a run directory. */
async function historyFileOf(path: string): Promise<string> {
  try {
    if (!(await stat(path)).isDirectory()) return path;
  } catch (error) {
    throw unreadable(path, error);
  }
  const inside = join(path, HISTORY_FILE);
  try {
    await stat(inside);
    return inside;
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw unreadable(inside, error);
    throw new HarnessError(
      "unreadable-input",
      `${path} is a directory without ${HISTORY_FILE}; expected a history file or a run directory`,
      { cause: error },
    );
  }
}

/**
 * What a failed system call means to the one who named the path, as an `unreadable-input` error.
 */
export function unreadable(path: string, error: unknown): HarnessError {
  const reasons: { readonly [code: string]: string } = {
    ENOENT: "no such file; check the path",
    ENOTDIR: "no such file: a part of the path is not a directory; check the path",
    EACCES: "no permission to read it; change its mode or owner",
    EPERM: "no permission to read it; change its mode or owner",
    EISDIR: "a directory; expected a file",
    ELOOP: "a symbolic link that leads to itself; check the path",
    ENAMETOOLONG: "this path is too long; check the path",
    EMFILE: "too many open files; raise the limit with ulimit -n",
  };
  const code = codeOf(error);
  const shown = path.replaceAll(/\p{Cc}/gu, "?");
  const reason = reasons[code] ?? messageOf(error);
  return new HarnessError("unreadable-input", `${shown}: ${reason}`, { cause: error });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
