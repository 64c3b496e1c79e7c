/**
 * One file of a simulated disk: what was written, what is durable, and the changes in between, of
 * which a loss of power leaves a prefix; see `disk.ts`.
 */
import type { Random } from "../random.js";

const SECTOR_BYTES = 512;
const EMPTY = new Uint8Array(0);

/** A change of a file's content. */
type ContentChange =
  | { readonly kind: "write"; readonly bytes: Uint8Array }
  | { readonly kind: "append"; readonly bytes: Uint8Array }
  | { readonly kind: "truncate"; readonly sizeBytes: number };

/** A file. */
export interface FileLayers {
  /** What was written: the first `size` bytes; the rest is room to grow. */
  data: Uint8Array;
  size: number;
  /**
   * What is durable; undefined for the first `durableSize` bytes of `data`, so that logs grow
   * without copies.
   */
  durable: Uint8Array | undefined;
  durableSize: number;
  unsynced: ContentChange[];
  /** Where `unsynced` has changed something first; Infinity when it is empty. */
  dirtyFrom: number;
  /** The size before `unsynced`. */
  cleanSize: number;
  /** From here on some of what was written was forgotten by the disk; Infinity when none was. */
  forgottenFrom: number;
}

/** How power is lost. */
export interface PowerLoss {
  readonly random: Random;
  /** The probability that the last surviving write of a file is torn. */
  readonly tornProbability: number;
  /** The probability that a torn write is followed by garbage. */
  readonly garbageProbability: number;
  /** Whether nothing is left that is not durable. Default false: some of it is, drawn. */
  readonly all?: boolean;
}

/** A file that was just made. */
export function emptyFile(): FileLayers {
  return {
    data: EMPTY,
    size: 0,
    durable: undefined,
    durableSize: 0,
    unsynced: [],
    dirtyFrom: Infinity,
    cleanSize: 0,
    forgottenFrom: Infinity,
  };
}

/** Carries a change out, and keeps it in mind. */
export function changeContent(file: FileLayers, change: ContentChange): void {
  const { size } = file;
  applyChange(file, change);
  file.unsynced.push(change);
  const from =
    change.kind === "write"
      ? 0
      : change.kind === "append"
        ? size
        : Math.min(size, change.sizeBytes);
  file.dirtyFrom = Math.min(file.dirtyFrom, from);
}

/** Nothing is unsynced any more. */
export function becomeClean(file: FileLayers): void {
  file.unsynced = [];
  file.dirtyFrom = Infinity;
  file.cleanSize = file.size;
}

/** Whether something that was forgotten has not been written again. */
export function isForgotten({ forgottenFrom, dirtyFrom, size }: FileLayers): boolean {
  return forgottenFrom < Math.min(startOfSector(dirtyFrom), size);
}

/** What is durable, and over it the sectors that were changed since; zeros where neither is. */
export function imageOf(file: FileLayers): Uint8Array {
  const image = new Uint8Array(file.size);
  const durable = file.durable ?? EMPTY;
  image.set(durable.subarray(0, file.size));
  const from = Math.min(startOfSector(file.dirtyFrom), file.size);
  image.set(file.data.subarray(from, file.size), from);
  return image;
}

/** Where the sector of a byte begins. */
export function startOfSector(at: number): number {
  return at === Infinity ? at : at - (at % SECTOR_BYTES);
}

function applyChange(file: FileLayers, change: ContentChange): void {
  if (change.kind === "append") {
    growTo(file, file.size + change.bytes.length);
    file.data.set(change.bytes, file.size);
    file.size += change.bytes.length;
    return;
  }
  // What is durable must not be written over: it keeps the old array, or gets its own copy.
  if (change.kind === "write") {
    file.durable ??= file.data.subarray(0, file.durableSize);
    file.data = new Uint8Array(change.bytes);
    file.size = change.bytes.length;
    return;
  }
  const { sizeBytes } = change;
  if (sizeBytes < file.durableSize) file.durable ??= file.data.slice(0, file.durableSize);
  if (sizeBytes > file.size) {
    growTo(file, sizeBytes);
    file.data.fill(0, file.size, sizeBytes);
  }
  file.size = sizeBytes;
}

function growTo(file: FileLayers, size: number): void {
  if (size <= file.data.length) return;
  const grown = new Uint8Array(Math.max(size, 2 * file.data.length, 1024));
  grown.set(file.data.subarray(0, file.size));
  file.data = grown;
}

/** What is left of a file after a loss of power. */
export function survivor(file: FileLayers, loss: PowerLoss): FileLayers {
  const { random } = loss;
  const durable = file.durable ?? file.data.subarray(0, file.durableSize);
  const kept = loss.all === true ? 0 : random.below(file.unsynced.length + 1);
  const base = kept > 0 && isForgotten(file) ? withGap(file, durable) : durable.slice();
  const left: FileLayers = { ...emptyFile(), data: base, size: base.length };
  for (let i = 0; i < kept; i++) {
    const next = file.unsynced[i] as ContentChange;
    const torn = i === kept - 1 && random.chance(loss.tornProbability);
    applyChange(left, torn ? tear(next, loss) : next);
  }
  left.durable = undefined;
  left.durableSize = left.size;
  left.cleanSize = left.size;
  return left;
}

/** What the first of the unsynced changes finds: zeros for what was forgotten, up to its sector. */
function withGap(file: FileLayers, durable: Uint8Array): Uint8Array {
  const { data, cleanSize, dirtyFrom } = file;
  const base = new Uint8Array(Math.max(durable.length, cleanSize));
  base.set(durable);
  const from = startOfSector(dirtyFrom);
  if (from < cleanSize) base.set(data.subarray(from, cleanSize), from);
  return base;
}

function tear(change: ContentChange, { random, garbageProbability }: PowerLoss): ContentChange {
  if (change.kind === "truncate") return change;
  const whole = change.bytes;
  const length = random.below(whole.length + 1);
  const end = Math.min(whole.length, (Math.floor(length / SECTOR_BYTES) + 1) * SECTOR_BYTES);
  if (!random.chance(garbageProbability)) return { ...change, bytes: whole.subarray(0, length) };
  const bytes = new Uint8Array(whole.subarray(0, end));
  for (let i = length; i < end; i++) bytes[i] = random.below(256);
  return { ...change, bytes };
}
