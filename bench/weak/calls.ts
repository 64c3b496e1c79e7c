/**
 * Calls of a store of registers, one after the other, and the history that they make: for
 * histories that are right by construction, and get one certain violation in their last tenth.
 */
import { createHistoryBuilder, INVOKE, OK, type History } from "../../src/history/history.js";

/** What a read of a key finds that nobody has written. */
export const NOTHING: number = -1;

/** Calls as columns. The value of a write is its own number, so that no value is written twice. */
export interface Calls {
  readonly count: number;
  readonly processes: Int32Array;
  readonly keys: Int32Array;
  readonly isRead: Uint8Array;
  /** What is written, or read: the number of the write, or `NOTHING`. */
  readonly values: Int32Array;
  /** Their order in real time; that of the numbers if absent. */
  readonly order?: Int32Array;
}

/** Room for so many calls. */
export function createCalls(count: number): Calls {
  return {
    count,
    processes: new Int32Array(count),
    keys: new Int32Array(count),
    isRead: new Uint8Array(count),
    values: new Int32Array(count).fill(NOTHING),
  };
}

/**
 * A process reads what another wrote, and later what the same one had written to the key before:
 * wrong at every level that keeps the order of a session's writes and of what a session reads.
 */
export function plantOlderRead({ count, processes, keys, isRead, values }: Calls): void {
  /** Write → the one before it of its process to its key. */
  const before = new Int32Array(count).fill(NOTHING);
  const lastWrite = new Map<string, number>();
  const lastSeen = new Map<string, number>();
  for (let call = 0; call < count; call++) {
    const name = `${processes[call]} ${keys[call]}`;
    if (isRead[call] === 0) {
      before[call] = lastWrite.get(name) ?? NOTHING;
      lastWrite.set(name, call);
      lastSeen.delete(name);
      continue;
    }
    const seen = lastSeen.get(name);
    const older = seen === undefined ? NOTHING : (before[seen] as number);
    if (call >= count * 0.9 && older !== NOTHING) {
      values[call] = older;
      return;
    }
    if (values[call] === NOTHING) lastSeen.delete(name);
    else lastSeen.set(name, values[call] as number);
  }
  throw new Error("no place for an older read; take another seed or more operations");
}

/** The history of calls that do not overlap. */
export function historyOfCalls(calls: Calls): History {
  const { count, processes, keys, isRead, values, order } = calls;
  const builder = createHistoryBuilder();
  for (let place = 0; place < count; place++) {
    const call = order === undefined ? place : (order[place] as number);
    const process = processes[call] as number;
    const key = keys[call] as number;
    const value = values[call] === NOTHING ? null : (values[call] as number);
    const f = isRead[call] === 1 ? "read" : "write";
    const startNs = place * 2_000;
    builder.append(INVOKE, process, f, key, f === "read" ? null : value, undefined, startNs);
    builder.append(OK, process, f, key, value, undefined, startNs + 1_000);
  }
  return builder.build();
}
