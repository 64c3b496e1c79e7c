/**
 * Small changes of a trial that got somewhere new, for what lies near it: the same faults in
 * another world, at other times, some of them twice or not at all, or with some of another trial.
 */
import type { TimetableEntry } from "../generator/index.js";
import type { Random } from "../random.js";
import { drawWorld, type SwarmSpace } from "./swarm.js";
import type { Trial } from "./trial.js";

/** A trial that was carried out, with the faults that struck. */
export interface Parent {
  readonly trial: Trial;
  readonly faults: readonly TimetableEntry[];
}

/** A change of a trial. */
type Change = (parent: Parent, other: Parent, random: Random) => Trial;

const CHANGES: readonly Change[] = [
  // Other delays and operations, the same faults.
  ({ trial, faults }) => ({ ...trial, faults }),
  // Other delays and operations, and other faults of the same kinds.
  ({ trial: { test, world } }) => ({ test, world }),
  ({ trial, faults }, _, random) => ({ ...trial, faults: faults.map((it) => shifted(it, random)) }),
  ({ trial, faults }, _, random) => ({ ...trial, faults: squeezed(faults, random) }),
  ({ trial, faults }, _, random) => ({ ...trial, faults: without(faults, random) }),
  ({ trial, faults }, _, random) => ({ ...trial, faults: repeated(faults, random) }),
  ({ trial, faults }, other, random) => ({ ...trial, faults: spliced(faults, other, random) }),
];

/** Draws a change of a trial; `other` is one that it may take faults from. */
export function mutate(
  { parent, other }: { readonly parent: Parent; readonly other: Parent },
  space: SwarmSpace,
  random: Random,
): Trial {
  const seed = random.below(2 ** 31);
  const changed = random.chance(0.1)
    ? { ...parent.trial, world: drawWorld(space.world, random) }
    : random.pick(CHANGES)(parent, other, random);
  const { faults, ...rest } = changed;
  const test = { ...changed.test, seed };
  if (faults === undefined) return { ...rest, test };
  // They may be of other kinds than the parent's own.
  const all = { ...test, nemeses: space.test.nemeses };
  return { ...rest, test: all, faults: inOrder(faults) };
}

/** By up to half a second either way. */
function shifted(fault: TimetableEntry, random: Random): TimetableEntry {
  const byNs = Math.round((random.float() - 0.5) * 1e9);
  return { ...fault, atNs: Math.max(0, fault.atNs + byNs) };
}

/** All closer together, or further apart. */
function squeezed(faults: readonly TimetableEntry[], random: Random): readonly TimetableEntry[] {
  const factor = 2 ** (2 * random.float() - 1);
  return faults.map((fault) => ({ ...fault, atNs: Math.round(fault.atNs * factor) }));
}

function without(faults: readonly TimetableEntry[], random: Random): readonly TimetableEntry[] {
  return faults.filter(() => random.chance(0.8));
}

/** Some stretch of them once more, soon after it. */
function repeated(faults: readonly TimetableEntry[], random: Random): readonly TimetableEntry[] {
  if (faults.length === 0) return faults;
  const start = random.below(faults.length);
  const stretch = faults.slice(start, start + 1 + random.below(6));
  const afterNs = (stretch.at(-1)?.atNs ?? 0) - (stretch[0]?.atNs ?? 0) + random.below(5e8);
  const again = ({ atNs, invocation }: TimetableEntry): TimetableEntry => ({
    atNs: atNs + afterNs,
    invocation,
  });
  return [...faults, ...stretch.map(again)];
}

/** What struck first here, and what struck later there. */
function spliced(
  faults: readonly TimetableEntry[],
  other: Parent,
  random: Random,
): readonly TimetableEntry[] {
  const cutNs = random.float() * (faults.at(-1)?.atNs ?? 0);
  return [
    ...faults.filter(({ atNs }) => atNs < cutNs),
    ...other.faults.filter(({ atNs }) => atNs >= cutNs),
  ];
}

function inOrder(faults: readonly TimetableEntry[]): readonly TimetableEntry[] {
  return faults.toSorted((a, b) => a.atNs - b.atNs);
}
