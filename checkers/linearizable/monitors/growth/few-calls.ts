/**
 * The few calls behind a conflict (see `growth.ts`): those whose completions are enough for it.
 */
import { INFO, NONE } from "../../../../src/history/history.js";
import type { Calls } from "../monitor.js";
import type { Timeline } from "../timeline.js";
import { isBefore, isFree, STEPS, type Conflict, type Growth } from "./growth.js";

/** What a conflict is about. */
export interface Conflicting {
  readonly calls: Calls;
  readonly growth: Growth;
  readonly timeline: Timeline;
}

/** The calls behind a conflict. */
export interface FewCalls {
  /** Positions of completed calls that have the conflict among themselves, ascending. */
  readonly completed: readonly number[];
  /** The steps that it is about, indeterminate ones too. */
  readonly steps: readonly number[];
}

/** Completed calls that have the conflict among themselves. */
export function fewCalls(about: Conflicting, conflict: Conflict): FewCalls {
  const { calls, growth } = about;
  const named =
    conflict.kind === "too-low"
      ? callsTooLow(about, conflict)
      : (pushedBy(about, conflict) ?? allThatPush(about, conflict));
  const all = [...new Set(named)].filter((call) => call !== NONE).sort((a, b) => a - b);
  return {
    completed: all.filter((call) => calls.outcomes[call] !== INFO),
    steps: all.filter((call) => growth.kinds[call] === STEPS),
  };
}

/** The call itself, and whoever says where it is, if it is bound to a place. */
function withBinder({ kinds, least, binders }: Growth, call: number): readonly number[] {
  return kinds[call] === STEPS ? [call, binders[least[call] as number] as number] : [call];
}

/**
 * The completed call that needs a height, and those that say of a step that has begun that its
 * place is further on.
 */
function callsTooLow(
  { growth, timeline }: Conflicting,
  { cause, event, height }: Conflict,
): readonly number[] {
  const { kinds, least } = growth;
  const further: number[] = [];
  let begun = 0;
  for (let call = 0; call < kinds.length; call++) {
    if (kinds[call] !== STEPS || (timeline.starts[call] as number) > event) continue;
    begun++;
    if ((least[call] as number) > height + 1) further.push(call);
  }
  const named = begun < (least[cause] as number) ? [cause] : [cause, ...further];
  return named.flatMap((call) => withBinder(growth, call));
}

/**
 * A completed call that needs a height, and the steps that lie in real time between it and the one
 * that has to be lower than all of them: of those that are enough the one with the fewest steps, or
 * none at all and the steps from the beginning. Undefined when that is not enough.
 */
function pushedBy(
  { growth, timeline }: Conflicting,
  { call }: Conflict & { kind: "too-high" },
): readonly number[] | undefined {
  const { kinds, least, most } = growth;
  const found = lastPush(
    { timeline, least, amountOf: (step) => (kinds[step] === STEPS ? 1 : 0) },
    { call, most: most[call] as number },
  );
  return found?.flatMap((one) => (isFree(growth, one) ? [one] : withBinder(growth, one)));
}

/** What may push: by call the height that it needs, and how much it adds to the height. */
export interface Pushing {
  readonly timeline: Timeline;
  readonly least: ArrayLike<number>;
  readonly amountOf: (call: number) => number;
}

/**
 * For a call that has to begin no higher than `most`: with `b` = a call that completed before, the
 * steps that began after `b` and completed before the call bring the height from `least` of `b`
 * beyond `most`. The call, `b` with the greatest `least`, and as many steps as it takes; undefined
 * when there is no such `b`, and the steps from the beginning are too few as well. O(n log n).
 */
export function lastPush(
  pushing: Pushing,
  { call, most }: { readonly call: number; readonly most: number },
): readonly number[] | undefined {
  const { timeline, least, amountOf } = pushing;
  const { starts, ends, callAt } = timeline;
  let sum = 0;
  let best = NONE;
  let bestLeast = 0;
  for (let event = (starts[call] as number) - 1; event >= 0; event--) {
    const other = callAt[event] as number;
    if (ends[other] === event) {
      const height = least[other] as number;
      if (height <= bestLeast || height + sum <= most) continue;
      if (height > most) return [call, other];
      best = other;
      bestLeast = height;
    } else if (isBefore(timeline, other, call)) sum += amountOf(other);
  }
  if (best === NONE)
    return sum > most ? [call, ...largest(pushing, call, { over: most })] : undefined;
  const after = ends[best] as number;
  return [call, best, ...largest(pushing, call, { over: most - bestLeast, after })];
}

/** The largest steps between an event and the call, as many as amount to more than that. */
function largest(
  { timeline, amountOf }: Pushing,
  call: number,
  { over, after = 0 }: { readonly over: number; readonly after?: number },
): readonly number[] {
  const { starts, callAt } = timeline;
  const between: number[] = [];
  for (let event = (starts[call] as number) - 1; event >= after; event--) {
    const other = callAt[event] as number;
    const isBetween = starts[other] === event && isBefore(timeline, other, call);
    if (isBetween && amountOf(other) > 0) between.push(other);
  }
  between.sort((a, b) => amountOf(b) - amountOf(a));
  let sum = 0;
  const enough = between.findIndex((step) => (sum += amountOf(step)) > over);
  return between.slice(0, enough + 1);
}

/**
 * The same where bound places matter. Let the last free step that the sweep took although it
 * completes later have been taken because `b` completed. All that was taken since then began after
 * that and has completed, or is bound: it takes places beyond the `least` of `b` in every order,
 * and so many that the last one is beyond `most`.
 */
function allThatPush(
  { growth, timeline }: Conflicting,
  { call, cause, event, height, taken, causes }: Conflict & { kind: "too-high" },
): readonly number[] {
  const { least, most, binders } = growth;
  let place = height;
  for (; place > 0; place--) {
    const step = taken[place] as number;
    if (isFree(growth, step) && (timeline.ends[step] as number) > event) break;
  }
  const named = [call, cause].flatMap((one) => withBinder(growth, one));
  const other = place === 0 ? NONE : (causes[place] as number);
  if (other !== NONE) named.push(...withBinder(growth, other));
  let from = other === NONE ? 0 : (least[other] as number);
  const upTo = Math.min(height, (most[call] as number) + 1);
  for (from++; from <= upTo; from++) {
    const step = taken[from] as number;
    named.push(isFree(growth, step) ? step : (binders[from] as number));
  }
  return named;
}
