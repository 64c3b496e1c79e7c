/**
 * A journal: a checkpoint and the records that came after it, on the `Disk` port. It is what the
 * replicated systems keep their state in, as `durable-map.ts` is for single nodes.
 *
 * Files and recovery are those of `durable-map.ts`: `checkpoint` names the generation g of the log
 * `log-g`; a new generation is written aside, synced, and put in place by one rename. Records that
 * are appended at once share a frame and a sync (group commit), in the order of the calls: whoever
 * knows that a record is durable knows it of all before it.
 *
 * A failed disk call ends the node: what the disk holds is not known from then on (Rebello et al.,
 * "Can Applications Recover from fsync Failures?", USENIX ATC 2020), and a replica that does not
 * know what it has said must not say more.
 */
import type { Value } from "../../src/history/value.js";
import { DiskError, type Disk } from "../../src/world/disk.js";
import { decodeFrames, encodeFrame, FRAME_HEADER_BYTES } from "./frame.js";

/** How to open a journal; the defaults are right, everything else is a bug to show. */
export interface JournalOptions {
  /** Whether records are forced to the disk before they count as durable. Default true. */
  readonly syncs?: boolean;
  /**
   * What to make of the text of a torn record at the end, instead of dropping it; undefined drops
   * it.
   */
  readonly salvage?: (text: string) => Value | undefined;
}

/** What earlier incarnations left; nothing may be appended before the first `replace`. */
export interface Journal {
  /** Undefined at the very first start. */
  readonly checkpoint: Value | undefined;
  readonly records: readonly Value[];
  /** Resolves when the record, and all before it, are durable. */
  append(record: Value): Promise<void>;
  /** Puts a checkpoint in the place of everything before it. */
  replace(checkpoint: Value): Promise<void>;
  /** Resolves when everything so far is durable. */
  durable(): Promise<void>;
}

const CHECKPOINT = "checkpoint";
const TEMPORARY = "checkpoint.tmp";

/** Reads what is there. @throws DiskError `io` when a file is damaged as no crash explains. */
export async function openJournal(disk: Disk, options: JournalOptions = {}): Promise<Journal> {
  const found = await recover(disk, options);
  const writer = new Writer(disk, found.generation, options.syncs ?? true);
  return {
    checkpoint: found.checkpoint,
    records: found.records,
    append: async (record) => writer.append(record),
    replace: async (checkpoint) => writer.replace(checkpoint),
    durable: () => writer.durable(),
  };
}

interface Found {
  readonly generation: number;
  readonly checkpoint: Value | undefined;
  readonly records: readonly Value[];
}

async function recover(disk: Disk, options: JournalOptions): Promise<Found> {
  const { syncs = true, salvage } = options;
  // A crash in the middle of the rename may have left both names on one file.
  await disk.remove(TEMPORARY);
  const bytes = await disk.read(CHECKPOINT);
  const [payload] = bytes === undefined ? [] : decodeFrames(bytes).payloads;
  if (payload === undefined) {
    if (bytes !== undefined && syncs) throw new DiskError("io", `${CHECKPOINT} is damaged`);
    return { generation: 0, checkpoint: undefined, records: [] };
  }
  const [generation, checkpoint] = payload as readonly [number, Value];
  for (const file of await disk.list()) {
    if (file.startsWith("log-") && file !== logName(generation)) await disk.remove(file);
  }
  const log = await disk.read(logName(generation));
  if (log === undefined) {
    if (syncs) throw new DiskError("io", `${logName(generation)} is missing`);
    return { generation, checkpoint, records: [] };
  }
  const { payloads, goodBytes, goodBehindBad } = decodeFrames(log);
  if (syncs && goodBehindBad !== undefined) {
    const message = `${logName(generation)} is damaged at byte ${goodBytes}, with a good record behind it`;
    throw new DiskError("io", message);
  }
  const records = payloads.flatMap((batch) => batch as readonly Value[]);
  const torn = log.subarray(goodBytes + FRAME_HEADER_BYTES);
  const salvaged = torn.length > 0 ? salvage?.(new TextDecoder().decode(torn)) : undefined;
  return {
    generation,
    checkpoint,
    records: salvaged === undefined ? records : [...records, salvaged],
  };
}

type Job =
  | { readonly kind: "append"; readonly record: Value; readonly done: () => void }
  | { readonly kind: "replace"; readonly checkpoint: Value; readonly done: () => void };

/** Writes one job after the other; appends that wait together are written together. */
class Writer {
  readonly #disk: Disk;
  readonly #syncs: boolean;
  #generation: number;
  #jobs: Job[] = [];
  #busy = false;
  #failed = false;
  /** What waits for the jobs so far; undefined when nothing is under way. */
  #idle: Promise<void> | undefined;

  constructor(disk: Disk, generation: number, syncs: boolean) {
    this.#disk = disk;
    this.#generation = generation;
    this.#syncs = syncs;
  }

  append(record: Value): Promise<void> {
    return this.#add((done) => ({ kind: "append", record, done }));
  }

  replace(checkpoint: Value): Promise<void> {
    return this.#add((done) => ({ kind: "replace", checkpoint, done }));
  }

  durable(): Promise<void> {
    return this.#idle ?? Promise.resolve();
  }

  #add(job: (done: () => void) => Job): Promise<void> {
    const added = new Promise<void>((resolve) => this.#jobs.push(job(resolve)));
    this.#idle = added;
    if (!this.#busy && !this.#failed) void this.#pump();
    return added;
  }

  /** Nobody handles what it throws: the node ends with it. */
  async #pump(): Promise<void> {
    this.#busy = true;
    try {
      while (this.#jobs.length > 0) {
        const count = this.#jobs.findIndex(({ kind }) => kind === "replace");
        const batch = this.#jobs.splice(0, count === -1 ? this.#jobs.length : Math.max(1, count));
        await this.#write(batch);
        for (const { done } of batch) done();
      }
      this.#idle = undefined;
    } catch (error) {
      this.#failed = true;
      throw error;
    } finally {
      this.#busy = false;
    }
  }

  async #write(batch: readonly Job[]): Promise<void> {
    const [first] = batch;
    if (first?.kind === "replace") return this.#nextGeneration(first.checkpoint);
    const records = batch.flatMap((job) => (job.kind === "append" ? [job.record] : []));
    const log = logName(this.#generation);
    await this.#disk.append(log, encodeFrame(records));
    return this.#syncs ? this.#disk.sync(log) : undefined;
  }

  async #nextGeneration(checkpoint: Value): Promise<void> {
    const disk = this.#disk;
    const next = this.#generation + 1;
    const log = logName(next);
    const sync = async (file: string): Promise<void> => (this.#syncs ? disk.sync(file) : undefined);
    const syncDirectory = async (): Promise<void> =>
      this.#syncs ? disk.syncDirectory() : undefined;
    await disk.write(TEMPORARY, encodeFrame([next, checkpoint]));
    await sync(TEMPORARY);
    await disk.write(log, new Uint8Array(0));
    await sync(log);
    // The log has to be there before the checkpoint that points to it.
    await syncDirectory();
    await disk.rename(TEMPORARY, CHECKPOINT);
    await syncDirectory();
    await disk.remove(logName(this.#generation));
    this.#generation = next;
  }
}

function logName(generation: number): string {
  return `log-${generation}`;
}
