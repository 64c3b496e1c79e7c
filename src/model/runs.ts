/**
 * Lists in which a run of nulls takes the room of one item. Where the entries of a log do not
 * matter, they are replaced by nulls (see `restrict` in the model port): then a log of a million
 * entries is as short as what is said of it.
 *
 * A run of n nulls is `{nulls: n}`. Whatever else looks like that is wrapped as `{entry: …}`.
 */
import type { Value } from "../history/value.js";

/** A list with its runs of nulls taken together, two runs never side by side. */
export type Runs = readonly Value[];

/** The same list with one entry more. */
export function withEntry(runs: Runs, entry: Value): Runs {
  if (entry !== null) return [...runs, written(entry)];
  const nulls = nullsIn(runs.at(-1));
  return nulls === 0 ? [...runs, { nulls: 1 }] : [...runs.slice(0, -1), { nulls: nulls + 1 }];
}

/** How many entries there are. */
export function lengthOf(runs: Runs): number {
  let length = 0;
  for (const item of runs) length += nullsIn(item) || 1;
  return length;
}

/** The entries from a place up to another one, or to the end. */
export function sliceOf(runs: Runs, from: number, to: number = Infinity): Runs {
  const slice: Value[] = [];
  let place = 0;
  for (const item of runs) {
    if (place >= to) break;
    const nulls = nullsIn(item);
    const end = place + (nulls || 1);
    if (nulls === 0) {
      if (place >= from) slice.push(item);
    } else if (end > from && to > from) {
      slice.push({ nulls: Math.min(end, to) - Math.max(place, from) });
    }
    place = end;
  }
  return slice;
}

const KNOWN = new WeakMap<readonly Value[], Runs>();

/** A list of entries as runs. */
export function runsOf(entries: readonly Value[]): Runs {
  const known = KNOWN.get(entries);
  if (known !== undefined) return known;
  const runs: Value[] = [];
  let nulls = 0;
  for (const entry of entries) {
    if (entry === null) {
      nulls++;
      continue;
    }
    if (nulls > 0) runs.push({ nulls });
    nulls = 0;
    runs.push(written(entry));
  }
  if (nulls > 0) runs.push({ nulls });
  KNOWN.set(entries, runs);
  return runs;
}

function written(entry: Value): Value {
  return isOneField(entry, "nulls") || isOneField(entry, "entry") ? { entry } : entry;
}

/** Whether an item is a run of nulls, and no entry. */
export function isRun(item: Value): boolean {
  return nullsIn(item) > 0;
}

/** How many nulls an item stands for; 0 for an entry. */
function nullsIn(item: Value | undefined): number {
  return isOneField(item, "nulls") ? (item["nulls"] as number) : 0;
}

function isOneField(
  item: Value | undefined,
  name: string,
): item is { readonly [name: string]: Value } {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return false;
  const names = Object.keys(item);
  return names.length === 1 && names[0] === name;
}
