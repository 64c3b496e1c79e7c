/**
 * What a disk holds, in three layers: what was written, what is durable, and the operations in
 * between that a loss of power may undo. It knows no time; `disk-port.ts` adds latency.
 *
 * The model is the letter of POSIX, as in "All File Systems Are Not Created Equal" (Pillai et al.,
 * OSDI 2014): the content of a file and its name are made durable apart. At a loss of power
 * - each file keeps a random prefix of the writes since its last `sync`; the last that it keeps may
 *   be torn (a random number of its bytes, perhaps with garbage up to the end of the sector);
 * - the directory keeps a random prefix of the creations, renames and removals since the last
 *   `syncDirectory`. So a file that was written, synced and renamed may be back under its old name,
 *   and one that was renamed without a sync may be there and empty: both are what careless programs
 *   die of.
 * After a sync that failed, what it was about may be forgotten: it is still read, for it is in the
 * page cache, but the cache takes it for clean, and no later sync writes it (Rebello et al., "Can
 * Applications Recover from fsync Failures?", USENIX ATC 2020). Only sectors that are written again
 * get there after all.
 */
import { DiskError } from "../world/disk.js";
import {
  becomeClean,
  changeContent,
  emptyFile,
  imageOf,
  isForgotten,
  startOfSector,
  survivor,
  type FileLayers,
  type PowerLoss,
} from "./file-layers.js";

export type { PowerLoss } from "./file-layers.js";

/** A change of the directory. */
type NameChange =
  | { readonly kind: "create"; readonly name: string; readonly file: FileLayers }
  | { readonly kind: "rename"; readonly from: string; readonly to: string }
  | { readonly kind: "remove"; readonly name: string };

/** The files of one node. Calls that fail throw `DiskError` and change nothing. */
export interface FileStore {
  read(file: string): Uint8Array | undefined;
  write(file: string, bytes: Uint8Array): void;
  append(file: string, bytes: Uint8Array): void;
  truncate(file: string, sizeBytes: number): void;
  rename(from: string, to: string): void;
  remove(file: string): void;
  list(): readonly string[];
  sync(file: string): void;
  /** A sync fails, and what was to be made durable is taken for clean. */
  forget(file: string): void;
  syncDirectory(): void;
  /** Drops or tears what is not durable; what is left is durable. */
  losePower(loss: PowerLoss): void;
  /** While it is full nothing may grow. */
  setFull(full: boolean): void;
  /**
   * Inverts one bit of the durable bytes; `share`, 0 to 1, is where. The name of its file;
   * undefined where there are none.
   */
  rot(share: number): string | undefined;
  /** Inverts them again where what they are in is still there, and as rotten as it was. */
  mend(): void;
  isRotten(): boolean;
  /** Equal for stores of which the same is left, whatever happens. */
  content(): string;
}

/** A bit that was inverted. */
interface Rot {
  /** Another one after a loss of power. */
  file: FileLayers;
  readonly at: number;
  readonly byte: number;
  readonly mask: number;
}

/** Makes an empty disk. */
export function createFileStore(options: { readonly capacityBytes: number }): FileStore {
  return new LayeredFiles(options.capacityBytes);
}

class LayeredFiles implements FileStore {
  readonly #capacityBytes: number;
  #files = new Map<string, FileLayers>();
  #durableFiles = new Map<string, FileLayers>();
  #unsynced: NameChange[] = [];
  #isFull = false;
  #rotten: Rot[] = [];

  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes;
  }

  read(name: string): Uint8Array | undefined {
    const file = this.#files.get(name);
    return file?.data.slice(0, file.size);
  }

  write(name: string, bytes: Uint8Array): void {
    this.#reserve(bytes.length - (this.#files.get(name)?.size ?? 0));
    const file = this.#openOrCreate(name);
    this.#forgetRot(file, 0);
    changeContent(file, { kind: "write", bytes });
  }

  append(name: string, bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    changeContent(this.#openOrCreate(name), { kind: "append", bytes });
  }

  truncate(name: string, sizeBytes: number): void {
    const file = this.#existing(name);
    this.#reserve(sizeBytes - file.size);
    this.#forgetRot(file, sizeBytes);
    changeContent(file, { kind: "truncate", sizeBytes });
  }

  rename(from: string, to: string): void {
    const file = this.#existing(from);
    if (from === to) return;
    this.#files.delete(from);
    this.#files.set(to, file);
    this.#unsynced.push({ kind: "rename", from, to });
  }

  remove(name: string): void {
    if (this.#files.delete(name)) this.#unsynced.push({ kind: "remove", name });
  }

  list(): readonly string[] {
    return [...this.#files.keys()].toSorted();
  }

  sync(name: string): void {
    const file = this.#existing(name);
    if (isForgotten(file)) {
      if (file.unsynced.length > 0) file.durable = imageOf(file);
      file.durableSize = file.durable?.length ?? file.size;
    } else {
      file.durable = undefined;
      file.durableSize = file.size;
      file.forgottenFrom = Infinity;
    }
    becomeClean(file);
  }

  forget(name: string): void {
    const file = this.#existing(name);
    if (file.unsynced.length === 0) return;
    file.durable ??= file.data.slice(0, file.durableSize);
    file.forgottenFrom = Math.min(file.forgottenFrom, startOfSector(file.dirtyFrom));
    becomeClean(file);
  }

  syncDirectory(): void {
    this.#durableFiles = new Map(this.#files);
    this.#unsynced = [];
  }

  losePower(loss: PowerLoss): void {
    const kept = loss.all === true ? 0 : loss.random.below(this.#unsynced.length + 1);
    for (const next of this.#unsynced.slice(0, kept)) applyName(this.#durableFiles, next);
    this.#unsynced = [];
    this.#files = new Map();
    for (const name of [...this.#durableFiles.keys()].toSorted()) {
      const file = this.#durableFiles.get(name) as FileLayers;
      const left = survivor(file, loss);
      this.#files.set(name, left);
      for (const rot of this.#rotten) if (rot.file === file) rot.file = left;
    }
    this.#durableFiles = new Map(this.#files);
  }

  setFull(full: boolean): void {
    this.#isFull = full;
  }

  rot(share: number): string | undefined {
    const files = [...this.#files]
      .filter(([, file]) => file.durable === undefined && file.durableSize > 0)
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
    let bit = Math.floor(share * 8 * files.reduce((sum, [, file]) => sum + file.durableSize, 0));
    for (const [name, file] of files) {
      if (bit < 8 * file.durableSize) {
        this.#rotten.push(invert(file, bit >> 3, 1 << (bit & 7)));
        return name;
      }
      bit -= 8 * file.durableSize;
    }
    return undefined;
  }

  mend(): void {
    for (const { file, at, byte, mask } of this.#rotten.splice(0).toReversed())
      if (at < file.size && file.data[at] === byte) invert(file, at, mask);
  }

  /** What stands there from now on is not what has rotted. */
  #forgetRot(file: FileLayers, fromByte: number): void {
    if (this.#rotten.length === 0) return;
    this.#rotten = this.#rotten.filter((rot) => rot.file !== file || rot.at < fromByte);
  }

  isRotten(): boolean {
    return this.#rotten.length > 0;
  }

  content(): string {
    const numbers = new Map<FileLayers, number>();
    const files: unknown[] = [];
    const numberOf = (file: FileLayers): number => {
      const known = numbers.get(file);
      if (known !== undefined) return known;
      numbers.set(file, files.push(layersOf(file)) - 1);
      return files.length - 1;
    };
    const named = (names: ReadonlyMap<string, FileLayers>): unknown =>
      [...names.keys()].toSorted().map((name) => [name, numberOf(names.get(name) as FileLayers)]);
    const unsynced = this.#unsynced.map((change) =>
      change.kind === "create" ? { ...change, file: numberOf(change.file) } : change,
    );
    return JSON.stringify([named(this.#files), named(this.#durableFiles), unsynced, files]);
  }

  #existing(name: string): FileLayers {
    const file = this.#files.get(name);
    if (file === undefined) throw new DiskError("not-found", `there is no file ${name}`);
    return file;
  }

  #openOrCreate(name: string): FileLayers {
    let file = this.#files.get(name);
    if (file === undefined) {
      file = emptyFile();
      this.#files.set(name, file);
      this.#unsynced.push({ kind: "create", name, file });
    }
    return file;
  }

  /** Refuses growth that the disk has no room for. */
  #reserve(growth: number): void {
    if (growth <= 0) return;
    if (this.#isFull) throw new DiskError("no-space", "the disk is full");
    if (this.#capacityBytes === Infinity) return;
    let used = 0;
    for (const file of this.#files.values()) used += file.size;
    if (used + growth > this.#capacityBytes) {
      throw new DiskError("no-space", `the disk is full (${this.#capacityBytes} bytes)`);
    }
  }
}

/** A file, as plain data. */
function layersOf(file: FileLayers): unknown {
  const { data, size, durable, durableSize, unsynced } = file;
  const { forgottenFrom, dirtyFrom, cleanSize } = file;
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
  return [
    text(data.subarray(0, size)),
    text(durable ?? data.subarray(0, durableSize)),
    unsynced.map((change) =>
      change.kind === "truncate" ? change.sizeBytes : [change.kind, text(change.bytes)],
    ),
    ...(forgottenFrom === Infinity ? [] : [forgottenFrom, dirtyFrom, cleanSize]),
  ];
}

function invert(file: FileLayers, at: number, mask: number): Rot {
  const byte = (file.data[at] as number) ^ mask;
  file.data[at] = byte;
  return { file, at, byte, mask };
}

function applyName(names: Map<string, FileLayers>, change: NameChange): void {
  if (change.kind === "create") names.set(change.name, change.file);
  else if (change.kind === "remove") names.delete(change.name);
  else {
    const file = names.get(change.from);
    if (file === undefined) return;
    names.delete(change.from);
    names.set(change.to, file);
  }
}
