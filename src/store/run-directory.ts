/**
 * A run on disk: one directory with everything that a run was told and everything that it saw.
 *
 *     test.json       what decides the run          history.jsonl   every event, as it happens
 *     results.json    verdict and counts            nemesis.jsonl   the faults among them, numbered anew
 *     logs/NODE.log   what each node wrote          report.html …   reports
 *     data/NODE       a real node's files               messages.jsonl  of the replay of a case
 *
 * The directory is readable at any moment: streams grow line by line (`append-file.ts`), every
 * other file appears at once or not at all. `results.json` is missing when the runner died.
 */
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from "node:fs";
import { mkdir, readdir, readlink, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { HarnessError, messageOf } from "../errors.js";
import { encodeEvent, type DecodedHistory } from "../history/codec.js";
import type { HistoryEvent } from "../history/operation.js";
import type { RunResult, TestDescription } from "../runner/result.js";
import { createAppendFile, type AppendFile } from "./append-file.js";
import { HISTORY_FILE, readHistoryFile } from "./read-history-file.js";
import { readResult, readTest } from "./run-files.js";

/** Where run directories go unless told otherwise. */
const DEFAULT_ROOT = "runs";

/** A run that is being written. */
export interface RunDirectory {
  readonly path: string;
  /** Records an event; from then on it survives SIGKILL of this process. */
  appendEvent(event: HistoryEvent): void;
  /** Records a line of a node's log, with the time of the run in seconds before it. */
  log(node: string, timeNs: number, line: string): void;
  /**
   * Writes a whole file (a relative name), so that readers see the old one or the new one, never a
   * part.
   */
  writeFile(name: string, content: string | Uint8Array): Promise<void>;
  writeTest(test: TestDescription): Promise<void>;
  writeResult(result: RunResult): Promise<void>;
  /** Ends history and logs and forces them to disk; files can still be written. Idempotent. */
  close(): Promise<void>;
}

/** A run that was written. */
export interface RecordedRun {
  readonly path: string;
  readonly test: TestDescription;
  /** Absent when the runner died before its verdict. */
  readonly result: RunResult | undefined;
  readonly history: DecodedHistory;
}

/**
 * Makes the directory of a new run: this path, or a name in a root, whose link `latest` then leads
 * to it. A name that is taken gets a number (`…-2`).
 * @throws HarnessError `bad-argument` when the path is taken, `harness-failure` when it cannot be
 *   made.
 */
export async function createRunDirectory(
  where: string | { readonly root?: string; readonly name: string },
): Promise<RunDirectory> {
  const path = typeof where === "string" ? await makeExactly(where) : await makeNamed(where);
  const history = createAppendFile(join(path, HISTORY_FILE));
  const nemesis = createAppendFile(join(path, "nemesis.jsonl"));
  const logs = new Map<string, AppendFile>();
  let faults = 0;
  let closed = false;
  await mkdir(join(path, "logs"), { recursive: true });

  const logOf = (node: string): AppendFile => {
    const known = logs.get(node);
    if (known !== undefined) return known;
    const made = createAppendFile(join(path, "logs", `${fileName(node)}.log`));
    logs.set(node, made);
    return made;
  };

  const writeWhole = async (name: string, content: string | Uint8Array): Promise<void> => {
    const target = resolve(path, name);
    if (!target.startsWith(`${resolve(path)}/`)) {
      throw new HarnessError("bad-argument", `${name} is outside of the run directory ${path}`);
    }
    try {
      await mkdir(dirname(target), { recursive: true });
      replaceFile(target, content);
    } catch (error) {
      throw new HarnessError("harness-failure", `cannot write ${target}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  };
  const writeJson = async (name: string, value: TestDescription | RunResult): Promise<void> =>
    writeWhole(name, `${JSON.stringify(value, null, 2)}\n`);

  return {
    path,
    appendEvent: (event) => {
      history.append(encodeEvent(event));
      if (event.process === "nemesis") nemesis.append(encodeEvent({ ...event, index: faults++ }));
    },
    log: (node, timeNs, line) => {
      if (closed) return;
      const text = line.replace(/\r?\n$/, "");
      logOf(node).append(`${(timeNs / 1e9).toFixed(6)} ${text}`);
    },
    writeFile: writeWhole,
    writeTest: async (test) => writeJson("test.json", test),
    writeResult: async (result) => writeJson("results.json", result),
    close: async () => {
      closed = true;
      for (const file of [history, nemesis, ...logs.values()]) file.close();
    },
  };
}

/**
 * Reads the directory of a run, finished or not.
 * @throws HarnessError `unreadable-input` or `malformed-input`, naming file and field.
 */
export async function openRunDirectory(path: string): Promise<RecordedRun> {
  const test = await readTest(path);
  const result = await readResult(path);
  const history = await readHistoryFile(join(path, HISTORY_FILE), { format: "jsonl" });
  return { path, test, result, history };
}

async function makeExactly(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true });
    if ((await readdir(path)).length === 0) return path;
  } catch (error) {
    throw new HarnessError(
      "bad-argument",
      `cannot make the run directory ${path}: ${messageOf(error)}`,
      { cause: error },
    );
  }
  throw new HarnessError(
    "bad-argument",
    `${path} is not empty; name a new directory for the run, or remove it first`,
  );
}

async function makeNamed(where: {
  readonly root?: string;
  readonly name: string;
}): Promise<string> {
  const root = where.root ?? DEFAULT_ROOT;
  const name = fileName(where.name);
  try {
    await mkdir(root, { recursive: true });
    for (let attempt = 1; ; attempt++) {
      const path = join(root, attempt === 1 ? name : `${name}-${attempt}`);
      try {
        // Not recursive: making it is also what claims it, against runs that start at the same
        // moment.
        await mkdir(path);
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "EEXIST") continue;
        throw error;
      }
      await pointLatest(root, basename(path));
      return path;
    }
  } catch (error) {
    throw new HarnessError(
      "bad-argument",
      `cannot make a run directory in ${root}: ${messageOf(error)}; choose another with --out`,
      { cause: error },
    );
  }
}

/** Turns the link `latest` to a run, in one step; where links cannot be made there is none. */
async function pointLatest(root: string, name: string): Promise<void> {
  const latest = join(root, "latest");
  const fresh = join(root, `.latest-${process.pid}-${name}`);
  try {
    await symlink(name, fresh);
    // What is there and is no link belongs to somebody else.
    const other = await readlink(latest).catch((error: unknown) =>
      error instanceof Error && "code" in error && error.code === "EINVAL" ? undefined : "",
    );
    if (other !== undefined) await rename(fresh, latest);
  } catch {
    // A convenience that some file systems lack.
  } finally {
    await rm(fresh, { force: true });
  }
}

/**
 * Writes beside the target, forces it to disk and renames: a crash leaves the old file or the new
 * one.
 */
function replaceFile(target: string, content: string | Uint8Array): void {
  const fresh = `${target}.${process.pid}.tmp`;
  const descriptor = openSync(fresh, "w");
  try {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(fresh, target);
}

/** A name that is one part of a path everywhere. */
function fileName(name: string): string {
  const safe = name.replaceAll(/[^\w.+@=-]/g, "-").replace(/^\.+/, "");
  return safe === "" ? "unnamed" : safe;
}
