/**
 * The elements that clients put somewhere (into a set, a log, a broadcast), numbered, and what
 * reads showed of them. One pass over the columns, and one over what each read lists.
 */
import { FAIL, INVOKE, NEMESIS, NONE, OK, type History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import { readLists, type Listed } from "./element-lists.js";
import { maskOf, outcomeOf } from "./functions.js";
import type { Limits } from "./limits.js";
import { noneFor } from "./none-columns.js";

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
  /** What it lists: from here to there in `listed`. */
  readonly start: number;
  readonly end: number;
}

/** What clients added and saw. Arrays have one entry an element, events are indices. */
export interface Elements {
  readonly count: number;
  /** The value of each element, as a position in the pool. */
  readonly values: Int32Array;
  /** The first invocation of an add that did not fail. */
  readonly firstAdd: Int32Array;
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
  /** The numbers of the elements that each read lists, once, without those that nobody added. */
  readonly listed: Listed;
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
  const { length, types, processes, functions, pairs, values: inputs } = history;
  const { limits } = options;
  const isAdd = maskOf(history, options.add);
  const isRemove = maskOf(history, options.remove);
  const isRead = maskOf(history, options.read);
  // Asking for the pool itself would make all values that are in it.
  const valueCount = history.lists?.starts.length ?? history.pool.length;
  limits.hold(valueCount * 4);
  const numberOf = new Int32Array(valueCount).fill(NONE);
  const most = addsIn(history, isAdd);
  limits.hold(most * 8);
  const added = new Int32Array(2 * most);
  const values = added.subarray(0, most);
  const firstAdd = added.subarray(most);
  const readsAt: number[] = [];
  const removes: number[] = [];
  let operations = 0;
  let count = 0;
  for (let i = 0; i < length; i++) {
    if (types[i] !== INVOKE || processes[i] === NEMESIS) continue;
    const f = functions[i] as number;
    if (isAdd[f] === 1) {
      operations++;
      const value = inputs[i] as number;
      if (numberOf[value] !== NONE || outcomeOf(history, i) === FAIL) continue;
      values[count] = value;
      firstAdd[count] = i;
      numberOf[value] = count++;
    } else if (isRead[f] === 1) {
      operations++;
      if (outcomeOf(history, i) === OK) readsAt.push(i);
    } else if (isRemove[f] === 1) {
      operations++;
      if (outcomeOf(history, i) !== FAIL) removes.push(i);
    }
  }
  limits.check();
  limits.hold(count * 32);
  const [firstRemove, acknowledgedAt, knownAt, knownBy] = noneFor(count);
  for (const i of removes) {
    const element = numberOf[inputs[i] as number] as number;
    if (element !== NONE && firstRemove[element] === NONE) firstRemove[element] = i;
  }
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
    values: values.subarray(0, count),
    firstAdd: firstAdd.subarray(0, count),
    knownAt,
    knownBy,
    acknowledgedAt,
    firstRemove,
    operations,
  };
  return { ...found, ...readLists(history, { ...options, readsAt, numberOf, found }) };
}

/** How many elements there may be: as many as adds. */
function addsIn({ length, types, processes, functions }: History, isAdd: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < length; i++) {
    if (types[i] === INVOKE && processes[i] !== NEMESIS)
      count += isAdd[functions[i] as number] ?? 0;
  }
  return count;
}
