/**
 * Judges each key of a history for itself: a history of its own for every key, with the operations
 * of clients that have it, one verdict each, and all of them merged. Faults are left out.
 *
 * A history without keys is judged as it is. Operations without a key, in a history that has keys
 * elsewhere, are a part of their own.
 */
import { askChecker } from "../../src/checker/ask-checker.js";
import type { Budget, Checker } from "../../src/checker/checker.js";
import { createLazyHistory, NEMESIS, NONE, type History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import { NO_LIST, objectStart, type Lists } from "../../src/history/value-pool.js";
import type { Anomaly, Verdict } from "../../src/verdict/verdict.js";
import { MergingVerdicts } from "./merging-verdicts.js";

/** The checker's verdict on each key, merged; on the whole history when it has no keys. */
export function checkEachKey(
  checker: Checker,
  history: History,
  budget: Budget,
): Verdict | Promise<Verdict> {
  return hasKeys(history) ? checkParts(checker, history, budget) : checker.check(history, budget);
}

/** Whether clients name keys. */
export function hasKeys({ length, keys, processes }: History): boolean {
  for (let i = 0; i < length; i++) if (keys[i] !== NONE && processes[i] !== NEMESIS) return true;
  return false;
}

async function checkParts(checker: Checker, history: History, budget: Budget): Promise<Verdict> {
  const startMs = budget.nowMs();
  const merging = new MergingVerdicts();
  for (const part of partsOf(history, { withFaults: false })) {
    const timeMs = budget.timeMs - (budget.nowMs() - startMs);
    const limits: Budget = {
      timeMs,
      memoryBytes: budget.memoryBytes,
      nowMs: () => budget.nowMs(),
    };
    const verdict = await askChecker(checker, part.history, limits);
    merging.add(part.key, inTheWhole(verdict, part));
  }
  return merging.verdict(checker, budget.nowMs() - startMs);
}

/** The operations of one key. */
export interface Part {
  readonly key: Value | undefined;
  readonly history: History;
  /** The index that each event has in the whole history. */
  readonly indices: Int32Array;
}

function inTheWhole(verdict: Verdict, { key, indices }: Part): Verdict {
  const anomalies = verdict.anomalies.map((anomaly): Anomaly => ({
    ...anomaly,
    operations: anomaly.operations.map((index) => indices[index] as number),
    ...(key === undefined ? {} : { key }),
  }));
  return { ...verdict, anomalies };
}

/**
 * A history of each key, in the order in which the keys come up. What the nemesis did is in all of
 * them or in none.
 *
 * The events are sorted by key once, column by column, so that each part is a piece of the sorted
 * columns: history is read from front to back, and no part makes columns of its own. Values are
 * numbered anew in each part, so that what a checker keeps of them stays as small as the part.
 */
export function* partsOf(
  history: History,
  { withFaults }: { readonly withFaults: boolean },
): Generator<Part> {
  const { lists } = history;
  // Asking for the pool itself would make all values that are in it.
  const valueCount = lists?.starts.length ?? history.pool.length;
  const numbering: Numbering = {
    valueAt: history.valueAt,
    lists,
    numbers: new Int32Array(valueCount).fill(NONE),
    items: new Int32Array(256),
  };
  const sorted = sortByKey(history, { withFaults, valueCount });
  for (let part = 0; part < sorted.slots.length; part++) {
    const slot = sorted.slots[part] as number;
    const key = slot === valueCount ? undefined : history.valueAt(slot);
    const start = sorted.starts[part] as number;
    const end = sorted.starts[part + 1] as number;
    const indices = sorted.indices.subarray(start, end);
    yield { key, indices, history: historyAt(sorted, { start, end }, numbering) };
  }
}

/** The events of all parts, one part after the other, each with positions within its part. */
interface SortedEvents extends Columns {
  /** Of each part, the position of its key in the pool, or the pool's length for none. */
  readonly slots: Int32Array;
  /** Of each part, where it begins; and where the last one ends. */
  readonly starts: Int32Array;
  readonly indices: Int32Array;
  readonly functionNames: readonly string[];
}

type Columns = Pick<
  History,
  "types" | "processes" | "functions" | "keys" | "values" | "errors" | "timesNs" | "pairs"
>;

/** A counting sort; what has no key is a part of its own. */
function sortByKey(
  history: History,
  { withFaults, valueCount }: { readonly withFaults: boolean; readonly valueCount: number },
): SortedEvents {
  const { length, keys, processes, pairs, functionNames } = history;
  const noKey = valueCount;
  /** Slot → part + 1. */
  const partOf = new Int32Array(noKey + 1);
  const slots: number[] = [];
  const counts: number[] = [];
  let faults = 0;
  for (let i = 0; i < length; i++) {
    if (processes[i] === NEMESIS) {
      faults++;
      continue;
    }
    const slot = keys[i] === NONE ? noKey : (keys[i] as number);
    if (partOf[slot] === 0) {
      partOf[slot] = slots.push(slot);
      counts.push(0);
    }
    const part = (partOf[slot] as number) - 1;
    counts[part] = (counts[part] as number) + 1;
  }
  const starts = new Int32Array(slots.length + 1);
  for (const [part, count] of counts.entries()) {
    starts[part + 1] = (starts[part] as number) + count + (withFaults ? faults : 0);
  }
  const ends = starts.slice();
  const total = starts[slots.length] as number;
  const indices = new Int32Array(total);
  /** Event → its position within its part; of what the nemesis did nothing is paired. */
  const places = new Int32Array(length).fill(NONE);
  for (let i = 0; i < length; i++) {
    if (processes[i] !== NEMESIS) {
      const part = (partOf[keys[i] === NONE ? noKey : (keys[i] as number)] as number) - 1;
      const at = ends[part] as number;
      ends[part] = at + 1;
      indices[at] = i;
      places[i] = at - (starts[part] as number);
    } else if (withFaults) {
      for (let part = 0; part < slots.length; part++) {
        const at = ends[part] as number;
        ends[part] = at + 1;
        indices[at] = i;
      }
    }
  }
  const sortedPairs = new Int32Array(total).fill(NONE);
  for (let at = 0; at < total; at++) {
    const mate = pairs[indices[at] as number] as number;
    if (mate !== NONE) sortedPairs[at] = places[mate] as number;
  }
  return {
    types: inOrder(new Uint8Array(total), history.types, indices),
    processes: inOrder(new Int32Array(total), processes, indices),
    functions: inOrder(new Uint16Array(total), history.functions, indices),
    keys: inOrder(new Int32Array(total), keys, indices),
    values: inOrder(new Int32Array(total), history.values, indices),
    errors: inOrder(new Int32Array(total), history.errors, indices),
    timesNs: inOrder(new Float64Array(total), history.timesNs, indices),
    pairs: sortedPairs,
    slots: Int32Array.from(slots),
    starts,
    indices,
    functionNames,
  };
}

/** Fills an array with the entries of another that these indices name. */
function inOrder<Column extends Uint8Array | Uint16Array | Int32Array | Float64Array>(
  into: Column,
  from: Column,
  indices: Int32Array,
): Column {
  for (let at = 0; at < indices.length; at++) into[at] = from[indices[at] as number] as number;
  return into;
}

/** The numbers that values of the whole history have in a part; shared by all parts. */
interface Numbering {
  readonly valueAt: (position: number) => Value;
  readonly lists: Lists | undefined;
  /** Position in the whole pool → number in the part that is being made, or `NONE`. */
  readonly numbers: Int32Array;
  /** Room for the items of a part's lists. */
  items: Int32Array;
}

/** The history of one part, with a pool of its own, so that many parts stay small. */
function historyAt(
  sorted: SortedEvents,
  { start, end }: { readonly start: number; readonly end: number },
  numbering: Numbering,
): History {
  const { numbers, valueAt } = numbering;
  /** Number in the part → position in the whole pool. */
  const own: number[] = [];
  for (const column of [sorted.keys, sorted.values, sorted.errors]) {
    for (let at = start; at < end; at++) {
      const id = column[at] as number;
      if (id === NONE) continue;
      if (numbers[id] === NONE) numbers[id] = own.push(id) - 1;
      column[at] = numbers[id] as number;
    }
  }
  const lists = numbering.lists && listsOf(own, numbering.lists, numbering);
  for (let number = 0; number < own.length; number++) numbers[own[number] as number] = NONE;
  return createLazyHistory(
    {
      length: end - start,
      types: sorted.types.subarray(start, end),
      processes: sorted.processes.subarray(start, end),
      functions: sorted.functions.subarray(start, end),
      keys: sorted.keys.subarray(start, end),
      values: sorted.values.subarray(start, end),
      errors: sorted.errors.subarray(start, end),
      timesNs: sorted.timesNs.subarray(start, end),
      pairs: sorted.pairs.subarray(start, end),
      functionNames: sorted.functionNames,
      lists,
    },
    { at: (number) => valueAt(own[number] as number), all: () => own.map(valueAt) },
  );
}

/** The lists and objects of a part; what is in them are values of the part, too. */
function listsOf(own: number[], whole: Lists, numbering: Numbering): Lists {
  const { numbers } = numbering;
  let starts = new Int32Array(2 * own.length);
  let length = 0;
  for (let number = 0; number < own.length; number++) {
    const given = whole.starts[own[number] as number] as number;
    // Items that are new stand at the end of `own`.
    if (number === starts.length) {
      const longer = new Int32Array(2 * own.length);
      longer.set(starts);
      starts = longer;
    }
    if (given === NO_LIST) {
      starts[number] = NO_LIST;
      continue;
    }
    const from = given >= 0 ? given : objectStart(given);
    starts[number] = given >= 0 ? length : objectStart(length);
    const count = whole.items[from] as number;
    const room = numbering.items.length;
    if (length + count >= room) {
      const wider = new Int32Array(Math.max(length + count + 1, 2 * room));
      wider.set(numbering.items);
      numbering.items = wider;
    }
    const { items } = numbering;
    items[length++] = count;
    for (let k = from + 1; k <= from + count; k++) {
      const id = whole.items[k] as number;
      if (numbers[id] === NONE) numbers[id] = own.push(id) - 1;
      items[length++] = numbers[id] as number;
    }
  }
  return { starts: starts.subarray(0, own.length), items: numbering.items.slice(0, length) };
}
