/**
 * A map that survives crashes: a write-ahead log with checkpoints, on the `Disk` port.
 *
 * Files. `checkpoint` holds a whole state and the number g of its generation; `log-g` holds what
 * came after it. A new generation is written aside (`checkpoint.tmp`, and an empty `log-(g+1)`),
 * synced, and put in place by one rename, which is the point at which it counts. A crash before it
 * leaves the old pair untouched, a crash after it the new one; what else lies around is removed at
 * the next start.
 *
 * Answers. Transactions run one after the other in batches: run all, append one frame with their
 * changes, sync, and only then answer (group commit). Those that change nothing wait for the same
 * sync, because a read that shows a write which a loss of power then undoes is a violation as bad
 * as a lost write.
 *
 * Recovery serves nothing before it has written the state that it found as a new generation.
 * Reading a log back does not make it durable: after a kill, or a sync that failed, its end may
 * exist in the page cache alone (Rebello et al., "Can Applications Recover from fsync Failures?",
 * USENIX ATC 2020).
 *
 * A failed disk call ends the map: what the disk holds is not known from then on, so it refuses all
 * that follows until its node starts anew. What was under way is indeterminate.
 */
import { messageOf } from "../../src/errors.js";
import type { Value } from "../../src/history/value.js";
import { DiskError, type Disk } from "../../src/world/disk.js";
import { decodeFrames, encodeFrame, type Frames } from "./frame.js";

/** A change of one key; `value` undefined removes it. */
export interface MapChange {
  readonly key: string;
  readonly value: Value | undefined;
}

/** Looks at the state, and tells what to change and what to answer once the change is durable. */
export type Transaction<T> = (state: ReadonlyMap<string, Value>) => {
  readonly changes: readonly MapChange[];
  readonly result: T;
};

/** A map on a disk. */
export interface DurableMap {
  /**
   * Carries out a transaction; resolves when everything that it changed and saw is durable.
   * @throws DurableMapError
   */
  transact<T>(transaction: Transaction<T>): Promise<T>;
}

/** How to open a map. */
export interface DurableMapOptions {
  /**
   * Whether to sync before answering. False is a bug to show: data is lost with the power. Default
   * true.
   */
  readonly syncs?: boolean;
  /**
   * Whether a sync of the log that failed is tried again until it succeeds, and a log with a hole
   * is read up to it. A bug to show: what the first sync was about may be lost all the same.
   * Default false.
   */
  readonly retriesSync?: boolean;
  /** Size of the log in bytes that starts a new generation. Default 64 KiB. */
  readonly checkpointBytes?: number;
}

/**
 * Why a transaction did not get through. `indeterminate`: it may be found after the next start, or
 * not.
 * `stopped`: it was never tried.
 */
export class DurableMapError extends Error {
  override readonly name = "DurableMapError";
  readonly code: "indeterminate" | "stopped";

  constructor(code: "indeterminate" | "stopped", message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

const CHECKPOINT = "checkpoint";
const TEMPORARY = "checkpoint.tmp";
const DEFAULT_CHECKPOINT_BYTES = 64 * 1024;

interface Pending {
  readonly transaction: Transaction<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: DurableMapError) => void;
}

/**
 * Opens the map, with what earlier incarnations left.
 * @throws DiskError `io` when a file is damaged in a way that no crash explains.
 */
export async function openDurableMap(
  disk: Disk,
  options: DurableMapOptions = {},
): Promise<DurableMap> {
  const { syncs = true, retriesSync = false } = options;
  const { checkpointBytes = DEFAULT_CHECKPOINT_BYTES } = options;
  const files = syncs ? disk : withoutSync(disk);
  const log = retriesSync ? syncedAgain(files) : files;
  const found = await recover(files, syncs && !retriesSync);
  const { state } = found;
  let generation = await nextGeneration(files, found);
  let logBytes = 0;
  let queue: Pending[] = [];
  let busy = false;
  let broken: unknown;

  const commit = async (changes: readonly MapChange[]): Promise<void> => {
    if (changes.length === 0) return;
    const frame = encodeFrame(changes.map(encodeChange));
    await log.append(logName(generation), frame);
    await log.sync(logName(generation));
    logBytes += frame.length;
  };

  const runBatch = async (batch: readonly Pending[]): Promise<void> => {
    const changes: MapChange[] = [];
    const answers: (() => void)[] = [];
    for (const { transaction, resolve } of batch) {
      const done = transaction(state);
      for (const change of done.changes) apply(state, change);
      changes.push(...done.changes);
      answers.push(() => resolve(done.result));
    }
    await commit(changes);
    for (const answer of answers) answer();
    if (logBytes < checkpointBytes) return;
    generation = await nextGeneration(files, { state, generation });
    logBytes = 0;
  };

  const pump = async (): Promise<void> => {
    busy = true;
    while (queue.length > 0) {
      const batch = queue;
      queue = [];
      try {
        await runBatch(batch);
      } catch (error) {
        // Those of the batch that were answered already are not changed by this.
        broken = error;
        const message = `the disk failed: ${messageOf(error)}`;
        for (const { reject } of batch)
          reject(new DurableMapError("indeterminate", message, error));
        for (const { reject } of queue) reject(new DurableMapError("stopped", message, error));
        queue = [];
      }
    }
    busy = false;
  };

  return {
    transact: <T>(transaction: Transaction<T>) =>
      new Promise<T>((resolve, reject) => {
        if (broken !== undefined) {
          const message = `this store stopped when its disk failed: ${messageOf(broken)}`;
          reject(new DurableMapError("stopped", message, broken));
          return;
        }
        queue.push({ transaction, resolve: resolve as (result: unknown) => void, reject });
        if (!busy) void pump();
      }),
  };
}

interface Generation {
  readonly state: Map<string, Value>;
  readonly generation: number;
}

/** Reads what is there: the checkpoint and the log that belongs to it. */
async function recover(disk: Disk, syncs: boolean): Promise<Generation> {
  // A crash in the middle of the rename may have left both names on one file; writing to one would
  // hit the other.
  await disk.remove(TEMPORARY);
  const bytes = await disk.read(CHECKPOINT);
  if (bytes === undefined) return freshStart(disk, syncs);
  const frames = decodeFrames(bytes);
  const [checkpoint] = frames.payloads;
  if (checkpoint === undefined || frames.goodBytes !== bytes.length) {
    // It was synced before it got its name, so that no crash can have torn it.
    if (syncs) throw new DiskError("io", `${CHECKPOINT} is damaged at byte ${frames.goodBytes}`);
    return freshStart(disk, syncs);
  }
  const [generation, entries] = checkpoint as readonly [number, readonly [string, Value][]];
  const state = new Map(entries);
  const file = logName(generation);
  const log = await disk.read(file);
  if (log === undefined) {
    // Its creation was durable before the checkpoint got its name.
    if (syncs) throw new DiskError("io", `${file} is missing, to which ${CHECKPOINT} points`);
    return { state, generation };
  }
  replay(state, soundFrames(file, log, syncs));
  return { state, generation };
}

/** No checkpoint: the first start, or a crash before the end of the first start. */
async function freshStart(disk: Disk, syncs: boolean): Promise<Generation> {
  for (const file of await disk.list()) {
    if (!file.startsWith("log-") || !syncs) continue;
    // Nothing is appended to any log before the first checkpoint is durable.
    if ((await disk.read(file))?.length)
      throw new DiskError("io", `${CHECKPOINT} is missing, but ${file} has entries`);
  }
  return { state: new Map(), generation: 0 };
}

/** The good frames; a torn one at the end was never answered for, and is cut off. */
function soundFrames(file: string, log: Uint8Array, syncs: boolean): Frames {
  const frames = decodeFrames(log);
  if (syncs && frames.goodBehindBad !== undefined) {
    throw new DiskError(
      "io",
      `${file} is damaged at byte ${frames.goodBytes}: entries that were durable are lost, ` +
        `for there is a good one behind it at byte ${frames.goodBehindBad}`,
    );
  }
  return frames;
}

function replay(state: Map<string, Value>, { payloads }: Frames): void {
  for (const payload of payloads) {
    for (const entry of payload as readonly Value[]) apply(state, decodeChange(entry));
  }
}

/**
 * Writes the state as a new generation with an empty log, and removes the others; answers its
 * number.
 */
async function nextGeneration(disk: Disk, { state, generation }: Generation): Promise<number> {
  const next = generation + 1;
  const log = logName(next);
  await disk.write(TEMPORARY, encodeFrame([next, [...state]]));
  await disk.sync(TEMPORARY);
  await disk.write(log, new Uint8Array(0));
  await disk.sync(log);
  // The log has to be there before the checkpoint that points to it.
  await disk.syncDirectory();
  await disk.rename(TEMPORARY, CHECKPOINT);
  await disk.syncDirectory();
  for (const file of await disk.list()) {
    if (file.startsWith("log-") && file !== log) await disk.remove(file);
  }
  return next;
}

function apply(state: Map<string, Value>, { key, value }: MapChange): void {
  if (value === undefined) state.delete(key);
  else state.set(key, value);
}

/** `[key, value]`, or `[key]` for a removal. */
function encodeChange({ key, value }: MapChange): Value {
  return value === undefined ? [key] : [key, value];
}

function decodeChange(entry: Value): MapChange {
  const [key, value] = entry as readonly [string, Value?];
  return { key, value };
}

function logName(generation: number): string {
  return `log-${generation}`;
}

/** The bug of `no-fsync`: nothing is ever forced to the disk. */
function withoutSync(disk: Disk): Disk {
  return withSync(disk, { sync: async () => undefined, syncDirectory: async () => undefined });
}

/** The bug of `fsync-retried`: a sync that succeeds is believed, whatever was before it. */
function syncedAgain(disk: Disk): Disk {
  const sync = async (file: string): Promise<void> => {
    for (;;) {
      try {
        return await disk.sync(file);
      } catch (error) {
        if (!(error instanceof DiskError && error.code === "io")) throw error;
      }
    }
  };
  return withSync(disk, { sync, syncDirectory: () => disk.syncDirectory() });
}

function withSync(disk: Disk, syncs: Pick<Disk, "sync" | "syncDirectory">): Disk {
  return {
    directory: disk.directory,
    read: (file) => disk.read(file),
    write: (file, bytes) => disk.write(file, bytes),
    append: (file, bytes) => disk.append(file, bytes),
    truncate: (file, sizeBytes) => disk.truncate(file, sizeBytes),
    rename: (from, to) => disk.rename(from, to),
    remove: (file) => disk.remove(file),
    list: () => disk.list(),
    ...syncs,
  };
}
