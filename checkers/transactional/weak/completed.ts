/**
 * Read atomic with real time: a reader sees whoever completed before it was invoked. So all of
 * these that wrote the key of a read come before who is read, in linear space:
 *
 * ```
 * w1 … w2 … w3 …      completed, in this order, before r began, and wrote x
 * r reads x of s      w1, w2 and w3 before s: one node for all three, and one for the first two, …
 * r reads x of w2     w1 before w2, by the node of the first; and w3 before w2
 * ```
 *
 * For every version the reader counts that began last. Of those that completed after who is read,
 * each has an edge; where one of them is read in such a way too, the two would have to come before
 * one another, and that is all that is kept. So every writer has one such edge.
 */
import { NONE, OK } from "../../../src/history/history.js";
import type { Transactions } from "../layout.js";
import { BY_TIME, type Forced } from "./forced.js";
import type { Moments } from "./moments.js";
import { INITIAL, type Sources } from "./sources.js";

/** Forces what reads show of those that completed before. O(reads + writes), and sorting. */
export function forceByTime(
  transactions: Transactions,
  known: Sources,
  { moments, forced }: { readonly moments: Moments; readonly forced: Forced },
): void {
  const { starts, sorted, readStarts, reads } = byKey(transactions, known, moments);
  for (let key = 0; key < transactions.keyCount; key++) {
    const writers = sorted.subarray(starts[key], starts[key + 1]);
    const own = reads.subarray(readStarts[key], readStarts[key + 1]);
    if (writers.length === 0 || own.length === 0) continue;
    const about = { writers, reads: own, forced };
    if (forced.isOfList(own[0] as number)) findMissed(transactions, known, about);
    else forceOfKey(transactions, known, about);
  }
}

/** The reads of a key, and who wrote it and completed, in the order in which they did. */
interface Key {
  readonly writers: Int32Array;
  readonly reads: Int32Array;
  readonly forced: Forced;
}

/** Of the versions of a register the reader that began last, and how many had completed then. */
interface Latest {
  read: number;
  completed: number;
  readonly place: number;
}

function forceOfKey(transactions: Transactions, known: Sources, key: Key): void {
  const { owners, invocations } = transactions;
  const { writers, forced } = key;
  const places = new Map<number, number>();
  for (const [place, writer] of writers.entries()) places.set(writer, place);
  const latest = new Map<number, Latest>();
  for (const read of key.reads) {
    const begin = invocations[owners[read] as number] as number;
    const completed = completedBefore(begin, transactions, writers);
    const source = known.sources[read] as number;
    if (source === INITIAL) {
      if (completed > 0) forced.add(writers[0] as number, read, BY_TIME);
      continue;
    }
    const from = owners[source] as number;
    const before = latest.get(from);
    if (before === undefined) {
      latest.set(from, { read, completed, place: places.get(from) ?? Infinity });
    } else if (completed > before.completed) {
      before.read = read;
      before.completed = completed;
    }
  }
  const groups = groupsOf(writers, [...latest.values()], forced);
  const late = [...latest.values()].toSorted((a, b) => a.place - b.place);
  for (const [at, { read, completed, place }] of late.entries()) {
    // Without who is read.
    forced.addGroup(groups[Math.min(place, completed)] as number, read);
    if (completed <= place + 1) continue;
    const next = late[at + 1];
    if (next !== undefined && next.place < completed && next.completed > place) {
      forced.add(writers[next.place] as number, read, BY_TIME);
      continue;
    }
    for (let other = place + 1; other < completed; other++) {
      forced.add(writers[other] as number, read, BY_TIME);
    }
  }
}

/** Length → the group of so many that completed first. */
function groupsOf(
  writers: Int32Array,
  latest: readonly Latest[],
  { groups }: Forced,
): readonly number[] {
  let most = 0;
  for (const { place, completed } of latest) most = Math.max(most, Math.min(place, completed));
  const numbers = [NONE];
  for (let length = 1; length <= most; length++) {
    numbers.push(groups.add(writers[length - 1] as number, numbers[length - 1] as number));
  }
  return numbers;
}

/** Lists show what they lack: of all that completed before, the one that comes last in them. */
function findMissed(transactions: Transactions, { placeOf }: Sources, key: Key): void {
  const { owners, invocations, keys } = transactions;
  const { writers, reads, forced } = key;
  const of = keys[reads[0] as number] as number;
  /** How many completed → which of them comes last. */
  const last: number[] = [];
  let best = -1;
  for (const writer of writers) {
    const place = placeOf?.(writer, of) ?? -1;
    last.push(place > best || last.length === 0 ? writer : (last.at(-1) as number));
    best = Math.max(best, place);
  }
  for (const read of reads) {
    const begin = invocations[owners[read] as number] as number;
    const completed = completedBefore(begin, transactions, writers);
    if (completed > 0) forced.add(last[completed - 1] as number, read, BY_TIME);
  }
}

/** How many of these had completed when something began. */
function completedBefore(
  begin: number,
  { completions }: Transactions,
  writers: Int32Array,
): number {
  let low = 0;
  let high = writers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((completions[writers[middle] as number] as number) < begin) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Key → those that wrote it and completed, in this order, by counting; and its reads. */
function byKey(
  { keyCount, keys, outcomes, owners }: Transactions,
  { sources, writes }: Sources,
  { ended }: Moments,
): {
  readonly starts: Int32Array;
  readonly sorted: Int32Array;
  readonly readStarts: Int32Array;
  readonly reads: Int32Array;
} {
  const starts = new Int32Array(keyCount + 2);
  const eachWrite = (visit: (writer: number, key: number) => void): void => {
    for (const writer of ended) {
      const end = writes.starts[writer + 1] as number;
      for (let place = writes.starts[writer] as number; place < end; place++) {
        visit(writer, writes.keys[place] as number);
      }
    }
  };
  eachWrite((_, key) => {
    starts[key + 2] = (starts[key + 2] as number) + 1;
  });
  const readStarts = new Int32Array(keyCount + 2);
  const isRead = (at: number): boolean =>
    sources[at] !== NONE && outcomes[owners[at] as number] === OK;
  for (let at = 0; at < keys.length; at++) {
    const after = (keys[at] as number) + 2;
    if (isRead(at)) readStarts[after] = (readStarts[after] as number) + 1;
  }
  for (let key = 2; key <= keyCount + 1; key++) {
    starts[key] = (starts[key] as number) + (starts[key - 1] as number);
    readStarts[key] = (readStarts[key] as number) + (readStarts[key - 1] as number);
  }
  const sorted = new Int32Array(starts[keyCount + 1] as number);
  eachWrite((writer, key) => {
    const place = starts[key + 1] as number;
    starts[key + 1] = place + 1;
    sorted[place] = writer;
  });
  const reads = new Int32Array(readStarts[keyCount + 1] as number);
  for (let at = 0; at < keys.length; at++) {
    if (!isRead(at)) continue;
    const after = (keys[at] as number) + 1;
    const place = readStarts[after] as number;
    readStarts[after] = place + 1;
    reads[place] = at;
  }
  return { starts, sorted, readStarts, reads };
}
