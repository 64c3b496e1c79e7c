/**
 * The elements that clients put somewhere (into a set, a log, a broadcast), numbered, and what
 * reads showed of them. One pass over the columns, and one over what each read lists.
 */
import { FAIL, INVOKE, NEMESIS, NONE, OK, type History } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import { maskOf, outcomeOf } from "./functions.js";
import { identityOf } from "./identity.js";
import type { Limits } from "./limits.js";
import { misshapen } from "./options.js";

/** The functions of a checker; each is about the element that is the input, but for reads. */
export interface ElementFunctions {
  readonly add: readonly string[];
  readonly remove: readonly string[];
  /** Functions whose result is the list of the elements that are there. */
  readonly read: readonly string[];
}

/** A read that completed ok. */
export interface ElementRead {
  readonly invocation: number;
  readonly completion: number;
  /** The numbers of the elements that it lists, each once, without those that nobody added. */
  readonly elements: Int32Array;
}

/** What clients added and saw. Arrays have one entry an element, events are indices. */
export interface Elements {
  readonly count: number;
  /** The value of each element, as a position in the pool. */
  readonly values: readonly number[];
  /** The first invocation of an add that did not fail. */
  readonly firstAdd: readonly number[];
  /**
   * The first completion after which the element is certainly there: of an add, or of a read that
   * lists it; `NONE` when there is none. And the invocation of that operation.
   */
  readonly knownAt: Int32Array;
  readonly knownBy: Int32Array;
  /** The first ok completion of an add; `NONE` when there is none. */
  readonly acknowledgedAt: Int32Array;
  /** The first invocation of a remove that did not fail; `NONE` for none. */
  readonly firstRemove: Int32Array;
  /** Reads in the order of their invocations. */
  readonly reads: readonly ElementRead[];
  /** Client operations with one of the functions. */
  readonly operations: number;
}

/** What is wrong with a single read. */
export interface ReadFaults {
  /** The read lists a value that nobody had tried to add by its end; once a value. */
  unexpected(value: Value, read: ElementRead): void;
  /** The read lists an element more than once; once an element. */
  duplicated(element: number, read: ElementRead): void;
}

/**
 * Collects the elements.
 * @throws HarnessError `bad-argument` for a read whose result is no list
 */
export function collectElements(
  history: History,
  options: ElementFunctions & {
    readonly checker: string;
    readonly limits: Limits;
    readonly faults: ReadFaults;
  },
): Elements {
  const { length, types, processes, functions, pairs, pool, values: inputs } = history;
  const { limits } = options;
  const isAdd = maskOf(history, options.add);
  const isRemove = maskOf(history, options.remove);
  const isRead = maskOf(history, options.read);
  limits.hold(pool.length * 4);
  const numberOf = new Int32Array(pool.length).fill(NONE);
  const values: number[] = [];
  const firstAdd: number[] = [];
  const readsAt: number[] = [];
  const removes: number[] = [];
  let operations = 0;
  for (let i = 0; i < length; i++) {
    if (types[i] !== INVOKE || processes[i] === NEMESIS) continue;
    const f = functions[i] as number;
    if (isAdd[f] === 1) {
      operations++;
      const value = inputs[i] as number;
      if (numberOf[value] !== NONE || outcomeOf(history, i) === FAIL) continue;
      numberOf[value] = values.push(value) - 1;
      firstAdd.push(i);
    } else if (isRead[f] === 1) {
      operations++;
      if (outcomeOf(history, i) === OK) readsAt.push(i);
    } else if (isRemove[f] === 1) {
      operations++;
      if (outcomeOf(history, i) !== FAIL) removes.push(i);
    }
  }
  limits.check();
  limits.hold(values.length * 32);
  const count = values.length;
  const firstRemove = new Int32Array(count).fill(NONE);
  for (const i of removes) {
    const element = numberOf[inputs[i] as number] as number;
    if (element !== NONE && firstRemove[element] === NONE) firstRemove[element] = i;
  }
  const acknowledgedAt = new Int32Array(count).fill(NONE);
  const knownAt = new Int32Array(count).fill(NONE);
  const knownBy = new Int32Array(count).fill(NONE);
  for (let i = 0; i < length; i++) {
    if (types[i] !== OK || processes[i] === NEMESIS || isAdd[functions[i] as number] !== 1) {
      continue;
    }
    const invocation = pairs[i] as number;
    const element = numberOf[inputs[invocation] as number] as number;
    if (acknowledgedAt[element] !== NONE) continue;
    acknowledgedAt[element] = i;
    knownAt[element] = i;
    knownBy[element] = invocation;
  }
  const found = {
    count,
    values,
    firstAdd,
    knownAt,
    knownBy,
    acknowledgedAt,
    firstRemove,
    operations,
  };
  const reads = readLists(history, { ...options, readsAt, numberOf, found });
  return { ...found, reads };
}

interface Lists {
  readonly checker: string;
  readonly limits: Limits;
  readonly faults: ReadFaults;
  readonly readsAt: readonly number[];
  /** Position in the pool → element, or `NONE`. */
  readonly numberOf: Int32Array;
  readonly found: Omit<Elements, "reads">;
}

/** Reads what the reads list; also moves `knownAt` to reads that end before the add does. */
function readLists(history: History, lists: Lists): readonly ElementRead[] {
  const { pool, pairs, values: outputs } = history;
  const { checker, limits, faults, readsAt, found } = lists;
  const { count, values, firstAdd, knownAt, knownBy } = found;
  const numbersIn = readerOf(history, lists);
  /** The last list that the element was in, so that a second copy is noticed. */
  const lastList = new Int32Array(count).fill(NONE);
  const duplicated = new Uint8Array(count);
  const unexpected = new Set<Value>();
  const parsed = new Map<number, Int32Array>();
  const reads: ElementRead[] = [];
  for (let list = 0; list < readsAt.length; list++) {
    const invocation = readsAt[list] as number;
    const completion = pairs[invocation] as number;
    const id = outputs[completion] as number;
    const known = parsed.get(id);
    let listed = known;
    if (listed === undefined) {
      limits.check();
      listed = numbersIn(id);
      limits.hold(listed.length * 4);
    }
    // Strangers and copies are taken out, where that was not yet done for the same list.
    let length = 0;
    const strangers: Value[] = [];
    const copies: number[] = [];
    for (let k = 0; k < listed.length; k++) {
      const element = listed[k] as number;
      if (element === NONE) {
        strangers.push(listOf(pool[id] as Value, checker)[k] as Value);
        continue;
      }
      if ((firstAdd[element] as number) > completion) {
        strangers.push(pool[values[element] as number] as Value);
      }
      if (lastList[element] === list) {
        if (duplicated[element] === 0) copies.push(element);
        duplicated[element] = 1;
        continue;
      }
      lastList[element] = list;
      if (known === undefined) listed[length++] = element;
      if (knownAt[element] === NONE || completion < (knownAt[element] as number)) {
        knownAt[element] = completion;
        knownBy[element] = invocation;
      }
    }
    if (known === undefined) {
      if (length < listed.length) listed = listed.slice(0, length);
      parsed.set(id, listed);
    }
    const read: ElementRead = { invocation, completion, elements: listed };
    reads.push(read);
    for (const element of copies) faults.duplicated(element, read);
    for (const each of strangers) {
      const name = typeof each === "object" ? canonical(each) : each;
      if (unexpected.has(name)) continue;
      unexpected.add(name);
      faults.unexpected(each, read);
    }
  }
  return reads;
}

/** Reads a list of the pool as elements, `NONE` for what nobody added; into an array of its own. */
function readerOf(
  { pool, lists }: History,
  { checker, numberOf, found: { values } }: Lists,
): (id: number) => Int32Array {
  if (lists !== undefined) {
    const { starts, items } = lists;
    return (id) => {
      const start = starts[id] as number;
      const length =
        start < 0 ? listOf(pool[id] as Value, checker).length : (items[start] as number);
      const numbers = new Int32Array(length);
      for (let k = 0; k < length; k++)
        numbers[k] = numberOf[items[start + 1 + k] as number] as number;
      return numbers;
    };
  }
  const lookUp = lookUpOf(values.map((value) => pool[value] as Value));
  return (id) => {
    const listed = listOf(pool[id] as Value, checker);
    const numbers = new Int32Array(listed.length);
    for (let k = 0; k < listed.length; k++) numbers[k] = lookUp(listed[k] as Value);
    return numbers;
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
