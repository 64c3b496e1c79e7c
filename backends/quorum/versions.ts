/** Values with the timestamps of the writes that made them, in memory and as they travel. */
import type { Value } from "../../src/history/value.js";

/** `[counter, node, incarnation]`. */
export type Timestamp = readonly [counter: number, node: number, incarnation: number];

/** A value with the timestamp of the write that made it. */
export interface Versioned {
  readonly timestamp: Timestamp;
  readonly value: Value;
}

/** What every register holds before the first write. */
const UNWRITTEN: Versioned = { timestamp: [0, 0, 0], value: null };

/** Negative, zero or positive as `a` is before, equal to or after `b`. */
export function compareTimestamps(a: Timestamp, b: Timestamp): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** As it travels, and lies on disks. */
export function encodeVersioned({ timestamp, value }: Versioned): Value {
  return [...timestamp, value];
}

/** And back; undefined is what no write has made. */
export function decodeVersioned(encoded: Value | undefined): Versioned {
  if (encoded === undefined) return UNWRITTEN;
  const [counter, node, incarnation, value] = encoded as readonly [number, number, number, Value];
  return { timestamp: [counter, node, incarnation], value };
}
