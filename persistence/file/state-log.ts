/**
 * The writing half of the file store: groups of changes go to the end of the last segment, and when
 * that is long enough, a checkpoint is written and a new segment begun.
 *
 * What a name points to is durable before it gets the name: segments and checkpoints are written
 * aside, synced, and renamed. So a crash leaves whole files, and at the most a torn end of the last
 * segment. The two newest checkpoints are kept, and the log from the older one on: when the newer
 * one is damaged, nothing is lost.
 *
 * A disk that is full loses nothing: what was written in part is cut off again, which is certain
 * once it is synced, and the group was never there. After any other failure of the disk it is not
 * known what it holds, and the log stops for good (Rebello et al., "Can Applications Recover from
 * fsync Failures?", USENIX ATC 2020).
 */
import { messageOf } from "../../src/errors.js";
import { StateError } from "../../src/state/state-error.js";
import type { NumberedChange, StateTable } from "../../src/state/state-table.js";
import { DiskError, type Disk } from "../../src/world/disk.js";
import { checkpointName, encodeCheckpoint, encodeGroup, encodeHeader } from "./format.js";
import { numberIn, segmentName, TEMPORARY, type Segment, type Syncs } from "./format.js";

/** How a log is written. */
export interface StateLogOptions {
  readonly syncs: Syncs;
  /** Bytes of a segment that make a checkpoint worth it. */
  readonly checkpointBytes: number;
  /** Whether all segments are kept. */
  readonly keepsAll: boolean;
}

/** The log, at its end. */
export class StateLog {
  readonly #disk: Disk;
  readonly #options: StateLogOptions;
  #segment = "";
  #sizeBytes = 0;
  #lastCheckpointBytes = 0;
  #retryAtBytes = 0;
  /** The checkpoints that are known to be good, the older one first. */
  #checkpoints: number[] = [];
  #isBroken = false;

  constructor(disk: Disk, options: StateLogOptions) {
    this.#disk = disk;
    this.#options = options;
  }

  get isBroken(): boolean {
    return this.#isBroken;
  }

  /**
   * Makes what was recovered durable, and goes on behind it. That it could be read does not mean
   * that it is on the disk: after a kill, or a sync that failed, it may be in memory alone.
   */
  async begin(
    table: StateTable,
    {
      segments,
      checkpoint,
    }: { readonly segments: readonly Segment[]; readonly checkpoint: number },
  ): Promise<void> {
    if (checkpoint > 0) this.#checkpoints = [checkpoint];
    const last = segments.at(-1);
    const end = last?.changes.at(-1)?.version ?? (last?.first ?? 0) - 1;
    const goesOn = [this.#options, ...segments].every(({ syncs }) => syncs === "each");
    // Without its torn end, which was never answered for.
    if (last !== undefined && end <= table.sequence) await this.#put(last.name, last.goodBytes);
    if (last !== undefined && goesOn && end === table.sequence) {
      this.#segment = last.name;
      this.#sizeBytes = last.goodBytes.length;
      return;
    }
    for (const { name, first } of segments) {
      if (first > table.sequence) await this.#disk.remove(name);
    }
    if (table.sequence > 0) await this.#writeCheckpoint(table);
    await this.#beginSegment(table.sequence + 1);
  }

  /** @throws StateError `unavailable` when it certainly did not happen, `indeterminate` */
  async append(changes: readonly NumberedChange[]): Promise<void> {
    const frame = encodeGroup(changes);
    try {
      await this.#disk.append(this.#segment, frame);
      if (this.#options.syncs === "each") await this.#disk.sync(this.#segment);
      this.#sizeBytes += frame.length;
    } catch (error) {
      if (error instanceof DiskError && error.code === "no-space") await this.#cutOff(error);
      this.#isBroken = true;
      throw new StateError("indeterminate", `the disk failed: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  /** Resolves when everything is durable. @throws StateError `indeterminate` */
  async sync(): Promise<void> {
    try {
      await this.#disk.sync(this.#segment);
    } catch (error) {
      this.#isBroken = true;
      const message = `the disk failed, what was answered of late may be lost: ${messageOf(error)}`;
      throw new StateError("indeterminate", message, { cause: error });
    }
  }

  /** Writes a checkpoint, if it is time, and removes what is not needed any more. */
  async tidy(table: StateTable): Promise<void> {
    const dueBytes = Math.max(this.#options.checkpointBytes, this.#lastCheckpointBytes);
    if (this.#sizeBytes < Math.max(dueBytes, this.#retryAtBytes)) return;
    try {
      if (this.#options.syncs !== "each") await this.#disk.sync(this.#segment);
      await this.#writeCheckpoint(table);
      await this.#beginSegment(table.sequence + 1);
      await this.#compact();
      this.#retryAtBytes = 0;
    } catch (error) {
      // No room for a checkpoint is no harm: the log goes on where it was, and room may come.
      const isFull = error instanceof DiskError && error.code === "no-space";
      this.#isBroken = !isFull;
      this.#retryAtBytes = this.#sizeBytes + dueBytes;
      if (isFull) await this.#disk.remove(TEMPORARY).catch(() => undefined);
    }
  }

  async #cutOff(full: DiskError): Promise<never> {
    try {
      await this.#disk.truncate(this.#segment, this.#sizeBytes);
      await this.#disk.sync(this.#segment);
    } catch (error) {
      this.#isBroken = true;
      throw new StateError("indeterminate", `the disk failed: ${messageOf(error)}`, {
        cause: error,
      });
    }
    const message = `nothing was saved: ${full.message}; make room and try again`;
    throw new StateError("unavailable", message, { cause: full });
  }

  async #writeCheckpoint(table: StateTable): Promise<void> {
    const bytes = encodeCheckpoint(table.sequence, table.entries());
    await this.#put(checkpointName(table.sequence), bytes);
    this.#lastCheckpointBytes = bytes.length;
    const older = this.#checkpoints.filter((sequence) => sequence !== table.sequence).slice(-1);
    this.#checkpoints = [...older, table.sequence];
  }

  async #beginSegment(first: number): Promise<void> {
    const header = encodeHeader(first, this.#options.syncs);
    await this.#put(segmentName(first), header);
    this.#segment = segmentName(first);
    this.#sizeBytes = header.length;
  }

  /** Writes a file so that its name never points to less than all of it. */
  async #put(name: string, bytes: Uint8Array): Promise<void> {
    await this.#disk.write(TEMPORARY, bytes);
    await this.#disk.sync(TEMPORARY);
    try {
      await this.#disk.rename(TEMPORARY, name);
      await this.#disk.syncDirectory();
    } catch (error) {
      // Now the name may be there. Whatever the disk says, the log must not go on before a segment
      // that would be taken for its continuation.
      throw new DiskError("io", messageOf(error), { cause: error });
    }
  }

  async #compact(): Promise<void> {
    const [older, newer] = this.#checkpoints;
    const names = await this.#disk.list();
    const segments = names
      .flatMap((name) => numberIn(name, "segment") ?? [])
      .toSorted((a, b) => a - b);
    for (const [place, first] of segments.entries()) {
      const behind = segments[place + 1] ?? Infinity;
      const isCovered = newer !== undefined && behind <= (older as number) + 1;
      if (isCovered && !this.#options.keepsAll) await this.#disk.remove(segmentName(first));
    }
    for (const name of names) {
      const sequence = numberIn(name, "checkpoint");
      if (sequence !== undefined && !this.#checkpoints.includes(sequence))
        await this.#disk.remove(name);
    }
  }
}
