/**
 * Calls that are sequentially consistent by construction and not linearizable: one order of all
 * writes, that each process sees later than others, or that took place at other times than the
 * calls.
 */
import { createRandom, type Random } from "../../src/random.js";
import { createCalls, NOTHING, type Calls } from "./calls.js";

/** What they look like. */
export interface OrderShape {
  readonly operations: number;
  readonly processes: number;
  readonly keys: number;
  /**
   * `"replicas"`: each process reads from a replica, which takes the writes in one order, and waits
   * for its own; `"shifted"`: each process's calls are shifted in time as a whole, by up to a fifth
   * of all.
   */
  readonly way: "replicas" | "shifted";
  readonly seed: number;
}

/** How many writes a replica takes at once at most. */
const STEP_MAX = 60;

/** Half of the calls read, half write a value that nobody else writes. */
export function callsInOneOrder(shape: OrderShape): Calls {
  const { operations, processes, keys, way } = shape;
  const random = createRandom(shape.seed);
  const calls = createCalls(operations);
  /** Key → its writes; all writes so far; process → how many of them its replica has. */
  const byKey: number[][] = Array.from({ length: keys }, () => []);
  const places: number[] = [];
  const taken = new Int32Array(processes);
  let writes = 0;
  for (let call = 0; call < operations; call++) {
    const process = random.below(processes);
    const key = random.below(keys);
    const ofKey = byKey[key] as number[];
    calls.processes[call] = process;
    calls.keys[call] = key;
    if (random.below(2) === 0) {
      calls.isRead[call] = 1;
      const more = way === "shifted" ? writes : random.below(STEP_MAX + 1);
      taken[process] = Math.min(writes, (taken[process] as number) + more);
      calls.values[call] = lastOf(ofKey, places, taken[process]);
    } else {
      calls.values[call] = call;
      ofKey.push(call);
      places[call] = writes++;
      taken[process] = writes;
    }
  }
  return way === "shifted" ? { ...calls, order: shifted(calls, processes, random) } : calls;
}

/** The last write whose place in the order of all writes is before `taken`. */
function lastOf(writes: readonly number[], places: readonly number[], taken: number): number {
  let at = writes.length - 1;
  while (at >= 0 && (places[writes[at] as number] as number) >= taken) at--;
  return at < 0 ? NOTHING : (writes[at] as number);
}

function shifted({ count, processes }: Calls, processCount: number, random: Random): Int32Array {
  const shifts = Array.from({ length: processCount }, () => random.below(Math.ceil(count / 5)));
  const at = Float64Array.from({ length: count }, (_, call) => {
    return call + (shifts[processes[call] as number] as number) + call / (2 * count);
  });
  return Int32Array.from({ length: count }, (_, call) => call).sort(
    (a, b) => (at[a] as number) - (at[b] as number),
  );
}
