/**
 * The disk of a real node: a directory of its own, through `node:fs`. Calls take effect one after
 * the other in the order in which they were made, so that two appends cannot overtake each other in
 * the thread pool.
 */
import { constants } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, truncate } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf } from "../errors.js";
import { DiskError, type Disk, type DiskErrorCode } from "../world/disk.js";

/** Opens the directory as a disk; makes it, durably, when it is not there. */
export async function openRealDisk(directory: string): Promise<Disk> {
  await mkdir(directory, { recursive: true });
  await syncDirectory(dirname(directory));
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
      return inTurn(`write ${file}`, () => put(at(file), copy, "w"));
    },
    append: (file, bytes) => {
      const copy = bytes.slice();
      return inTurn(`append to ${file}`, () => put(at(file), copy, "a"));
    },
    truncate: (file, sizeBytes) => inTurn(`truncate ${file}`, () => truncate(at(file), sizeBytes)),
    rename: (from, to) => inTurn(`rename ${from} to ${to}`, () => rename(at(from), at(to))),
    remove: (file) => inTurn(`remove ${file}`, () => rm(at(file), { force: true })),
    list: () =>
      inTurn("list", async () => {
        const entries = await readdir(directory, { withFileTypes: true });
        return entries
          .filter((entry) => entry.isFile())
          .map(({ name }) => name)
          .sort();
      }),
    sync: (file) => inTurn(`sync ${file}`, () => syncFile(at(file))),
    syncDirectory: () => inTurn("sync the directory", () => syncDirectory(directory)),
  };
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

async function put(path: string, bytes: Uint8Array, flag: "w" | "a"): Promise<void> {
  const handle = await open(path, flag);
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
