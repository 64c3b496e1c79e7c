/**
 * What earlier incarnations of the file store left on the disk, told apart: what a crash explains
 * (a torn end of the last segment, a segment or checkpoint that was not finished) and what it does
 * not, which is `corrupt` and never passed over.
 */
import type { Disk } from "../../src/world/disk.js";
import type { CheckpointSource, RecoverySource } from "../../src/state/recovery.js";
import { StateError } from "../../src/state/state-error.js";
import type { NumberedChange } from "../../src/state/state-table.js";
import { decodeCheckpoint, decodeSegment, numberIn, TEMPORARY, type Segment } from "./format.js";

/** The files, ready to recover from. */
export interface Leftovers extends RecoverySource {
  /** In the order of their changes. */
  readonly segments: readonly Segment[];
  /** What was found damaged in the way that a crash does it, or that nobody was promised. */
  readonly damage: readonly string[];
}

/** Reads what is there, and removes what was never put in place. */
export async function readLeftovers(disk: Disk): Promise<Leftovers> {
  const segments: Segment[] = [];
  const checkpoints: CheckpointSource[] = [];
  const removed: string[] = [];
  for (const name of await disk.list()) {
    // A crash in the middle of a rename may have left both names on one file.
    if (name === TEMPORARY) await disk.remove(name);
    const sequence = numberIn(name, "checkpoint");
    if (sequence !== undefined) checkpoints.push({ sequence, read: () => readStates(disk, name) });
    if (numberIn(name, "segment") === undefined) continue;
    const segment = decodeSegment(name, (await disk.read(name)) ?? new Uint8Array(0));
    if (segment.begun || segment.lostDurable || segment.goodBytes.length > 0) {
      segments.push(segment);
      continue;
    }
    // Its name may be durable without its header, when nothing was synced; and such a one must not
    // stand behind those that go on.
    removed.push(`nothing in ${name} can be read: it was removed`);
    await disk.remove(name);
  }
  segments.sort((a, b) => a.first - b.first);
  checkpoints.sort((a, b) => b.sequence - a.sequence);
  const used = usedOf(segments);
  return {
    segments: used.segments,
    checkpoints,
    damage: [...removed, ...used.damage],
    changesAfter: async (sequence) => continuous(used, sequence),
  };
}

async function readStates(disk: Disk, name: string): Promise<readonly NumberedChange[]> {
  return decodeCheckpoint(name, (await disk.read(name)) ?? new Uint8Array(0));
}

interface Used {
  readonly segments: readonly Segment[];
  readonly damage: readonly string[];
  /** What is wrong with segments that cannot be explained, by the number of their first change. */
  readonly broken: readonly { readonly first: number; readonly problem: string }[];
}

/** Tells what a crash explains from what it does not. */
function usedOf(segments: readonly Segment[]): Used {
  const damage: string[] = [];
  const broken: { first: number; problem: string }[] = [];
  for (const each of segments) {
    const problem =
      each.damage ??
      (each.begun ? undefined : `${each.name} does not begin as a segment of this format does`);
    if (problem === undefined) continue;
    if (each.begun && isExplained(each, each === segments.at(-1))) damage.push(problem);
    else broken.push({ first: each.first, problem });
  }
  return { segments, damage, broken };
}

/** Whether a crash can have done this to a segment. */
function isExplained({ syncs, lostDurable }: Segment, isLast: boolean): boolean {
  // Only the last group can be torn: each was synced before the next one was written.
  if (syncs === "each") return isLast && !lostDurable;
  return syncs === "never" || isLast;
}

/** The changes after that number. @throws StateError `corrupt` when one is missing */
function continuous({ segments, broken }: Used, sequence: number): readonly NumberedChange[] {
  const changes: NumberedChange[] = [];
  let next = sequence + 1;
  for (const [place, segment] of segments.entries()) {
    const behind = segments[place + 1]?.first ?? Infinity;
    // All that it holds is in the checkpoint.
    if (behind <= sequence + 1) continue;
    const problem = broken.find(({ first }) => first === segment.first)?.problem;
    if (problem !== undefined) throw new StateError("corrupt", problem);
    if (segment.first > next) {
      // Without syncs nobody was promised more.
      if (segment.syncs === "never") return changes;
      throw missing(next, segment.first);
    }
    for (const change of segment.changes) {
      if (change.version < next) continue;
      changes.push(change);
      next++;
    }
  }
  return changes;
}

function missing(from: number, to: number): StateError {
  const what = to - from === 1 ? `change ${from} is` : `changes ${from} to ${to - 1} are`;
  // A store that was open with checkpoints has removed what they cover: that is no damage.
  const advice = from === 1 ? ": only a checkpoint may still have what they did" : "";
  return new StateError("corrupt", `${what} missing from the log${advice}`);
}
