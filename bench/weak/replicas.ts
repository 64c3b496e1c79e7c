/**
 * Calls of replicated registers, right by construction: each process has its own replica, which has
 * taken a prefix of all operations, some way behind the others, and its own.
 */
import { createRandom } from "../../src/random.js";
import { createCalls, type Calls } from "./calls.js";

/** What they look like. */
export interface ReplicasShape {
  readonly operations: number;
  readonly processes: number;
  readonly keys: number;
  /** A replica is at most so many operations behind; default 20 for each process. */
  readonly lagMax?: number;
  /**
   * Of two writes that have reached a replica, which one is read: the one that began last (all
   * replicas converge), or the one that came last (each has its own order).
   */
  readonly wins: "began-last" | "came-last";
  readonly seed: number;
}

/** The writes to one key, as numbers of operations. */
interface Key {
  readonly writes: number[];
  readonly writers: number[];
  /** Process → its last write, and what its replica had taken by then. */
  readonly own: Int32Array;
  readonly takenAtOwn: Int32Array;
}

/** Half of the calls read, half write a value that nobody else writes. */
export function replicatedCalls(shape: ReplicasShape): Calls {
  const { operations, processes, keys, wins, seed, lagMax = 20 * shape.processes } = shape;
  const random = createRandom(seed);
  const calls = createCalls(operations);
  const taken = new Int32Array(processes).fill(-1);
  const all: Key[] = Array.from({ length: keys }, () => ({
    writes: [],
    writers: [],
    own: new Int32Array(processes).fill(-1),
    takenAtOwn: new Int32Array(processes).fill(-1),
  }));
  for (let operation = 0; operation < operations; operation++) {
    const process = random.below(processes);
    const number = random.below(keys);
    const key = all[number] as Key;
    const upTo = operation - 1 - random.below(lagMax + 1);
    taken[process] = Math.max(taken[process] as number, upTo);
    calls.processes[operation] = process;
    calls.keys[operation] = number;
    if (random.below(2) === 0) {
      calls.isRead[operation] = 1;
      calls.values[operation] = seenBy(key, process, { upTo: taken[process], wins });
      continue;
    }
    calls.values[operation] = operation;
    key.writes.push(operation);
    key.writers.push(process);
    key.own[process] = operation;
    key.takenAtOwn[process] = taken[process];
  }
  return calls;
}

function seenBy(
  { writes, writers, own, takenAtOwn }: Key,
  process: number,
  { upTo, wins }: { readonly upTo: number; readonly wins: ReplicasShape["wins"] },
): number {
  let low = 0;
  let high = writes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((writes[middle] as number) <= upTo) low = middle + 1;
    else high = middle;
  }
  let place = low - 1;
  while (place >= 0 && writers[place] === process) place--;
  const foreign = place < 0 ? -1 : (writes[place] as number);
  const mine = own[process] as number;
  if (wins === "began-last") return Math.max(foreign, mine);
  return foreign > (takenAtOwn[process] as number) ? foreign : mine;
}
