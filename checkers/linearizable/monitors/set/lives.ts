/**
 * The lives of a set's elements, when each was added and removed once at most: absent, present
 * from its add, absent again from its removal.
 *
 * An add that found its element there, or a removal that did not, only looked at it. Which call
 * was *the* add of an element, and which the removal, where clients did not say or do not know:
 *
 * 1. Without anything that may have removed the element, it is present from the first add on, so
 *    that an add that returned true is the first. Else the first may as well be the one that was
 *    invoked earliest: let it take the place of whichever was the first; the others find the
 *    element there. Indeterminate ones beyond it change nothing, and are left out.
 * 2. With removals, only one call may have added the element; two or more are for the general
 *    search. Before it the element is absent, so that it is the add, unless it is indeterminate
 *    and nobody saw the element: then it and everything else that is indeterminate is left out.
 * 3. A removal that returned true is the removal: without a second add nothing else removes.
 *    Without one, of indeterminate ones the one that was invoked earliest may be it, for the
 *    later ones can do no more. That it takes effect restricts nothing: nothing sees the element
 *    later than it has to be there, and it makes room for those who did not see it.
 * 4. A single removal that completed without saying what it found, is the removal if it can be:
 *    not completed before the add, or anyone who saw the element, was invoked. Suppose that an
 *    order has it before the add although it can be the removal. Then nobody that did not see the
 *    element is wholly after the first who shows it present; with the removal they need not be.
 *    And those that began before are still before, or, should the removal be the first to
 *    complete, are after it. If it cannot be the removal, it found the element absent. Several
 *    are for the general search.
 */
import { FAIL, NONE } from "../../../../src/history/history.js";
import type { Calls } from "../monitor.js";
import { PositionNumbering } from "../numbering.js";

/** What a call is in the life of its element; it changes while it becomes known. */
export const LEFT_OUT = 0;
/** Found, or left, the element present. */
export const PRESENT = 1;
/** Found, or left, the element absent. */
export const ABSENT = 2;
/** Completed, and says nothing. */
export const SAYS_NOTHING = 3;
export const ADDS = 4;
export const REMOVES = 5;
/** It completed, but whether it found the element is not known. */
export const MAY_ADD = 6;
export const MAY_REMOVE = 7;
/** Indeterminate. */
export const UNKNOWN_ADD = 8;
export const UNKNOWN_REMOVE = 9;

/** Says more than a life can hold. */
export const UNREADABLE = 10;

/** How a type's calls are to be read. */
export interface Reading {
  /** What a call is, by what it says itself. */
  partOf(calls: Calls, call: number): number;
  /** Whether a second add finds the element there, instead of adding it once more. */
  readonly addsOnce: boolean;
}

/** Calls and elements in numbers. */
export interface Lives {
  readonly count: number;
  /** By call: its element, and what it is in its life. */
  readonly elementOf: Int32Array;
  readonly parts: Uint8Array;
  /** By element: the call that added it, and the one that removed it, or `NONE`. */
  readonly adds: Int32Array;
  readonly removes: Int32Array;
  /** By element: a removal that says nothing and cannot be the removal (4), or `NONE`, if any. */
  readonly idle: Int32Array | undefined;
}

/** Two calls that returned true although one of them cannot have. */
export interface Twice {
  readonly twice: readonly number[];
}

/** Bytes of the tables here, an operation. */
export const BYTES_OF_LIVES: number = 4 * 15;

/** The lives of all elements; a text with the reason when one of them is not known. O(n). */
export function livesOf(calls: Calls, reading: Reading): Lives | Twice | string {
  const found = readCalls(calls, reading);
  if (typeof found === "string") return found;
  const problem = settleAddsAndRemoves(found, reading);
  if (problem !== undefined) return problem;
  if (found.saysTooLittle) {
    findRemovalsThatSayNothing(calls, found);
    settle(found);
  }
  return found;
}

/** What was noticed of an element. */
const SEEN = 1;
const SEVERAL_ADDS = 2;
const SOME_REMOVE = 4;
const SEVERAL_REMOVES = 8;
const SILENT_REMOVE = 16;

/** Lives, as far as each call tells by itself. */
interface Found extends Lives {
  /** By element: what was noticed of it. */
  readonly noticed: Uint8Array;
  /** Adds and removals that returned true, although another one of the element had: the last. */
  readonly secondAdds: ReadonlyMap<number, number>;
  readonly secondRemoves: ReadonlyMap<number, number>;
  /** Whether there are calls that do not say what they found. */
  readonly saysTooLittle: boolean;
}

/** One pass over all calls; a text with the reason when a call cannot be read. */
function readCalls(calls: Calls, reading: Reading): Found | string {
  const { count, inputs, outcomes } = calls;
  const numbers = new PositionNumbering(calls.pool.length, count);
  const elementOf = new Int32Array(count);
  const parts = new Uint8Array(count);
  const adds = new Int32Array(count);
  const removes = new Int32Array(count);
  const noticed = new Uint8Array(count);
  const secondAdds = new Map<number, number>();
  const secondRemoves = new Map<number, number>();
  let saysTooLittle = false;
  let elements = 0;
  for (let call = 0; call < count; call++) {
    if (outcomes[call] === FAIL) return "a failed operation counts as an observation";
    const element = numbers.numberOf(inputs[call] as number);
    if (element === elements) adds[element] = removes[elements++] = NONE;
    elementOf[call] = element;
    const part = reading.partOf(calls, call);
    parts[call] = part;
    if (part < ADDS) {
      if (part === PRESENT) noticed[element] = (noticed[element] as number) | SEEN;
      continue;
    }
    if (part === UNREADABLE) return "an element was counted twice";
    saysTooLittle ||= part > REMOVES;
    let notice = noticed[element] as number;
    if (part === ADDS || part === MAY_ADD || part === UNKNOWN_ADD) {
      const add = adds[element] as number;
      if (part !== UNKNOWN_ADD) notice |= SEEN;
      if (add !== NONE) notice |= SEVERAL_ADDS;
      if (takesPlace(part, ADDS, add, parts)) adds[element] = call;
      else if (part === ADDS) secondAdds.set(element, call);
    } else {
      const remove = removes[element] as number;
      notice |= remove === NONE ? SOME_REMOVE : SEVERAL_REMOVES;
      if (part === REMOVES) notice |= SEEN;
      if (part === MAY_REMOVE) notice |= SILENT_REMOVE;
      if (takesPlace(part, REMOVES, remove, parts)) removes[element] = call;
      else if (part === REMOVES) secondRemoves.set(element, call);
    }
    noticed[element] = notice;
  }
  return {
    count: elements,
    elementOf,
    parts,
    adds: adds.subarray(0, elements),
    removes: removes.subarray(0, elements),
    idle: saysTooLittle ? new Int32Array(elements).fill(NONE) : undefined,
    noticed,
    secondAdds,
    secondRemoves,
    saysTooLittle,
  };
}

/** Which call was the add of each element, and which the removal; or why that is not known. */
function settleAddsAndRemoves(found: Found, { addsOnce }: Reading): Twice | string | undefined {
  const { count, parts, adds, removes, noticed, secondAdds, secondRemoves } = found;
  for (let element = 0; element < count; element++) {
    const notice = noticed[element] as number;
    if ((notice & SEEN) === 0) {
      adds[element] = NONE;
      removes[element] = NONE;
      continue;
    }
    // Added once, and removed at most once, by one that says so: as nearly all are.
    if ((notice & ~(SEEN | SOME_REMOVE)) === 0) continue;
    const add = adds[element] as number;
    const remove = removes[element] as number;
    if ((notice & SOME_REMOVE) === 0) {
      const several = (notice & SEVERAL_ADDS) !== 0 && parts[add] === ADDS;
      if (several && !addsOnce) return "an element may have been added twice";
      const second = secondAdds.get(element);
      if (second !== undefined) return { twice: [add, second] };
    } else if ((notice & SEVERAL_ADDS) !== 0) {
      return "an element that may have been removed may have been added twice";
    } else {
      const second = secondRemoves.get(element);
      if (second !== undefined) return { twice: [remove, second] };
    }
    if ((notice & SILENT_REMOVE) === 0 || parts[remove] === REMOVES) continue;
    if ((notice & SEVERAL_REMOVES) !== 0 && add !== NONE) {
      return "several removals of an element do not say what they found";
    }
  }
  return undefined;
}

/** Whether a call takes the place of an earlier one: the first, and the first that is certain. */
function takesPlace(part: number, certain: number, other: number, parts: Uint8Array): boolean {
  if (other === NONE) return true;
  return part === certain && parts[other] !== certain;
}

/** Which removals that say nothing cannot be the removal of their element (4). */
function findRemovalsThatSayNothing(
  { invocations, completions }: Calls,
  { count, elementOf, parts, adds, removes, idle }: Lives,
): void {
  const lastStarts = new Int32Array(count);
  for (let call = 0; call < parts.length; call++) {
    const element = elementOf[call] as number;
    if (parts[call] === PRESENT || adds[element] === call) {
      lastStarts[element] = invocations[call] as number;
    }
  }
  for (let element = 0; element < count; element++) {
    const remove = removes[element] as number;
    if (remove === NONE || parts[remove] !== MAY_REMOVE) continue;
    const added = adds[element] !== NONE;
    if (added && (completions[remove] as number) > (lastStarts[element] as number)) continue;
    removes[element] = NONE;
    if (added && idle !== undefined) idle[element] = remove;
  }
}

/** What every call is, now that the adds and removals are known. */
function settle({ elementOf, parts, adds, removes }: Lives): void {
  for (let call = 0; call < parts.length; call++) {
    const part = parts[call] as number;
    if (part < ADDS) continue;
    const element = elementOf[call] as number;
    if (adds[element] === call) parts[call] = ADDS;
    else if (removes[element] === call) parts[call] = REMOVES;
    else if (part === MAY_ADD) parts[call] = PRESENT;
    else if (part === MAY_REMOVE) parts[call] = adds[element] === NONE ? SAYS_NOTHING : ABSENT;
    else parts[call] = LEFT_OUT;
  }
}
