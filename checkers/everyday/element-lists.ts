/**
 * What reads list, as the numbers of elements, one list after the other in one array: a history has
 * hundreds of thousands of short lists, and an array for each would cost more than to read them.
 */
import { NONE, type History } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import type { ElementRead, Elements, ReadFaults } from "./elements.js";
import { identityOf } from "./identity.js";
import type { Limits } from "./limits.js";
import { misshapen } from "./options.js";

/** What is known before the reads are looked at. */
interface Known {
  readonly checker: string;
  readonly limits: Limits;
  readonly faults: ReadFaults;
  /** Invocations of the reads that completed ok. */
  readonly readsAt: readonly number[];
  /** Position in the pool → element, or `NONE`. */
  readonly numberOf: Int32Array;
  readonly found: Omit<Elements, "reads" | "listed">;
}

/** Reads what the reads list; also moves `knownAt` to reads that end before the add does. */
export function readLists(history: History, known: Known): Pick<Elements, "reads" | "listed"> {
  const { pairs, values: outputs } = history;
  const { checker, limits, faults, readsAt, found } = known;
  const { count, values, firstAdd, knownAt, knownBy } = found;
  const room: Room = { numbers: new Int32Array(history.lists?.items.length ?? 64), length: 0 };
  const enter = readerOf(history, known, room);
  /** The last list that the element was in, so that a second copy is noticed. */
  const lastList = new Int32Array(count).fill(NONE);
  const duplicated = new Uint8Array(count);
  const unexpected = new Set<Value>();
  /** Position in the pool → the first read that showed this list. */
  const firstOf = new Map<number, ElementRead>();
  const reads: ElementRead[] = [];
  for (let list = 0; list < readsAt.length; list++) {
    const invocation = readsAt[list] as number;
    const completion = pairs[invocation] as number;
    const id = outputs[completion] as number;
    const before = firstOf.get(id);
    const start = before?.start ?? room.length;
    let end = before?.end ?? start;
    if (before === undefined) {
      limits.check();
      end += enter(id);
      limits.hold((end - start) * 4);
    }
    // Strangers and copies are taken out, where that was not yet done for the same list.
    const { numbers } = room;
    let kept = start;
    let strangers: Value[] | undefined;
    let copies: number[] | undefined;
    for (let k = start; k < end; k++) {
      const element = numbers[k] as number;
      if (element === NONE) {
        const shown = listOf(history.valueAt(id), checker)[k - start] as Value;
        (strangers ??= []).push(shown);
        continue;
      }
      if ((firstAdd[element] as number) > completion) {
        (strangers ??= []).push(history.valueAt(values[element] as number));
      }
      if (lastList[element] === list) {
        if (duplicated[element] === 0) (copies ??= []).push(element);
        duplicated[element] = 1;
        continue;
      }
      lastList[element] = list;
      numbers[kept++] = element;
      if (knownAt[element] === NONE || completion < (knownAt[element] as number)) {
        knownAt[element] = completion;
        knownBy[element] = invocation;
      }
    }
    const read: ElementRead = { invocation, completion, start, end: kept };
    reads.push(read);
    if (before === undefined) {
      room.length = kept;
      firstOf.set(id, read);
    }
    for (const element of copies ?? []) faults.duplicated(element, read);
    for (const each of strangers ?? []) {
      const name = typeof each === "object" ? canonical(each) : each;
      if (unexpected.has(name)) continue;
      unexpected.add(name);
      faults.unexpected(each, read);
    }
  }
  return { reads, listed: room.numbers };
}

/** Where lists are put one after the other. */
interface Room {
  numbers: Int32Array;
  length: number;
}

/** Makes room for so many more. */
function widen(room: Room, more: number): void {
  if (room.length + more <= room.numbers.length) return;
  const wider = new Int32Array(Math.max(room.length + more, 2 * room.numbers.length));
  wider.set(room.numbers);
  room.numbers = wider;
}

/**
 * Puts a list of the pool into the room, `NONE` for what nobody added, and tells its length; the
 * room's own length stays.
 */
function readerOf(
  history: History,
  { checker, numberOf, found: { values } }: Known,
  room: Room,
): (id: number) => number {
  const { lists } = history;
  if (lists !== undefined) {
    const { starts, items } = lists;
    return (id) => {
      const start = starts[id] as number;
      // What is no list is refused in words, or null.
      if (start < 0) return listOf(history.valueAt(id), checker).length;
      const length = items[start] as number;
      widen(room, length);
      const { numbers, length: at } = room;
      for (let k = 0; k < length; k++) {
        numbers[at + k] = numberOf[items[start + 1 + k] as number] as number;
      }
      return length;
    };
  }
  const lookUp = lookUpOf(Array.from(values, (value) => history.valueAt(value)));
  return (id) => {
    const listed = listOf(history.valueAt(id), checker);
    widen(room, listed.length);
    const { numbers, length: at } = room;
    for (let k = 0; k < listed.length; k++) numbers[at + k] = lookUp(listed[k] as Value);
    return listed.length;
  };
}

/** A list, or what stands for an empty one. */
function listOf(value: Value, checker: string): readonly Value[] {
  if (value === null) return [];
  if (Array.isArray(value)) return value as readonly Value[];
  throw misshapen(checker, "reads that return a list of elements", value);
}

/** Finds the number of a value; small integers, which most are, in an array. */
function lookUpOf(values: readonly Value[]): (value: Value) => number {
  let largest = 0;
  let small = true;
  for (const value of values) {
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0) small = false;
    else if (value > largest) largest = value;
  }
  if (small && largest < 8 * values.length + 1024) {
    const numbers = new Int32Array(largest + 1).fill(NONE);
    for (const [number, value] of values.entries()) numbers[value as number] = number;
    return (value) => (typeof value === "number" ? (numbers[value] ?? NONE) : NONE);
  }
  const numbers = new Map<Value, number>();
  for (const [number, value] of values.entries()) numbers.set(identityOf(value), number);
  return (value) => numbers.get(identityOf(value)) ?? NONE;
}
