/**
 * The files of the file store, as frames with checksums.
 *
 * ```
 *  segment-<n>      the changes from number n on: a header, then a frame for each group of changes
 *    header         ["segment", 1, n, what was synced (see Syncs)]
 *    group          [number of its first change, [[key, text] or [key] for a deletion, ...]]
 *  checkpoint-<n>   all states after change n, in one frame
 *                   ["checkpoint", 1, n, [[key, text, version], ...]]
 * ```
 *
 * Changes are numbered without gaps, so that a lost one shows, and one that a checkpoint has is
 * known.
 */
import { decodeFrames, encodeFrame } from "../../backends/file/frame.js";
import { StateError } from "../../src/state/state-error.js";
import type { NumberedChange } from "../../src/state/state-table.js";

const FORMAT = 1;
/** What is written aside, before it gets its name. */
export const TEMPORARY = "new.tmp";

/**
 * What the writer of a segment synced: each group before it was answered, the segment before the
 * next was begun, or nothing.
 */
export type Syncs = "each" | "end" | "never";

/** A segment as it was read. */
export interface Segment {
  readonly name: string;
  /** The number of its first change, from its name. */
  readonly first: number;
  /** Whether it has its header; without, it was never used. */
  readonly begun: boolean;
  readonly syncs: Syncs;
  readonly changes: readonly NumberedChange[];
  /** Its bytes up to the first bad frame. */
  readonly goodBytes: Uint8Array;
  /** What is wrong with the rest of it, in words; undefined when nothing is. */
  readonly damage: string | undefined;
  /** Whether the damage can be no torn end: there is something good behind it. */
  readonly lostDurable: boolean;
}

export function segmentName(first: number): string {
  return `segment-${first}`;
}

export function checkpointName(sequence: number): string {
  return `checkpoint-${sequence}`;
}

/** The number in a name of that kind; undefined when it is none. */
export function numberIn(name: string, kind: "segment" | "checkpoint"): number | undefined {
  const digits = new RegExp(`^${kind}-(\\d{1,16})$`).exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export function encodeHeader(first: number, syncs: Syncs): Uint8Array {
  return encodeFrame(["segment", FORMAT, first, syncs]);
}

/** A group of changes with numbers that follow one another. */
export function encodeGroup(changes: readonly NumberedChange[]): Uint8Array {
  const entries = changes.map(({ key, text }) => (text === undefined ? [key] : [key, text]));
  return encodeFrame([changes[0]?.version ?? 0, entries]);
}

export function encodeCheckpoint(sequence: number, states: readonly NumberedChange[]): Uint8Array {
  const entries = states.map(({ key, text, version }) => [key, text ?? "", version]);
  return encodeFrame(["checkpoint", FORMAT, sequence, entries]);
}

/** Reads a segment; never throws, for a damaged end may be a torn one. */
export function decodeSegment(name: string, bytes: Uint8Array): Segment {
  const { payloads, goodBytes, goodBehindBad } = decodeFrames(bytes);
  const [header, ...groups] = payloads as readonly (readonly unknown[])[];
  const first = numberIn(name, "segment") ?? 0;
  const begun = header?.[0] === "segment" && header[1] === FORMAT && header[2] === first;
  return {
    name,
    first,
    begun,
    syncs: header?.[3] === "each" || header?.[3] === "end" ? header[3] : "never",
    changes: begun ? groups.flatMap((group) => changesOf(group)) : [],
    goodBytes: bytes.slice(0, goodBytes),
    damage: goodBytes < bytes.length ? `${name} is damaged at byte ${goodBytes}` : undefined,
    lostDurable: goodBehindBad !== undefined,
  };
}

function changesOf(group: readonly unknown[]): readonly NumberedChange[] {
  const [first, entries] = group as readonly [number, readonly (readonly [string, string?])[]];
  return entries.map(([key, text], place) => ({ key, text, version: first + place }));
}

/** Reads a checkpoint. @throws StateError `corrupt` */
export function decodeCheckpoint(name: string, bytes: Uint8Array): readonly NumberedChange[] {
  const { payloads, goodBytes } = decodeFrames(bytes);
  const [payload] = payloads as readonly (readonly unknown[])[];
  const [kind, format, sequence, entries] = payload ?? [];
  const whole = payloads.length === 1 && goodBytes === bytes.length;
  const right = kind === "checkpoint" && format === FORMAT;
  if (!whole || !right || sequence !== numberIn(name, "checkpoint")) {
    throw new StateError("corrupt", `${name} is damaged at byte ${goodBytes}`);
  }
  return (entries as readonly (readonly [string, string, number])[]).map(
    ([key, text, version]) => ({ key, text, version }),
  );
}
