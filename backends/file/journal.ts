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
import { decodeFrames, encodeFrame, encodeTextFrame, FRAME_HEADER_BYTES } from "./frame.js";

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
  /** Appends a record that is JSON already; `whenDurable` tells of it. */
  appendText(record: string): void;
  /** Puts a checkpoint in the place of everything before it. */
  replace(checkpoint: Value): Promise<void>;
  /** Resolves when everything so far is durable. */
  durable(): Promise<void>;
  /** Calls back when everything so far is durable; at once, when it is. */
  whenDurable(action: () => void): void;
  /** Whether everything is durable, so that all that it goes by is on the disk. */
  isIdle(): boolean;
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
    append: (record) => {
      writer.add({ kind: "append", record: JSON.stringify(record) });
      return writer.durable();
    },
    appendText: (record) => writer.add({ kind: "append", record }),
    replace: (checkpoint) => {
      writer.add({ kind: "replace", checkpoint });
      return writer.durable();
    },
    durable: () => writer.durable(),
    whenDurable: (action) => writer.whenDurable(action),
    isIdle: () => writer.isIdle(),
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
  /** A record, as JSON. */
  | { readonly kind: "append"; readonly record: string }
  | { readonly kind: "replace"; readonly checkpoint: Value };

function isCheckpoint({ kind }: Job): boolean {
  return kind === "replace";
}

/** Somebody who waits for the first so many jobs. */
interface Waiting {
  readonly jobs: number;
  readonly action: () => void;
}

/** Writes one job after the other; appends that wait together are written together. */
class Writer {
  readonly #disk: Disk;
  readonly #syncs: boolean;
  #generation: number;
  #jobs: Job[] = [];
  #busy = false;
  #failed = false;
  /** How many jobs there were, and how many of them are durable. */
  #added = 0;
  #durable = 0;
  /** In the order of the jobs. */
  #waiting: Waiting[] = [];

  constructor(disk: Disk, generation: number, syncs: boolean) {
    this.#disk = disk;
    this.#generation = generation;
    this.#syncs = syncs;
  }

  add(job: Job): void {
    this.#jobs.push(job);
    this.#added++;
    if (!this.#busy && !this.#failed) this.#next();
  }

  isIdle(): boolean {
    return !this.#busy && this.#durable === this.#added;
  }

  durable(): Promise<void> {
    return new Promise((resolve) => this.whenDurable(resolve));
  }

  whenDurable(action: () => void): void {
    if (this.#durable === this.#added) action();
    else this.#waiting.push({ jobs: this.#added, action });
  }

  /** Writes what waits; nobody handles what is thrown here, and the node ends with it. */
  #next(): void {
    this.#busy = true;
    const batch = this.#nextBatch();
    const first = batch[0];
    const written =
      first?.kind === "replace" ? this.#nextGeneration(first.checkpoint) : this.#append(batch);
    void written.then(() => this.#written(batch.length), this.#fail);
    // The disk is busy again before anybody is told.
    this.#tell();
  }

  #append(batch: readonly Job[]): Promise<void> {
    const disk = this.#disk;
    const log = logName(this.#generation);
    const frame = encodeTextFrame(textOfBatch(batch));
    if (!this.#syncs) return disk.append(log, frame);
    return disk.appendDurably?.(log, frame) ?? disk.append(log, frame).then(() => disk.sync(log));
  }

  #written(jobs: number): void {
    this.#durable += jobs;
    if (this.#jobs.length > 0) {
      this.#next();
      return;
    }
    this.#busy = false;
    this.#tell();
  }

  readonly #fail = (error: unknown): never => {
    this.#failed = true;
    this.#busy = false;
    throw error;
  };

  /** Takes what is written together: a checkpoint alone, records up to the next one. */
  #nextBatch(): readonly Job[] {
    const jobs = this.#jobs;
    const count = jobs.findIndex(isCheckpoint);
    if (count !== -1) return jobs.splice(0, Math.max(1, count));
    this.#jobs = [];
    return jobs;
  }

  /** Calls those back who wait for what is durable. */
  #tell(): void {
    while ((this.#waiting[0]?.jobs ?? Infinity) <= this.#durable) {
      this.#waiting.shift()?.action();
    }
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

/** The list of the records, as JSON. */
function textOfBatch(batch: readonly Job[]): string {
  let text = "";
  for (const job of batch) if (job.kind === "append") text += `${text && ","}${job.record}`;
  return `[${text}]`;
}

function logName(generation: number): string {
  return `log-${generation}`;
}
