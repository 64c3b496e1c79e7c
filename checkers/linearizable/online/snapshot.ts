/**
 * A set of configurations at one moment of a history, in a form that outlives the tables of the
 * search: states as values, optional operations by name and count, open ones as calls.
 */
import { canonical, type Value } from "../../../src/history/value.js";
import type { Call } from "./call.js";

/** Optional operations that nobody can tell apart but by when they began. */
export interface Group {
  /** One of them. */
  readonly call: Call;
  /** How many have begun. */
  readonly begun: number;
}

/** Configurations without their moment; consecutive snapshots share them. */
export interface Rows {
  readonly states: readonly Value[];
  readonly count: number;
  /** Words of bits in a row. */
  readonly bitWords: number;
  /** How many counters a row has, of the first groups; none when they are not counted. */
  readonly counters: number;
  /** By row: position in `states`, bits of open operations that took effect, counters. */
  readonly words: Int32Array;
  readonly bytes: number;
}

/** What is possible before the event `at`. */
export interface Snapshot {
  readonly at: number;
  /** Required calls that are open. */
  readonly open: readonly Call[];
  /** By the beginning of their first member. */
  readonly groups: readonly Group[];
  readonly rows: Rows;
}

/** Bytes of a snapshot without its rows, about. */
export const SNAPSHOT_BYTES = 128;
/** Bytes of a group or of a reference to a call, about. */
export const ENTRY_BYTES = 48;

/** Before the first event: the initial state. */
export function firstSnapshot(initial: Value): Snapshot {
  const states = [initial];
  const rows: Rows = {
    states,
    count: 1,
    bitWords: 0,
    counters: 0,
    words: new Int32Array(1),
    bytes: 4 + stateBytes(states),
  };
  return { at: 0, open: [], groups: [], rows };
}

/** Bytes of states as values, about. */
export function stateBytes(states: readonly Value[]): number {
  let bytes = 0;
  for (const state of states) {
    const isComposite = state !== null && typeof state === "object";
    const length = isComposite ? 4 * canonical(state).length : String(state).length;
    bytes += 32 + 2 * length;
  }
  return bytes;
}
