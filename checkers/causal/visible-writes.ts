/**
 * One pass over the causal order that looks, for each read, at the last write of each session to
 * the read's key that precedes it causally (Bouajjani et al. 2017, section 4; the pass over
 * sessions as in Biswas & Enea 2019 and Møldrup & Pavlogiannis 2025):
 *
 * - a read of the initial value must have none (WriteCOInitRead);
 * - none may lie between the write that was read and the read (WriteCORead);
 * - every other one must be arbitrated before the write that was read, wherever all sessions have
 *   one order of writes (the conflict order of CyclicCF). Only the last one of each session matters,
 *   for the earlier ones precede it.
 *
 * What precedes an operation is a vector clock: for each session the last operation, plus one.
 * Clocks are kept of writes (and of parents of sessions), so that the memory is writes × sessions;
 * time is O(operations × sessions × log).
 */
import { EdgeList } from "../../src/graph/digraph.js";
import type { Meter } from "../linearizable/meter.js";
import type { Registers } from "./layout.js";
import { INITIAL, NOTHING } from "./sources.js";
import type { WritesByKey } from "./writes-by-key.js";

/** What came of it. */
export type VisibleWrites =
  | {
      readonly kind: "consistent";
      /** Conflict order: each edge with the read that makes it. */
      readonly conflicts: EdgeList;
      readonly reads: readonly number[];
    }
  /** A read of the initial value, and a write that precedes it. */
  | { readonly kind: "initial-read"; readonly write: number; readonly read: number }
  /** A read whose write precedes another that precedes the read. */
  | { readonly kind: "overwritten"; readonly by: number; readonly read: number };

/** Looks; `wanted` is whether conflicts are to be collected. @throws LimitReached */
export function visibleWrites(
  registers: Registers,
  about: {
    readonly order: Int32Array;
    readonly writes: WritesByKey;
    readonly meter: Meter;
    readonly wanted: boolean;
  },
): VisibleWrites {
  const { order, writes, meter, wanted } = about;
  const { sessions, starts, parents, keys, sources } = registers;
  const columns = starts.length - 1;
  const { rows, rowCount } = rowsOf(registers);
  const bytes = 4 * columns * (columns + rowCount) + 8 * registers.count;
  meter.reserve(bytes);
  const clocks = new Int32Array(columns * rowCount);
  /** What precedes the next operation of each session. */
  const current = new Int32Array(columns * columns);
  const lastTargets = wanted ? new Int32Array(registers.count).fill(NOTHING) : new Int32Array(0);
  const conflicts = new EdgeList();
  const reads: number[] = [];
  const join = (into: number, row: number): void => {
    for (let column = 0; column < columns; column++) {
      const known = clocks[row + column] as number;
      if (known > (current[into + column] as number)) current[into + column] = known;
    }
  };
  try {
    for (const operation of order) {
      const session = sessions[operation] as number;
      const mine = session * columns;
      const source = sources[operation] as number;
      meter.spend(columns);
      if (operation === starts[session] && (parents[session] as number) >= 0) {
        join(mine, (rows[parents[session] as number] as number) * columns);
      }
      if (source >= 0) {
        const writer = sessions[source] as number;
        const sourceRow = (rows[source] as number) * columns;
        if ((current[mine + writer] as number) <= source) join(mine, sourceRow);
        const end = writes.ends(keys[operation] as number);
        for (let list = writes.begins(keys[operation] as number); list < end; list++) {
          const column = writes.sessionOf(list);
          const last = writes.lastBelow(list, current[mine + column] as number);
          if (last === NOTHING || last === source) continue;
          if ((clocks[sourceRow + column] as number) > last) continue;
          if ((clocks[(rows[last] as number) * columns + writer] as number) > source) {
            return { kind: "overwritten", by: last, read: operation };
          }
          if (!wanted || lastTargets[last] === source) continue;
          lastTargets[last] = source;
          conflicts.add(last, source);
          reads.push(operation);
        }
      } else if (source === INITIAL) {
        const end = writes.ends(keys[operation] as number);
        for (let list = writes.begins(keys[operation] as number); list < end; list++) {
          const bound = current[mine + writes.sessionOf(list)] as number;
          const write = writes.lastBelow(list, bound);
          if (write !== NOTHING) return { kind: "initial-read", write, read: operation };
        }
      }
      current[mine + session] = operation + 1;
      const row = rows[operation] as number;
      if (row !== NOTHING) clocks.set(current.subarray(mine, mine + columns), row * columns);
    }
    return { kind: "consistent", conflicts, reads };
  } finally {
    meter.release(bytes);
  }
}

/** Rows for the operations whose clock is asked for. */
function rowsOf({ count, isWrite, parents }: Registers): {
  readonly rows: Int32Array;
  readonly rowCount: number;
} {
  const rows = new Int32Array(count).fill(NOTHING);
  let rowCount = 0;
  for (let operation = 0; operation < count; operation++) {
    if (isWrite[operation] === 1) rows[operation] = rowCount++;
  }
  for (const parent of parents) {
    if (parent >= 0 && rows[parent] === NOTHING) rows[parent] = rowCount++;
  }
  return { rows, rowCount };
}
