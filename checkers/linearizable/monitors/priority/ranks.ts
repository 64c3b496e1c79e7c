/**
 * Elements by priority. O(n log n).
 */
import type { Value } from "../../../../src/history/value.js";

/** Elements from the highest priority down. */
export interface Ranked {
  readonly byRank: Int32Array;
  /** By element: 0 for the highest priority; equal ones are equal. */
  readonly ranks: Int32Array;
  /** Two values of equal priority, if there are such. */
  readonly tied: readonly [Value, Value] | undefined;
}

/** Ranks values, undefined when one has no priority. */
export function ranksOf(values: readonly Value[], order: "min" | "max"): Ranked | undefined {
  const count = values.length;
  const sign = order === "min" ? 1 : -1;
  const priorities = new Float64Array(count);
  for (let element = 0; element < count; element++) {
    const priority = priorityOf(values[element] as Value);
    if (priority === undefined) return undefined;
    // Without + 0 there would be two zeros.
    priorities[element] = sign * priority + 0;
  }
  const distinct = distinctOf(priorities);
  const ranks = Int32Array.from(priorities, (priority) => placeOf(priority, distinct));
  const ends = new Int32Array(distinct.length + 1);
  for (const rank of ranks) ends[rank + 1] = (ends[rank + 1] as number) + 1;
  for (let rank = 1; rank <= distinct.length; rank++) {
    ends[rank] = (ends[rank] as number) + (ends[rank - 1] as number);
  }
  const byRank = new Int32Array(count);
  for (let element = 0; element < count; element++) {
    const rank = ranks[element] as number;
    const place = ends[rank] as number;
    byRank[place] = element;
    ends[rank] = place + 1;
  }
  return {
    byRank,
    ranks,
    tied: distinct.length === count ? undefined : tieOf(byRank, ranks, values),
  };
}

function priorityOf(value: Value): number | undefined {
  // The model takes [priority, value] and nothing longer; what it refuses is for the search.
  if (Array.isArray(value) && value.length !== 2) return undefined;
  const priority = Array.isArray(value) ? value[0] : value;
  return typeof priority === "number" ? priority : undefined;
}

function distinctOf(priorities: Float64Array): Float64Array {
  const sorted = Float64Array.from(priorities).sort();
  let count = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[count++] = sorted[i] as number;
  }
  return sorted.subarray(0, count);
}

function placeOf(priority: number, distinct: Float64Array): number {
  let low = 0;
  let high = distinct.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((distinct[middle] as number) < priority) low = middle + 1;
    else high = middle;
  }
  return low;
}

function tieOf(
  byRank: Int32Array,
  ranks: Int32Array,
  values: readonly Value[],
): readonly [Value, Value] | undefined {
  for (let place = 1; place < byRank.length; place++) {
    const one = byRank[place - 1] as number;
    const other = byRank[place] as number;
    if (ranks[one] === ranks[other]) return [values[one] as Value, values[other] as Value];
  }
  return undefined;
}
