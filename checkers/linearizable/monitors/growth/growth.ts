/**
 * What the monitors of counters and logs have in common: something grows by steps, one after the
 * other. Step `s` takes it to *height* `s`; at first its height is 0. A step may be *bound* to its
 * place because somebody saw it there (an append by its offset, or by a read of the log); the
 * others are *free*. Observations bound the height at which they take effect.
 */
import type { Times } from "../timeline.js";

/** What a call is: nothing that matters, a look at the height, or a step. */
export const LEFT_OUT = 0;
export const LOOKS = 1;
export const STEPS = 2;

/** The upper bound of a call that has none. */
const NO_MAXIMUM: number = 0x7fff_ffff;

/** The calls of a part in terms of heights. */
export interface Growth {
  /** How many steps there are, indeterminate ones too. */
  readonly total: number;
  /** By call: `LEFT_OUT`, `LOOKS` or `STEPS`. An indeterminate call that looks is left out. */
  readonly kinds: Uint8Array;
  /**
   * By call: the height that there is at its effect, from `least` up to `most`; of a bound step
   * `least` is its place, of a free one 0. At most `total`, but for `most`.
   */
  readonly least: Int32Array;
  readonly most: Int32Array;
  /** By place, from 1 on: the step that is bound to it, or `NONE`. */
  readonly bound: Int32Array;
  /** By place: the call whose completion says so. */
  readonly binders: Int32Array;
}

/** Lays out tables in which nothing is known yet. */
export function emptyGrowth(count: number, total: number): Growth {
  return {
    total,
    kinds: new Uint8Array(count),
    least: new Int32Array(count),
    most: new Int32Array(count).fill(NO_MAXIMUM),
    bound: new Int32Array(total + 2).fill(-1),
    binders: new Int32Array(total + 2).fill(-1),
  };
}

/** Bytes of these tables for each call. */
export const BYTES_OF_GROWTH: number = 1 + 4 * 4;

/** Whether a call is a step whose place nobody knows. */
export function isFree({ kinds, least }: Growth, call: number): boolean {
  return kinds[call] === STEPS && least[call] === 0;
}

/** Why nothing can have grown like that. */
export type Conflict = Grown &
  (
    | {
        /**
         * The height must have been beyond `most` of this call when it began; `cause` completed
         * before that, and is what made it necessary.
         */
        readonly kind: "too-high";
        readonly call: number;
        readonly cause: number;
      }
    | {
        /** `cause` completes at a height for which too few steps have begun by then. */
        readonly kind: "too-low";
        readonly cause: number;
      }
  );

/** How far it had grown. */
export interface Grown {
  /** In the numbers of the timeline. */
  readonly event: number;
  readonly height: number;
  /** By place: the step that took it, and the call whose completion made that necessary. */
  readonly taken: Int32Array;
  readonly causes: Int32Array;
}

/** Whether the call has ended before the other one begins. */
export function isBefore({ starts, ends }: Times, call: number, other: number): boolean {
  return (ends[call] as number) <= (starts[other] as number);
}
