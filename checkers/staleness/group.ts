/**
 * Some clusters of one key, numbered from 0, as the search for an order wants them: all of a key,
 * or the few that contradict one another.
 */
import { NONE } from "../../src/history/history.js";
import { NEVER, READ } from "./accesses.js";
import { INITIAL_END, type Clusters } from "./clusters.js";

/** Writes, and reads in the order of invocation; places are events. */
export interface Group {
  /** By write: where it is invoked, and where it has ended at the latest. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** By write: the access; `NONE` for the initial value's. */
  readonly writes: Int32Array;
  /** By read: the access, where it is invoked, and the write that it saw. */
  readonly reads: Int32Array;
  readonly readStarts: Int32Array;
  readonly readWrites: Int32Array;
  /** Writes in the order of `starts` (which is that of their numbers), and of `ends`. */
  readonly byEnd: Int32Array;
}

/** All clusters of a key; `clusters` must find it possible. */
export function groupOfKey(clusters: Clusters, key: number): Group {
  const { accesses, clusterOf, byFirstEnd } = clusters;
  const from = clusters.starts[key] as number;
  const to = clusters.starts[key + 1] as number;
  const first = accesses.starts[key] as number;
  const last = accesses.starts[key + 1] as number;
  const reads = new Int32Array(last - first);
  let count = 0;
  for (let access = first; access < last; access++) {
    if (accesses.kinds[access] === READ) reads[count++] = access;
  }
  return {
    starts: clusters.writeStarts.slice(from, to),
    ends: clusters.firstEnds.slice(from, to),
    writes: clusters.writes.slice(from, to),
    byEnd: byFirstEnd.slice(from, to).map((cluster) => cluster - from),
    ...columnsOf(reads.subarray(0, count), accesses.invocations, (access) => {
      return (clusterOf[access] as number) - from;
    }),
  };
}

/**
 * The writes of a group that are kept, with those of their reads that are. An indeterminate write
 * of which no read is kept goes too: it need not have happened.
 */
export function subgroup(
  group: Group,
  keeps: { write(write: number): boolean; read(read: number): boolean },
  completions: Int32Array,
): Group {
  const read = new Set(group.readWrites.filter((_, each) => keeps.read(each)));
  const kept = [...group.starts.keys()].filter((write) => {
    const access = group.writes[write] as number;
    if (access === NONE || !keeps.write(write)) return keeps.write(write);
    return completions[access] !== NEVER || read.has(write);
  });
  const numbers = new Map(kept.map((write, number) => [write, number]));
  const reads = [...group.reads.keys()].filter(
    (each) => numbers.has(group.readWrites[each] as number) && keeps.read(each),
  );
  const readWrites = Int32Array.from(
    reads,
    (each) => numbers.get(group.readWrites[each] as number) as number,
  );
  const ends = Int32Array.from(kept, (write) => {
    const access = group.writes[write] as number;
    return access === NONE ? INITIAL_END : (completions[access] as number);
  });
  reads.forEach((each, place) => {
    const write = readWrites[place] as number;
    const end = completions[group.reads[each] as number] as number;
    if (end < (ends[write] as number)) ends[write] = end;
  });
  return {
    starts: Int32Array.from(kept, (write) => group.starts[write] as number),
    ends,
    writes: Int32Array.from(kept, (write) => group.writes[write] as number),
    reads: Int32Array.from(reads, (read) => group.reads[read] as number),
    readStarts: Int32Array.from(reads, (read) => group.readStarts[read] as number),
    readWrites,
    byEnd: Int32Array.from(kept.keys()).sort((a, b) => (ends[a] as number) - (ends[b] as number)),
  };
}

function columnsOf(
  reads: Int32Array,
  invocations: Int32Array,
  writeOf: (access: number) => number,
): Pick<Group, "reads" | "readStarts" | "readWrites"> {
  return {
    reads,
    readStarts: reads.map((access) => invocations[access] as number),
    readWrites: reads.map((access) => writeOf(access)),
  };
}
