/**
 * Sets that only grow, with reads of all members: linearizable or not, in O(n + m), m being the
 * elements that reads return (O(n log n + m) where the part is a small part of a long history).
 *
 * Without removals an element is there from its add on. So the sets that reads return lie one
 * within the other (`shown.ts`), and what must come before what is known without a choice: a read
 * of class i has level 2i, the add of an element of rank i level 2i - 1, and of these operations
 * those of different levels must come in the order of their levels, those of one level in any.
 * Whoever found an element comes after its add, whoever did not find it before.
 *
 * An order is right exactly when it keeps all this. Let `above(u)` be the level beyond which
 * everything must come after u (its own; for who did not find x the level of x's add), `below(v)`
 * the one under which everything must come before v (its own; for who found x that of x's add).
 * There is an order exactly when no v has ended before some u began although u must come before
 * v: above(u) < below(v); or, of one element, u did not find it, or added it, and v found it, or
 * added it. For let each operation take effect when it and all that must come before it have begun,
 * and, of those at the same instant, by level, and in one level those that did not find an element,
 * adds, those that found one. No instant is after the end of its operation, or there is a u as
 * above: what must come before what must come before v must itself come before v.
 *
 * That one such pair is all that there can be is because real time is an interval order: of two
 * pairs, each ended before the other began, one or the other contradicts itself alone.
 *
 * Which of several adds added the element: the one that says so, else of those that do not deny it
 * the one that was invoked first (`lives.ts`, 1); what is indeterminate beyond it is left out. In a
 * multiset every add adds, so that several are not for this.
 */
import type { Value } from "../../../../src/history/value.js";
import { FAIL, INFO, NONE } from "../../../../src/history/history.js";
import { sortedByKey } from "../event-order.js";
import { type Calls, type MonitorAnswer, type MonitorQuestion } from "../monitor.js";
import { ValueNumbering } from "../numbering.js";
import {
  ABSENT,
  ADDS,
  LEFT_OUT,
  MAY_ADD,
  PRESENT,
  SAYS_NOTHING,
  UNKNOWN_ADD,
  type Reading,
} from "./lives.js";
import { shownBy, type Clash, type Shown } from "./shown.js";

/** The role that reads all members; the others are those of lives. */
const READS_ALL = 3;
/** The role that adds. */
const ADD = 0;

/** Bytes of the tables here, a call, and with the numbering of elements. */
const BYTES_PER_CALL: number = 4 * 16;

/** Decides a set that only grows, or what is like one for elements that are added once. */
export function decideGrowing(
  { calls, model, meter }: MonitorQuestion,
  reading: Reading,
): MonitorAnswer {
  const initial = model.initial();
  if (!Array.isArray(initial) || initial.length > 0) return unsuitable("it is not empty at first");
  meter.reserve(BYTES_PER_CALL * calls.count);
  meter.spend(4 * calls.count);
  const read = readCalls(calls, reading);
  if (typeof read === "string") return unsuitable(read);
  const settled = settleAdds(calls, read, reading);
  if (typeof settled === "string") return unsuitable(settled);
  if (settled !== undefined) return refutation(calls, settled);
  const { reads, numbering } = read;
  const shown = shownBy({ calls, reads, numbering, meter });
  if (typeof shown === "string") return unsuitable(shown);
  if ("values" in shown) return refutation(calls, shown);
  const unseen = shownWithoutAdd(read, shown);
  if (unseen !== undefined) return refutation(calls, unseen);
  const levels = levelsOf(read, shown);
  const clash = clashOfElement(calls, read) ?? clashOfLevels(calls, { read, shown, levels });
  if (clash !== undefined) return refutation(calls, clash);
  return { kind: "linearizable", order: orderOf(calls, read, levels) };
}

function unsuitable(reason: string): MonitorAnswer {
  return { kind: "unsuitable", reason };
}

/** All completed adds of the elements are named with a clash: forgotten, one might be the add. */
function refutation(calls: Calls, { calls: named, values }: Clash): MonitorAnswer {
  const { count, roles, outcomes, inputs, pool } = calls;
  const positions = new Set<number>();
  const numbers = new ValueNumbering(values.length);
  for (const value of values) numbers.numberOf(value);
  const known = numbers.values.length;
  const all = new Set(named);
  for (let call = 0; call < count; call++) {
    if (roles[call] !== ADD || outcomes[call] === INFO) continue;
    const position = inputs[call] as number;
    if (!positions.has(position)) {
      if (numbers.numberOf(pool[position] as Value) >= known) continue;
      positions.add(position);
    }
    all.add(call);
  }
  return {
    kind: "not-linearizable",
    calls: [...all].sort((a, b) => a - b),
    namedValues: [...new Set(values)],
  };
}

/** What calls say by themselves; parts become known while adds are settled. */
interface Read {
  readonly numbering: ValueNumbering;
  /** By call: its element, `NONE` for a read; and its part in the life of it. */
  readonly elementOf: Int32Array;
  readonly parts: Uint8Array;
  /** Completed reads, ascending. */
  readonly reads: readonly number[];
  /** By element: the call that added it, or `NONE`. */
  readonly adds: Int32Array;
}

function readCalls(calls: Calls, reading: Reading): Read | string {
  const { count, roles, outcomes, inputs, pool } = calls;
  const numbering = new ValueNumbering(count);
  const elementOf = new Int32Array(count).fill(NONE);
  const parts = new Uint8Array(count);
  const reads: number[] = [];
  for (let call = 0; call < count; call++) {
    if (outcomes[call] === FAIL) return "a failed operation counts as an observation";
    if (roles[call] === READS_ALL) {
      if (outcomes[call] !== INFO) reads.push(call);
      continue;
    }
    const part = reading.partOf(calls, call);
    parts[call] = part;
    if (!GROWS.has(part)) return "an element may have been removed, or is there several times";
    elementOf[call] = numbering.numberOf(pool[inputs[call] as number] as Value);
  }
  const adds = new Int32Array(numbering.values.length).fill(NONE);
  return { numbering, elementOf, parts, reads, adds };
}

/** What there may be when nothing is removed. */
const GROWS: ReadonlySet<number> = new Set([
  LEFT_OUT,
  PRESENT,
  ABSENT,
  SAYS_NOTHING,
  ADDS,
  MAY_ADD,
  UNKNOWN_ADD,
]);

/** Finds which call added each element, and what the other adds of it are then. */
function settleAdds(
  calls: Calls,
  { numbering, elementOf, parts, adds }: Read,
  { addsOnce }: Reading,
): Clash | string | undefined {
  const { count } = calls;
  const several = new Uint8Array(adds.length);
  const isSeen = new Uint8Array(adds.length);
  for (let call = 0; call < count; call++) {
    const element = elementOf[call] as number;
    const part = parts[call] as number;
    if (element === NONE) continue;
    if (part === PRESENT || part === ADDS || part === MAY_ADD) isSeen[element] = 1;
    if (part !== ADDS && part !== MAY_ADD && part !== UNKNOWN_ADD) continue;
    const add = adds[element] as number;
    if (add === NONE) adds[element] = call;
    else {
      several[element] = 1;
      if (part !== ADDS) continue;
      if (addsOnce && parts[add] === ADDS) {
        return { calls: [add, call], values: [numbering.values[element] as Value] };
      }
      adds[element] = call;
    }
  }
  for (let element = 0; element < adds.length; element++) {
    const add = adds[element] as number;
    if (!addsOnce && several[element] === 1) return "an element may have been added twice";
    if (add !== NONE || isSeen[element] === 0) continue;
    const about = elementOf.findIndex((one, call) => one === element && parts[call] === PRESENT);
    return { calls: [about], values: [numbering.values[element] as Value] };
  }
  for (let call = 0; call < count; call++) {
    const part = parts[call];
    if (part !== ADDS && part !== MAY_ADD && part !== UNKNOWN_ADD) continue;
    if (adds[elementOf[call] as number] === call) parts[call] = ADDS;
    else parts[call] = part === UNKNOWN_ADD ? LEFT_OUT : PRESENT;
  }
  return undefined;
}

/** An element that a read shows, although nobody can have added it. */
function shownWithoutAdd(
  { numbering, adds }: Read,
  { classes, ranks, readOf }: Shown,
): Clash | undefined {
  const element = adds.findIndex((add, one) => add === NONE && (ranks[one] as number) <= classes);
  if (element < 0) return undefined;
  const read = readOf[ranks[element] as number] as number;
  return { calls: [read], values: [numbering.values[element] as Value] };
}

/** By call: what it must come after and before. */
interface Levels {
  /** Its own level, or of who looked at an element that of the element's add. */
  readonly own: Int32Array;
  /** `ANY` for what need not come before anything. */
  readonly above: Int32Array;
  /** 0 for what need not come after anything. */
  readonly below: Int32Array;
}

const ANY = 0x7fff_ffff;

function levelsOf({ elementOf, parts, adds }: Read, { classOf, ranks }: Shown): Levels {
  const count = parts.length;
  const own = new Int32Array(count);
  const above = new Int32Array(count).fill(ANY);
  const below = new Int32Array(count);
  for (let call = 0; call < count; call++) {
    const element = elementOf[call] as number;
    const part = parts[call] as number;
    if (element === NONE) {
      const shown = classOf[call] as number;
      if (shown > 0) own[call] = above[call] = below[call] = 2 * shown;
      continue;
    }
    // What nobody adds is found by nobody, and may be looked for at any time.
    if (adds[element] === NONE || part === LEFT_OUT || part === SAYS_NOTHING) continue;
    const level = 2 * (ranks[element] as number) - 1;
    own[call] = level;
    if (part !== PRESENT) above[call] = level;
    if (part !== ABSENT) below[call] = level;
  }
  return { own, above, below };
}

/** Two calls about one element that contradict one another. */
function clashOfElement(
  { invocations, completions }: Calls,
  { numbering, elementOf, parts, adds }: Read,
): Clash | undefined {
  // By element: of the calls that found or added it the one that ended first.
  const shows = Int32Array.from(adds);
  for (let call = 0; call < parts.length; call++) {
    if (parts[call] !== PRESENT) continue;
    const element = elementOf[call] as number;
    const other = completions[shows[element] as number] as number;
    if ((completions[call] as number) < other) shows[element] = call;
  }
  for (let call = 0; call < parts.length; call++) {
    if (parts[call] !== ADDS && parts[call] !== ABSENT) continue;
    const element = elementOf[call] as number;
    const first = shows[element] as number;
    if (first === NONE || first === call) continue;
    if ((completions[first] as number) > (invocations[call] as number)) continue;
    return { calls: [first, call], values: [numbering.values[element] as Value] };
  }
  return undefined;
}

/** What is looked at for clashes between levels. */
interface Levelled {
  readonly read: Read;
  readonly shown: Shown;
  readonly levels: Levels;
}

/** A call that ended before another one began that must come before it. */
function clashOfLevels(calls: Calls, about: Levelled): Clash | undefined {
  const { above, below } = about.levels;
  const { count, invocations, completions } = calls;
  const completed = calls.outcomes.reduce((sum, outcome) => sum + (outcome === INFO ? 0 : 1), 0);
  const byEnd = new Int32Array(completed);
  let next = 0;
  for (let call = 0; call < count; call++) if (calls.outcomes[call] !== INFO) byEnd[next++] = call;
  const order = sortedByKey(byEnd.map((call) => completions[call] as number));
  let ended = 0;
  let highest = NONE;
  for (let call = 0; call < count; call++) {
    for (; ended < completed; ended++) {
      const other = byEnd[order[ended] as number] as number;
      if ((completions[other] as number) > (invocations[call] as number)) break;
      if (highest === NONE || (below[other] as number) > (below[highest] as number)) {
        highest = other;
      }
    }
    if (highest !== NONE && (above[call] as number) < (below[highest] as number)) {
      return clashOf(calls, about, { early: call, late: highest });
    }
  }
  return undefined;
}

/** Why `early` must come before `late`: who says so, and of which elements. */
function clashOf(
  { outputs, pool }: Calls,
  { read, shown }: Levelled,
  { early, late }: { readonly early: number; readonly late: number },
): Clash {
  const { numbering, elementOf } = read;
  const { classOf, ranks, readOf } = shown;
  const valueOf = (call: number): Value => numbering.values[elementOf[call] as number] as Value;
  const lateIsRead = elementOf[late] === NONE;
  if (elementOf[early] !== NONE) {
    if (lateIsRead) return { calls: [early, late], values: [valueOf(early)] };
    // Somebody saw the one element without the other.
    const between = readOf[ranks[elementOf[early] as number] as number] as number;
    return { calls: [early, late, between], values: [valueOf(early), valueOf(late)] };
  }
  if (!lateIsRead) return { calls: [early, late], values: [valueOf(late)] };
  const list = pool[outputs[late] as number] as readonly Value[];
  const isMissing = (one: Value): boolean =>
    (ranks[numbering.numberOf(one)] as number) > (classOf[early] as number);
  return { calls: [early, late], values: [list.find(isMissing) as Value] };
}

/** All calls by their instants, at the same one by level. */
function orderOf(
  { count, invocations }: Calls,
  { elementOf, parts, adds }: Read,
  { own, above, below }: Levels,
): Int32Array {
  const begun = new Int32Array(own.reduce((most, level) => Math.max(most, level), 0) + 2);
  const absentStarts = new Int32Array(adds.length);
  for (let call = 0; call < count; call++) {
    // Invocations ascend, so that the last one is the largest.
    const level = above[call] as number;
    if (level !== ANY) begun[level + 1] = invocations[call] as number;
    if (parts[call] === ABSENT)
      absentStarts[elementOf[call] as number] = invocations[call] as number;
  }
  for (let level = 1; level < begun.length; level++) {
    begun[level] = Math.max(begun[level] as number, begun[level - 1] as number);
  }
  const instants = new Int32Array(count);
  const ranked = new Int32Array(count);
  for (let call = 0; call < count; call++) {
    const part = parts[call] as number;
    let instant = Math.max(invocations[call] as number, begun[below[call] as number] as number);
    if (part === ADDS) {
      instant = Math.max(instant, absentStarts[elementOf[call] as number] as number);
    }
    instants[call] = instant;
    ranked[call] = 3 * (own[call] as number) + (part === ABSENT ? 0 : part === PRESENT ? 2 : 1);
  }
  for (let call = 0; call < count; call++) {
    if (parts[call] !== PRESENT) continue;
    const added = instants[adds[elementOf[call] as number] as number] as number;
    instants[call] = Math.max(instants[call] as number, added);
  }
  const byRank = sortedByKey(ranked).filter((call) => isOrdered(call));
  const order = sortedByKey(byRank.map((call) => instants[call] as number));
  return order.map((place) => byRank[place] as number);

  function isOrdered(call: number): boolean {
    return elementOf[call] === NONE ? own[call] !== 0 : parts[call] !== LEFT_OUT;
  }
}
