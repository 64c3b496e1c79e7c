/**
 * Columns with one entry an element. A history of ten thousand keys makes them ten thousand times,
 * so they share one piece of memory, which is asked for once.
 */
import { NONE } from "../../src/history/history.js";

/** Four columns of the same length. */
export type NoneColumns = readonly [Int32Array, Int32Array, Int32Array, Int32Array];

/** Four columns of so many entries, `NONE` everywhere. */
export function noneFor(count: number): NoneColumns {
  const all = new Int32Array(4 * count).fill(NONE);
  return [
    all.subarray(0, count),
    all.subarray(count, 2 * count),
    all.subarray(2 * count, 3 * count),
    all.subarray(3 * count),
  ];
}
