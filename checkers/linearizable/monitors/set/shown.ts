/**
 * What reads of a whole set show, when nothing is ever removed: sets that lie one within the other.
 *
 * Each different set is a *class*, numbered from 1 by size. The *rank* of an element is the first
 * class that has it, one more than there are when none has. Of two sets of which neither holds the
 * other, each has an element that the other has not: no order has both. O(n + m), m being the
 * elements of all different lists.
 */
import { NONE } from "../../../../src/history/history.js";
import type { Value } from "../../../../src/history/value.js";
import type { Meter } from "../../meter.js";
import type { Calls } from "../monitor.js";
import type { ValueNumbering } from "../numbering.js";

/** Completed calls that contradict one another, and the elements that this is about. */
export interface Clash {
  readonly calls: readonly number[];
  readonly values: readonly Value[];
}

/** What reads show. */
export interface Shown {
  /** How many different sets. */
  readonly classes: number;
  /** By call: the class of what a completed read returned, 0 for everything else. */
  readonly classOf: Int32Array;
  /** By class: a read of it; `NONE` for class 0. */
  readonly readOf: readonly number[];
  /** By element: its rank. */
  readonly ranks: Int32Array;
}

/** What is looked at. */
interface Question {
  readonly calls: Calls;
  /** Completed reads, ascending. */
  readonly reads: readonly number[];
  /** Numbers of all elements of other calls; what has none was never added. */
  readonly numbering: ValueNumbering;
  readonly meter: Meter;
}

/** Sorts reads into classes; or why none can be right; a text when one is no list. */
export function shownBy({ calls, reads, numbering, meter }: Question): Shown | Clash | string {
  const { outputs, pool } = calls;
  const listOf = (read: number): Value => pool[outputs[read] as number] as Value;
  const firsts = new Map<number, number>();
  for (const read of reads) {
    const output = outputs[read] as number;
    if (!Array.isArray(pool[output])) return "a read is not answered by a list";
    if (!firsts.has(output)) firsts.set(output, read);
  }
  const elements = numbering.values.length;
  meter.reserve(4 * (calls.count + 2 * elements) + 64 * firsts.size);
  const length = (read: number): number => (listOf(read) as readonly Value[]).length;
  const bySize = [...firsts.values()].sort((a, b) => length(a) - length(b) || a - b);
  const classOfOutput = new Map<number, number>();
  const ranks = new Int32Array(elements);
  const stamps = new Int32Array(elements);
  const readOf = [NONE];
  for (const [at, read] of bySize.entries()) {
    const list = listOf(read) as readonly Value[];
    meter.spend(list.length);
    const next = readOf.length;
    const before = readOf[next - 1] as number;
    const shownBefore = before === NONE ? 0 : length(before);
    let known = 0;
    for (const element of list) {
      const number = numbering.numberOf(element);
      // Nobody added it, or it is there twice.
      if (number >= elements || stamps[number] === at + 1) {
        return { calls: [read], values: [element] };
      }
      stamps[number] = at + 1;
      const rank = ranks[number] as number;
      if (rank === 0) ranks[number] = next;
      else known++;
    }
    if (known < shownBefore) {
      const isMissing = (one: Value): boolean => stamps[numbering.numberOf(one)] !== at + 1;
      const missing = (listOf(before) as readonly Value[]).find(isMissing) as Value;
      const added = list.find((one) => ranks[numbering.numberOf(one)] === next) as Value;
      return { calls: [before, read], values: [missing, added] };
    }
    if (known < list.length || next === 1) readOf.push(read);
    classOfOutput.set(outputs[read] as number, readOf.length - 1);
  }
  const classes = readOf.length - 1;
  for (let element = 0; element < elements; element++) {
    if (ranks[element] === 0) ranks[element] = classes + 1;
  }
  const classOf = new Int32Array(calls.count);
  for (const read of reads) {
    classOf[read] = classOfOutput.get(outputs[read] as number) as number;
  }
  return { classes, classOf, readOf, ranks };
}
