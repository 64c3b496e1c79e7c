/**
 * A file that grows line by line and outlives its writer.
 *
 * Each line is handed to the operating system before `append` returns, so that it survives the
 * death of this process by any signal, at any moment: no buffer of ours, no timer that a busy event
 * loop would starve. A system call costs a few microseconds, next to nothing beside the operation
 * that the line tells of. A power failure of the whole machine is survived only after `close`,
 * which forces everything to disk.
 */
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { HarnessError, messageOf } from "../errors.js";

/** An open file; `append` throws after `close`. */
export interface AppendFile {
  /** Adds a line (without its newline). */
  append(line: string): void;
  /** Forces everything to disk; idempotent. */
  close(): void;
}

/**
 * Opens a new or existing file for appending.
 * @throws HarnessError `harness-failure` here and in every method when the disk refuses.
 */
export function createAppendFile(path: string): AppendFile {
  const attempt = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw new HarnessError("harness-failure", `cannot write ${path}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  };
  let descriptor: number | undefined = attempt(() => openSync(path, "a"));

  return {
    append: (line) => {
      const to = descriptor;
      if (to === undefined) {
        throw new HarnessError("harness-failure", `cannot write ${path}: it is closed`);
      }
      const bytes = Buffer.from(`${line}\n`);
      attempt(() => {
        for (let done = 0; done < bytes.length;) done += writeSync(to, bytes, done);
      });
    },
    close: () => {
      const from = descriptor;
      if (from === undefined) return;
      descriptor = undefined;
      try {
        attempt(() => fsyncSync(from));
      } finally {
        closeSync(from);
      }
    },
  };
}
