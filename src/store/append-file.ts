/**
 * A file that grows line by line and outlives its writer.
 *
 * Lines go to the file by synchronous writes in batches. What `write` has taken belongs to the operating
 * system, so that it survives the death of this process by any signal (a power failure of the whole machine
 * only after `close`, which forces it to disk). What is still in the batch would be lost, so a batch is written when it
 * is 64 KiB, when its oldest line is 100 ms old at the next append, by a timer when no append comes, and when the process exits.
 * The age is looked at on append because a simulated run may keep the event loop busy for seconds, and then no timer fires.
 */
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { HarnessError, messageOf } from "../errors.js";

/** How long a line may wait. */
const AGE_MS_MAX = 100;
/** How much may wait, in UTF-16 units. */
const BATCH_LENGTH_MAX = 65_536;

/** An open file; every method but `close` throws after `close`. */
export interface AppendFile {
  /** Adds a line (without its newline). */
  append(line: string): void;
  /** Hands what waits to the operating system. */
  flush(): void;
  /** Flushes and forces everything to disk; idempotent. */
  close(): void;
}

/** Files with lines that wait; one listener flushes them all when the process exits in order. */
const openFiles = new Set<AppendFile>();
let listening = false;

function flushAll(): void {
  for (const file of openFiles) file.flush();
}

/**
 * Opens a new or existing file for appending.
 * @throws HarnessError `harness-failure` here and in every method when the disk refuses.
 */
export function createAppendFile(path: string): AppendFile {
  let descriptor: number | undefined = attempt(() => openSync(path, "a"));
  let waiting = "";
  let oldestMs = 0;
  let timer: NodeJS.Timeout | undefined;

  function attempt<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw new HarnessError("harness-failure", `cannot write ${path}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting === "" || descriptor === undefined) return;
    const bytes = Buffer.from(waiting);
    waiting = "";
    const to = descriptor;
    attempt(() => {
      for (let done = 0; done < bytes.length;) done += writeSync(to, bytes, done);
    });
  };

  const file: AppendFile = {
    append: (line) => {
      if (descriptor === undefined) {
        throw new HarnessError("harness-failure", `cannot write ${path}: it is closed`);
      }
      const nowMs = performance.now();
      if (waiting === "") oldestMs = nowMs;
      waiting += `${line}\n`;
      if (waiting.length >= BATCH_LENGTH_MAX || nowMs - oldestMs >= AGE_MS_MAX) flush();
      // A failing write in a timer would be an uncaught error; the next append or close reports it instead.
      else timer ??= setTimeout(flushQuietly, AGE_MS_MAX).unref();
    },
    flush,
    close: () => {
      if (descriptor === undefined) return;
      try {
        flush();
        attempt(() => fsyncSync(descriptor as number));
      } finally {
        openFiles.delete(file);
        closeSync(descriptor);
        descriptor = undefined;
      }
    },
  };

  const flushQuietly = (): void => {
    const kept = waiting;
    try {
      flush();
    } catch {
      waiting = kept + waiting;
    }
  };

  openFiles.add(file);
  if (!listening) {
    listening = true;
    process.on("exit", flushAll);
  }
  return file;
}
