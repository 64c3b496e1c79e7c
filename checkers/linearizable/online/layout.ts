/**
 * How the configurations of a sweep are laid out in words: the state, a bit for each slot of an
 * open operation, and a counter for each group of optional ones, with a guard bit above it (see
 * `configurations.ts`).
 */
import type { RowLayout } from "../configurations.js";

/** The word of the state; bits follow. */
export const STATE = 0;
const BITS = 1;

/** Where the bits and counters are. */
export interface SweepLayout extends RowLayout {
  readonly stride: number;
  readonly bitWords: number;
  /** Group → word of its counter, and position in it. */
  readonly counterWords: Int32Array;
  readonly counterShifts: Int32Array;
  readonly counterMasks: Int32Array;
}

/** Room for so many slots, and counters up to these numbers. */
export function layOutRows(slotCount: number, sizes: readonly number[]): SweepLayout {
  const bitWords = Math.ceil(slotCount / 32);
  const headWords = BITS + bitWords;
  const guards: number[] = [];
  const counterWords = new Int32Array(sizes.length);
  const counterShifts = new Int32Array(sizes.length);
  const counterMasks = new Int32Array(sizes.length);
  let room = 0;
  sizes.forEach((size, group) => {
    const bits = 32 - Math.clz32(size);
    if (room < bits + 1) {
      guards.push(0);
      room = 32;
    }
    const word = guards.length - 1;
    counterWords[group] = headWords + word;
    counterShifts[group] = 32 - room;
    counterMasks[group] = 2 ** bits - 1;
    room -= bits + 1;
    guards[word] = (guards[word] as number) | (1 << (31 - room));
  });
  return {
    headWords,
    guards: Int32Array.from(guards),
    stride: headWords + guards.length,
    bitWords,
    counterWords,
    counterShifts,
    counterMasks,
  };
}

/** The word of the bit of a slot. */
export function wordOf(slot: number): number {
  return BITS + (slot >>> 5);
}

/** How many of a group a row has used. */
export function usedOf(layout: SweepLayout, row: Int32Array, base: number, group: number): number {
  const word = row[base + (layout.counterWords[group] as number)] as number;
  return (
    (word >>> (layout.counterShifts[group] as number)) & (layout.counterMasks[group] as number)
  );
}
