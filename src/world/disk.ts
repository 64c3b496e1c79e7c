/**
 * A node's disk, as a port: flat files, with the guarantees of POSIX and no more. Bytes are
 * *written* when a call resolves and *durable* only after `sync`; a rename, creation or removal is
 * durable only after
 * `syncDirectory`. A kill keeps what was written; a loss of power may drop or tear all that is not
 * durable.
 *
 * Names are plain (`log`, `log.tmp`): letters, digits, `.`, `-`, `_`. Errors reject with
 * `DiskError`.
 */

/** Files of one node. */
export interface Disk {
  /** The whole content, or undefined when there is no such file. */
  read(file: string): Promise<Uint8Array | undefined>;
  /** Replaces the content; creates the file. */
  write(file: string, bytes: Uint8Array): Promise<void>;
  /** Adds to the end; creates the file. */
  append(file: string, bytes: Uint8Array): Promise<void>;
  /** Cuts the file to this many bytes. */
  truncate(file: string, sizeBytes: number): Promise<void>;
  /** Atomically renames, replacing the target. */
  rename(from: string, to: string): Promise<void>;
  /** Removes; no error when absent. */
  remove(file: string): Promise<void>;
  /** The names of all files, sorted. */
  list(): Promise<readonly string[]>;
  /**
   * fsync of a file's content. When it fails, what it was about may never become durable, also when
   * a later one succeeds.
   */
  sync(file: string): Promise<void>;
  /**
   * `append` and then `sync` as one call (as `O_DSYNC` does it); nothing comes between them, and
   * what is added stays added when the sync fails. Optional: whoever has no such thing calls both.
   */
  appendDurably?(file: string, bytes: Uint8Array): Promise<void>;
  /** fsync of the directory: makes creations, renames and removals durable. */
  syncDirectory(): Promise<void>;
  /** The real directory, for programs that hand files to a library; undefined in the simulation. */
  readonly directory: string | undefined;
}

/** Why a disk call failed. */
export type DiskErrorCode = "not-found" | "no-space" | "io";

/** A failed disk call; whether it took effect in part is unknown. */
export class DiskError extends Error {
  override readonly name = "DiskError";
  readonly code: DiskErrorCode;

  constructor(code: DiskErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
