/**
 * What reads show of the replicas of each object: states are numbered, so that they can be compared
 * at once, and reads that tell which updates they have seen are held against one another.
 */
import { INVOKE, NEMESIS, NONE, OK, type History } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import type { Limits } from "./limits.js";
import { PlaceNumbers, type PlaceSource } from "./place-names.js";

/** A read that completed ok. */
export interface ReplicaRead {
  readonly invocation: number;
  readonly completion: number;
  /** The number of the state that it shows. */
  readonly state: number;
}

/** One replica of one object. */
export interface Replica {
  readonly name: string;
  /** Those that begin after `since`, in the order of their invocations. */
  readonly reads: ReplicaRead[];
}

/** All of them. */
export interface Replicas {
  /** By object. */
  readonly objects: readonly (readonly Replica[])[];
  readonly states: readonly Value[];
  readonly count: number;
  readonly reads: number;
  /** Reads of one object that have seen the same updates and show different states. */
  readonly conflicts: readonly { readonly first: ReplicaRead; readonly second: ReplicaRead }[];
}

/** Collects the reads. */
export function replicasOf(
  history: History,
  options: {
    readonly limits: Limits;
    readonly isRead: Uint8Array;
    readonly replica: PlaceSource;
    readonly unordered: boolean;
    /** Of reads that begin before this event, only what they say of updates is looked at. */
    readonly since: number;
  },
): Replicas {
  const { length, types, processes, functions, pairs, values, keys, lists, valueAt } = history;
  const { limits, isRead, replica, unordered, since } = options;
  const objects: Replica[][] = [];
  const parsed: ({ readonly state: number; readonly seen: string | undefined } | undefined)[] = [];
  const states: Value[] = [];
  const numbers = new Map<string, number>();
  const bySeen = new Map<string, ReplicaRead>();
  const conflicts: { readonly first: ReplicaRead; readonly second: ReplicaRead }[] = [];
  const numberOf = (state: Value): number => {
    const name = canonical(unordered ? sorted(state) : state);
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, states.length);
    return states.push(state) - 1;
  };
  const isKeyed = replica === "input" || replica === "process";
  const byKey: (Known | undefined)[] = [];
  const places = new PlaceNumbers(history, replica);
  let [count, reads, kept] = [0, 0, 0];
  for (let i = 0; i < length; i++) {
    if (i % 65_536 === 0) limits.check();
    if (processes[i] === NEMESIS || types[i] !== INVOKE || isRead[functions[i] as number] !== 1) {
      continue;
    }
    const completion = pairs[i] as number;
    if (completion === NONE || types[completion] !== OK) continue;
    reads++;
    const key = isKeyed ? (keys[i] as number) : NONE;
    let ofObject = byKey[key + 1];
    if (ofObject === undefined) {
      byKey[key + 1] = ofObject = { all: [], byPlace: [] };
      objects.push(ofObject.all);
    }
    const place = places.of(i);
    let known = ofObject.byPlace[place];
    if (known === undefined) {
      count++;
      known = { name: places.names[place] as string, reads: [] };
      ofObject.byPlace[place] = known;
      ofObject.all.push(known);
    }
    const id = values[completion] as number;
    if (i <= since) {
      // Of a list no more than its place is needed, and that is not in its items.
      const isList = lists !== undefined && (lists.starts[id] as number) >= 0;
      if (isList || !tellsUpdates(valueAt(id))) continue;
    }
    const value = (parsed[id] ??= told(valueAt(id), numberOf));
    const read = { invocation: i, completion, state: value.state };
    if (i > since) {
      kept++;
      known.reads.push(read);
    }
    if (value.seen === undefined) continue;
    const name = `${key} ${value.seen}`;
    const first = bySeen.get(name);
    if (first === undefined) bySeen.set(name, read);
    else if (first.state !== read.state) conflicts.push({ first, second: read });
  }
  limits.hold(kept * 48 + parsed.length * 8);
  return { objects, states, count, reads, conflicts };
}

/** The replicas of one object, as they come up, and by the number of the place. */
interface Known {
  readonly all: Replica[];
  readonly byPlace: (Replica | undefined)[];
}

/** Whether a read may say which updates it has seen. */
function tellsUpdates(value: Value): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A state, with the updates that made it where the read tells them. */
function told(
  value: Value,
  numberOf: (state: Value) => number,
): { readonly state: number; readonly seen: string | undefined } {
  if (tellsUpdates(value)) {
    const { seen, state } = value as { readonly seen?: Value; readonly state?: Value };
    if (Array.isArray(seen) && state !== undefined) {
      return { state: numberOf(state), seen: canonical(sorted(seen)) };
    }
  }
  return { state: numberOf(value), seen: undefined };
}

/** A list in an order of its own; what is no list stays. */
function sorted(value: Value): Value {
  if (!Array.isArray(value)) return value;
  return (value as readonly Value[])
    .map((each) => [canonical(each), each] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, each]) => each);
}
