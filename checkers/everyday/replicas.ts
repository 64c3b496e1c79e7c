/**
 * What reads show of the replicas of each object: states are numbered, so that they can be compared
 * at once, and reads that tell which updates they have seen are held against one another.
 */
import { INVOKE, NEMESIS, NONE, OK, type History } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import type { Limits } from "./limits.js";
import { placeNameOf, type PlaceSource } from "./place-names.js";

/** A read that completed ok. */
export interface ReplicaRead {
  readonly invocation: number;
  readonly completion: number;
  /** The number of the state that it shows. */
  readonly state: number;
}

/** One replica of one object. */
export interface Replica {
  /** Those that begin after `since`, in the order of their invocations. */
  readonly reads: ReplicaRead[];
}

/** All of them. */
export interface Replicas {
  /** By object, then by name. */
  readonly objects: ReadonlyMap<string, ReadonlyMap<string, Replica>>;
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
  const { length, types, processes, functions, pairs, values, keys, pool } = history;
  const { limits, isRead, replica, unordered, since } = options;
  const objects = new Map<string, Map<string, Replica>>();
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
  const byKey: (Map<string, Replica> | undefined)[] = [];
  const names = new Map<number, string>();
  /** The names of processes are made once. */
  const placeOf = (read: number): string => {
    if (replica !== "process") return placeNameOf(history, read, replica);
    const process = processes[read] as number;
    const known = names.get(process);
    if (known !== undefined) return known;
    const name = placeNameOf(history, read, replica);
    names.set(process, name);
    return name;
  };
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
      byKey[key + 1] = ofObject = new Map();
      objects.set(key === NONE ? "" : canonical(pool[key] as Value), ofObject);
    }
    const place = placeOf(i);
    let known = ofObject.get(place);
    if (known === undefined) {
      count++;
      known = { reads: [] };
      ofObject.set(place, known);
    }
    const id = values[completion] as number;
    const shown = pool[id] as Value;
    if (i <= since && !tellsUpdates(shown)) continue;
    const value = (parsed[id] ??= told(shown, numberOf));
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
