/** Who reads and writes each key, so that a key can be looked at alone. */
import type { Problem } from "./problem.js";

/** What a member does to a key; of one member the reads come first. */
export const READS = 0;
/** It takes the snapshot before it writes. */
export const BEGINS = 1;
export const WRITES = 2;

/** Accesses by key: those of key k from `starts[k]` on. */
export interface KeyAccesses {
  readonly starts: Int32Array;
  readonly members: Int32Array;
  readonly versions: Int32Array;
  readonly kinds: Uint8Array;
}

/** Sorts accesses by key, by counting. */
export function accessesOf(problem: Problem): KeyAccesses {
  const { keys, isSnapshot, alone, writeCount, keyOf, reads, readStarts, writerOf, members } =
    problem;
  const starts = new Int32Array(keys.length + 1);
  const each = (visit: (key: number, access: readonly [number, number, number]) => void): void => {
    for (let member = 0; member < members.length; member++) {
      for (let at = readStarts[member] as number; at < (readStarts[member + 1] as number); at++) {
        const version = reads[at] as number;
        visit(keyOf[version] as number, [member, version, READS]);
      }
    }
    for (let version = 0; version < writeCount; version++) {
      const key = keyOf[version] as number;
      const member = writerOf[version] as number;
      if (isSnapshot && alone) visit(key, [member, version, BEGINS]);
      visit(key, [member, version, WRITES]);
    }
  };
  each((key) => {
    starts[key + 1] = (starts[key + 1] as number) + 1;
  });
  for (let key = 0; key < keys.length; key++) {
    starts[key + 1] = (starts[key + 1] as number) + (starts[key] as number);
  }
  const total = starts[keys.length] as number;
  const places = starts.slice();
  const accesses = {
    starts,
    members: new Int32Array(total),
    versions: new Int32Array(total),
    kinds: new Uint8Array(total),
  };
  each((key, [member, version, kind]) => {
    const place = places[key] as number;
    places[key] = place + 1;
    accesses.members[place] = member;
    accesses.versions[place] = version;
    accesses.kinds[place] = kind;
  });
  return accesses;
}

/** The keys that a member reads and writes; perhaps twice. */
export function* keysAbout(problem: Problem, member: number): Iterable<number> {
  const { keyOf, readStarts, reads, writeStarts } = problem;
  const end = readStarts[member + 1] as number;
  for (let at = readStarts[member] as number; at < end; at++) {
    yield keyOf[reads[at] as number] as number;
  }
  const last = writeStarts[member + 1] as number;
  for (let version = writeStarts[member] as number; version < last; version++) {
    yield keyOf[version] as number;
  }
}
