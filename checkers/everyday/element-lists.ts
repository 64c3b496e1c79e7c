/**
 * What reads list, as the numbers of elements. Lists stay in the pool of the history, where they
 * are; only those that show strangers or copies are put somewhere else, without these.
 */
import { NONE, type History } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import { IntList } from "../../src/graph/growing.js";
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

/** From where to where a list stands. */
type Stretch = Pick<ElementRead, "start" | "end">;

const NO_ITEMS = new Int32Array(0);

/** The lists of reads, one behind the other: first all those of the pool, then all others. */
export class Listed {
  readonly #history: Pick<History, "lists" | "valueAt">;
  readonly #items: Int32Array;
  readonly #numberOf: Int32Array;
  /** Elements, and `NONE` for strangers as long as a list is being looked through. */
  readonly #room = new IntList(1);
  readonly #checker: string;
  readonly #lookUp: ((value: Value) => number) | undefined;

  constructor(
    history: Pick<History, "lists" | "valueAt">,
    { checker, numberOf, found }: Pick<Known, "checker" | "numberOf" | "found">,
  ) {
    this.#history = history;
    this.#items = history.lists?.items ?? NO_ITEMS;
    this.#numberOf = numberOf;
    this.#checker = checker;
    if (history.lists !== undefined) return;
    this.#lookUp = lookUpOf(Array.from(found.values, (value) => history.valueAt(value)));
  }

  /** The element at a place; `NONE` for what nobody added. */
  at(place: number): number {
    return place < this.#items.length
      ? (this.#numberOf[this.#items[place] as number] as number)
      : (this.#room.items[place - this.#items.length] as number);
  }

  /** The list at a position of the pool. @throws HarnessError `bad-argument` for what is none */
  enter(id: number): Stretch {
    const { lists } = this.#history;
    const end = this.#items.length + this.#room.length;
    if (lists === undefined) {
      const lookUp = this.#lookUp as (value: Value) => number;
      for (const value of this.#listAt(id)) this.#room.push(lookUp(value));
      return { start: end, end: this.#items.length + this.#room.length };
    }
    const start = lists.starts[id] as number;
    if (start >= 0) return { start: start + 1, end: start + 1 + (this.#items[start] as number) };
    // What is no list is refused in words, or null.
    return { start: end, end: end + this.#listAt(id).length };
  }

  /** What is shown at this place of the list at a position of the pool, from 0 on. */
  shownAt(id: number, at: number): Value {
    const { lists, valueAt } = this.#history;
    const start = lists === undefined ? NONE : (lists.starts[id] as number);
    if (start >= 0) return valueAt(this.#items[start + 1 + at] as number);
    return this.#listAt(id)[at] as Value;
  }

  /** Begins a cleaned list with what stands in this stretch; answers where it begins. */
  beginWith({ start, end }: Stretch): number {
    const room = this.#room;
    if (start >= this.#items.length) {
      room.length = end - this.#items.length;
      return start;
    }
    const begin = room.length;
    for (let place = start; place < end; place++) room.push(this.at(place));
    return this.#items.length + begin;
  }

  /** Goes on with the list that was begun last. */
  push(element: number): void {
    this.#room.push(element);
  }

  /** Where what was pushed last ends. */
  get end(): number {
    return this.#items.length + this.#room.length;
  }

  /** A list, or what stands for an empty one. */
  #listAt(id: number): readonly Value[] {
    const value = this.#history.valueAt(id);
    if (value === null) return [];
    if (Array.isArray(value)) return value as readonly Value[];
    throw misshapen(this.#checker, "reads that return a list of elements", value);
  }
}

/** Reads what the reads list; also moves `knownAt` to reads that end before the add does. */
export function readLists(history: History, known: Known): Pick<Elements, "reads" | "listed"> {
  const { pairs, values: outputs } = history;
  const { limits, faults, readsAt, found } = known;
  const { count, values, firstAdd, knownAt, knownBy } = found;
  const listed = new Listed(history, known);
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
    if (before === undefined) limits.check();
    const { start, end } = before ?? listed.enter(id);
    /** Where the list begins without strangers and copies, once there was one. */
    let cleaned: number = NONE;
    let strangers: Value[] | undefined;
    let copies: number[] | undefined;
    for (let k = start; k < end; k++) {
      const element = listed.at(k);
      const isCopy = element !== NONE && lastList[element] === list;
      if (element === NONE) (strangers ??= []).push(listed.shownAt(id, k - start));
      else if ((firstAdd[element] as number) > completion) {
        (strangers ??= []).push(history.valueAt(values[element] as number));
      }
      if (isCopy) {
        if (duplicated[element] === 0) (copies ??= []).push(element);
        duplicated[element] = 1;
      }
      if (element === NONE || isCopy) {
        if (cleaned === NONE) cleaned = listed.beginWith({ start, end: k });
        continue;
      }
      if (cleaned !== NONE) listed.push(element);
      lastList[element] = list;
      if (knownAt[element] === NONE || completion < (knownAt[element] as number)) {
        knownAt[element] = completion;
        knownBy[element] = invocation;
      }
    }
    const own = cleaned === NONE ? { start, end } : { start: cleaned, end: listed.end };
    const read: ElementRead = { invocation, completion, ...own };
    reads.push(read);
    if (before === undefined) {
      firstOf.set(id, read);
      if (cleaned !== NONE) limits.hold((own.end - own.start) * 4);
    }
    for (const element of copies ?? []) faults.duplicated(element, read);
    for (const each of strangers ?? []) {
      const name = typeof each === "object" ? canonical(each) : each;
      if (unexpected.has(name)) continue;
      unexpected.add(name);
      faults.unexpected(each, read);
    }
  }
  return { reads, listed };
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
