/**
 * The disk of a real node: a directory of its own, through `node:fs`. Calls take effect one after
 * the other in the order in which they were made, so that two appends cannot overtake each other in
 * the thread pool.
 */
import { constants } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, truncate } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { messageOf } from "../errors.js";
import { DiskError, type Disk, type DiskErrorCode } from "../world/disk.js";

/** A disk that has something open. */
export interface RealDisk extends Disk {
  /** Lets go of what is open, after all calls so far. It may be used again. */
  close(): Promise<void>;
}

/** Opens the directory as a disk; makes it, durably, when it is not there. */
export async function openRealDisk(directory: string): Promise<RealDisk> {
  await makeDirectory(resolve(directory));
  let last: Promise<unknown> = Promise.resolve();

  /** Waits its turn; every error becomes a `DiskError`. */
  const inTurn = <T>(what: string, action: () => Promise<T>): Promise<T> => {
    const turn = last.then(async () => {
      try {
        return await action();
      } catch (error) {
        throw asDiskError(what, error);
      }
    });
    last = turn.catch(() => undefined);
    return turn;
  };
  const at = (file: string): string => join(directory, plain(file));
  // A log appends and syncs again and again: its file stays open until it is another's turn.
  let log: { readonly file: string; readonly handle: FileHandle } | undefined;
  const letGo = async (...files: readonly string[]): Promise<void> => {
    if (log === undefined || (files.length > 0 && !files.includes(log.file))) return;
    const { handle } = log;
    log = undefined;
    await handle.close();
  };
  const openLog = async (file: string): Promise<FileHandle> => {
    if (log?.file !== file) {
      await letGo();
      log = { file, handle: await open(at(file), "a") };
    }
    return log.handle;
  };

  return {
    directory,
    read: (file) =>
      inTurn(`read ${file}`, async () => {
        const path = at(file);
        try {
          return new Uint8Array(await readFile(path));
        } catch (error) {
          if (codeOf(error) === "ENOENT") return undefined;
          throw error;
        }
      }),
    write: (file, bytes) => {
      const copy = bytes.slice();
      return inTurn(`write ${file}`, async () => {
        await letGo(file);
        await put(at(file), copy);
      });
    },
    append: (file, bytes) => {
      const copy = bytes.slice();
      return inTurn(`append to ${file}`, async () => {
        const handle = await openLog(file);
        await handle.appendFile(copy);
      });
    },
    appendDurably: (file, bytes) => {
      const copy = bytes.slice();
      return inTurn(`append to ${file} durably`, async () => {
        const handle = await openLog(file);
        await handle.appendFile(copy);
        await handle.datasync();
      });
    },
    truncate: (file, sizeBytes) =>
      inTurn(`truncate ${file}`, async () => {
        await letGo(file);
        await truncate(at(file), sizeBytes);
      }),
    rename: (from, to) =>
      inTurn(`rename ${from} to ${to}`, async () => {
        await letGo(from, to);
        await rename(at(from), at(to));
      }),
    remove: (file) =>
      inTurn(`remove ${file}`, async () => {
        await letGo(file);
        await rm(at(file), { force: true });
      }),
    list: () =>
      inTurn("list", async () => {
        const entries = await readdir(directory, { withFileTypes: true });
        return entries
          .filter((entry) => entry.isFile())
          .map(({ name }) => name)
          .sort();
      }),
    sync: (file) =>
      inTurn(`sync ${file}`, async () => {
        // The size that appends have changed is synced with the data; times need not be.
        if (log?.file === file) await log.handle.datasync();
        else await syncFile(at(file));
      }),
    syncDirectory: () => inTurn("sync the directory", () => syncDirectory(directory)),
    close: () => inTurn("close", () => letGo()),
  };
}

/** Each directory that is new is an entry of the one above, which has to be synced. */
async function makeDirectory(path: string): Promise<void> {
  const first = (await mkdir(path, { recursive: true })) ?? path;
  for (let made = path; ; made = dirname(made)) {
    await syncDirectory(dirname(made));
    if (made === first || made === dirname(made)) return;
  }
}

/** A name stays inside the directory, and means the same on every file system. */
function plain(file: string): string {
  if (!/^[A-Za-z0-9._-]{1,200}$/.test(file) || file === "." || file === "..") {
    throw new DiskError(
      "io",
      `${JSON.stringify(file)} is not a file name: use letters, digits, ".", "-" and "_"`,
    );
  }
  return file;
}

async function put(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, "w");
  try {
    // `writeFile` on a handle goes on after a short write.
    await handle.writeFile(bytes);
  } finally {
    await handle.close();
  }
}

async function syncFile(path: string): Promise<void> {
  // Windows flushes only what is open for writing.
  const handle = await open(path, constants.O_RDWR);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncDirectory(path: string): Promise<void> {
  // Windows has no fsync of directories; NTFS journals their changes itself.
  if (process.platform === "win32") return;
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const CODES: { readonly [code: string]: DiskErrorCode } = {
  ENOENT: "not-found",
  ENOSPC: "no-space",
  EDQUOT: "no-space",
};

function asDiskError(what: string, error: unknown): DiskError {
  if (error instanceof DiskError) return error;
  const code = CODES[codeOf(error) ?? ""] ?? "io";
  return new DiskError(code, `cannot ${what}: ${messageOf(error)}`, { cause: error });
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}
