/**
 * One process at a time in a directory. The lock is the kernel's, so that it goes with its process,
 * however that ends: nothing stale stays after `kill -9`. Node itself has no such locks; SQLite
 * has, on every platform, also between two users in one process: an exclusive transaction, on a
 * database in which nothing is ever written.
 */
import { join } from "node:path";
import { messageOf } from "../../src/errors.js";
import { StateError } from "../../src/state/state-error.js";

/** A lock that is held. */
export interface DirectoryLock {
  release(): void;
}

/** @throws StateError `unavailable` when somebody else has it */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const { default: Libsql } = await import("libsql");
  const database = new Libsql(join(directory, "lock"));
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    const isHeld = (error as { readonly code?: unknown }).code === "SQLITE_BUSY";
    const message = isHeld
      ? `the states in ${directory} are open already, in this process or another one: close that ` +
        "store first, for one at a time may have a directory"
      : `cannot lock ${directory}: ${messageOf(error)}`;
    throw new StateError("unavailable", message, { cause: error });
  }
  return {
    release: () => {
      database.close();
    },
  };
}
