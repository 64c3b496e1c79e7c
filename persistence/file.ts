/**
 * States in files: an append-only log in segments, with checksums, checkpoints and compaction. What
 * it acknowledged survives kills and losses of power, torn writes and a full disk; what it shows
 * was durable first. One process at a time may have a directory open.
 *
 * It stands on the `Disk` port, so that the same code runs on real files and on the simulated disk
 * that loses power.
 */
import { HarnessError, messageOf } from "../src/errors.js";
import { createRealClock, readEpoch } from "../src/real/clock.js";
import { openRealDisk, type RealDisk } from "../src/real/disk.js";
import { statePersistence } from "../src/state/derive.js";
import type { Durability, StateChange, StatePersistence } from "../src/state/persistence.js";
import {
  checkpointRecovery,
  type RecoveryReport,
  type RecoveryStrategy,
} from "../src/state/recovery.js";
import { StateError } from "../src/state/state-error.js";
import { checkConditions, type NumberedChange, type StateTable } from "../src/state/state-table.js";
import type { Clock, Timer } from "../src/world/clock.js";
import { DiskError, type Disk } from "../src/world/disk.js";
import { lockDirectory, type DirectoryLock } from "./file/directory-lock.js";
import { readLeftovers } from "./file/leftovers.js";
import { StateLog } from "./file/state-log.js";

/**
 * When changes are forced to the disk. `always`: before they are answered. `everyMs`: within that
 * time after; a loss of power may undo what was answered since. `never`: when the operating system
 * likes; only an orderly end and a kill lose nothing.
 */
export type FsyncPolicy = "always" | "never" | { readonly everyMs: number };

/** Options of the file store. */
export interface FileOptions {
  /** Default `always`. */
  readonly fsync?: FsyncPolicy;
  /** Size of the log in bytes that starts a new checkpoint, 1 or more. Default 1 MiB. */
  readonly checkpointBytes?: number;
  /** How it comes back. Default `checkpointRecovery()`. */
  readonly recovery?: RecoveryStrategy;
}

/** A file store, with what it found when it was opened. */
export interface FilePersistence extends StatePersistence {
  readonly recovery: RecoveryReport;
}

const DEFAULT_CHECKPOINT_BYTES = 1024 * 1024;

/**
 * Opens the store of a directory, which is made when it is not there.
 * @throws StateError `corrupt` when durable states are lost, `unavailable` when the disk fails or
 *   somebody else has the directory open; HarnessError `bad-argument`
 */
export async function filePersistence(
  directory: string,
  options: FileOptions = {},
): Promise<FilePersistence> {
  checkOptions(options);
  if (typeof directory !== "string" || directory === "") {
    throw new HarnessError("bad-argument", "the directory of a store has a name");
  }
  const clock = createRealClock(readEpoch());
  const { disk, lock } = await openPlace(directory);
  try {
    const store = await filePersistenceOn({ disk, clock }, options);
    const close = async (): Promise<void> => {
      try {
        await store.close();
      } finally {
        await disk.close().finally(() => lock.release());
      }
    };
    return { ...store, close };
  } catch (error) {
    await disk.close().finally(() => lock.release());
    throw error;
  }
}

/** @throws StateError `unavailable` */
async function openPlace(directory: string): Promise<{ disk: RealDisk; lock: DirectoryLock }> {
  try {
    return { disk: await openRealDisk(directory), lock: await lockDirectory(directory) };
  } catch (error) {
    if (error instanceof StateError) throw error;
    const message = `there can be no store in ${directory}: `;
    throw new StateError("unavailable", message + messageOf(error), { cause: error });
  }
}

/** @throws HarnessError `bad-argument` */
function checkOptions({ fsync = "always", checkpointBytes = 1 }: FileOptions): void {
  const everyMs = (fsync as { readonly everyMs?: unknown } | null)?.everyMs;
  const isPolicy = fsync === "always" || fsync === "never" || isPositive(everyMs);
  if (isPolicy && isPositive(checkpointBytes)) return;
  const message = isPolicy
    ? `checkpointBytes is a number above 0, not ${String(checkpointBytes)}`
    : 'fsync is "always", "never" or { everyMs } with a number above 0, not ' +
      JSON.stringify(fsync);
  throw new HarnessError("bad-argument", message);
}

function isPositive(value: unknown): boolean {
  return typeof value === "number" && value > 0;
}

/**
 * Opens the store of a disk, real or simulated, that nobody else uses.
 * @throws StateError `corrupt` when durable states are lost, `unavailable` when the disk fails;
 *   HarnessError `bad-argument`
 */
export async function filePersistenceOn(
  { disk, clock }: { readonly disk: Disk; readonly clock: Clock },
  options: FileOptions = {},
): Promise<FilePersistence> {
  checkOptions(options);
  const { fsync = "always", recovery: strategy = checkpointRecovery() } = options;
  const files = fsync === "never" ? withoutSync(disk) : disk;
  const log = new StateLog(files, {
    syncs: fsync === "always" ? "each" : fsync === "never" ? "never" : "end",
    checkpointBytes: options.checkpointBytes ?? DEFAULT_CHECKPOINT_BYTES,
    keepsAll: strategy.needsWholeLog,
  });
  const { table, report } = await recover({ files, strategy, log });
  const everyMs = typeof fsync === "object" ? fsync.everyMs : undefined;
  const groups = new Groups({ table, log, clock, everyMs });
  const durability: Durability = fsync === "always" ? "power-loss" : "kill";
  const persistence = statePersistence({
    name: "file",
    durability,
    saveState: async (key, value, more) =>
      (await groups.commit([{ kind: "save", key, value, ...more }]))[0] as number,
    loadState: async (key) => groups.readable().load(key),
    deleteState: async (key, more) => {
      await groups.commit([{ kind: "delete", key, ...more }]);
    },
    listStates: async (more) => groups.readable().list(more),
    batch: async (changes) => groups.commit(changes),
    close: async () => groups.close(),
  });
  return { ...persistence, recovery: report };
}

async function recover({
  files,
  strategy,
  log,
}: {
  readonly files: Disk;
  readonly strategy: RecoveryStrategy;
  readonly log: StateLog;
}): Promise<{ readonly table: StateTable; readonly report: RecoveryReport }> {
  try {
    const leftovers = await readLeftovers(files);
    const { table, report } = await strategy.recover(leftovers);
    const { segments, damage } = leftovers;
    await log.begin(table, { segments, checkpoint: report.checkpoint });
    return { table, report: { ...report, damage: [...report.damage, ...damage] } };
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    throw new StateError("unavailable", messageOf(error), { cause: error });
  }
}

/** Some times what an answered caller needs that makes two more calls through a wrapper or two. */
const GATHERING_TURNS = 32;

/** A call that waits for its group. */
interface Waiting {
  readonly changes: readonly StateChange[];
  readonly resolve: (versions: readonly number[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Calls that come while a group is written make up the next one, which shares one sync (group
 * commit). The table shows a group only when it is as durable as the policy makes it; refusals wait
 * for that too, because they tell what they have seen.
 */
class Groups {
  readonly #table: StateTable;
  readonly #log: StateLog;
  readonly #clock: Clock;
  readonly #everyMs: number | undefined;
  #waiting: Waiting[] = [];
  #pumping: Promise<void> | undefined;
  #timer: Timer | undefined;
  #syncIsDue = false;

  constructor(parts: {
    readonly table: StateTable;
    readonly log: StateLog;
    readonly clock: Clock;
    readonly everyMs: number | undefined;
  }) {
    this.#table = parts.table;
    this.#log = parts.log;
    this.#clock = parts.clock;
    this.#everyMs = parts.everyMs;
  }

  /** The states, as long as it is certain that they are on the disk. */
  readable(): StateTable {
    if (this.#log.isBroken) throw stopped();
    return this.#table;
  }

  commit(changes: readonly StateChange[]): Promise<readonly number[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ changes, resolve, reject });
      this.#pumping ??= this.#pump();
    });
  }

  async close(): Promise<void> {
    await this.#pumping;
    // Not before: what was still to be written may have set it.
    this.#timer?.cancel();
    if (this.#everyMs !== undefined && !this.#log.isBroken) await this.#log.sync();
  }

  /**
   * Before each group it lets some turns pass: callers that have just been answered call again in
   * one of these, and would else fall into two crowds that wait for one another's syncs.
   */
  async #pump(): Promise<void> {
    while (this.#waiting.length > 0 || this.#syncIsDue) {
      for (let turn = 0; turn < GATHERING_TURNS; turn++) await Promise.resolve();
      const group = this.#waiting;
      this.#waiting = [];
      await this.#write(group);
      await this.#syncIfDue();
      if (!this.#log.isBroken) await this.#log.tidy(this.#table);
    }
    this.#pumping = undefined;
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    if (this.#log.isBroken) {
      for (const { reject } of group) reject(stopped());
      return;
    }
    const versions = new Map<string, number>();
    const numbered: NumberedChange[] = [];
    const answers: (() => void)[] = [];
    let sequence = this.#table.sequence;
    for (const { changes, resolve, reject } of group) {
      try {
        checkConditions(changes, (key) => versions.get(key) ?? this.#table.versionOf(key));
      } catch (error) {
        answers.push(() => reject(error));
        continue;
      }
      const own = changes.map((change) => {
        const text = change.kind === "save" ? JSON.stringify(change.value) : undefined;
        return { key: change.key, text, version: ++sequence };
      });
      const results = own.map(({ text, version }) => (text === undefined ? 0 : version));
      for (const [place, { key }] of own.entries()) versions.set(key, results[place] as number);
      numbered.push(...own);
      answers.push(() => resolve(results));
    }
    try {
      if (numbered.length > 0) await this.#log.append(numbered);
    } catch (error) {
      for (const { reject } of group) reject(error);
      return;
    }
    this.#table.apply(numbered);
    for (const answer of answers) answer();
    if (numbered.length > 0) this.#syncLater();
  }

  #syncLater(): void {
    if (this.#everyMs === undefined || this.#timer !== undefined) return;
    this.#timer = this.#clock.timer(this.#everyMs, () => {
      this.#timer = undefined;
      this.#syncIsDue = true;
      this.#pumping ??= this.#pump();
    });
  }

  async #syncIfDue(): Promise<void> {
    if (!this.#syncIsDue) return;
    this.#syncIsDue = false;
    // When it fails, the log is broken, and the next call says so.
    if (!this.#log.isBroken) await this.#log.sync().catch(() => undefined);
  }
}

function stopped(): StateError {
  return new StateError("unavailable", "this store stopped when its disk failed: open it again");
}

/** A disk on which nothing is ever forced out. */
function withoutSync(disk: Disk): Disk {
  return {
    directory: disk.directory,
    read: (file) => disk.read(file),
    write: (file, bytes) => disk.write(file, bytes),
    append: (file, bytes) => disk.append(file, bytes),
    truncate: (file, sizeBytes) => disk.truncate(file, sizeBytes),
    rename: (from, to) => disk.rename(from, to),
    remove: (file) => disk.remove(file),
    list: () => disk.list(),
    sync: async () => undefined,
    syncDirectory: async () => undefined,
  };
}
