/**
 * What the model's look-ahead spares the confirmation of a refutation (`LookAhead` in the model
 * port says what a model promises; that it keeps it is for the model's own tests).
 *
 * - A situation is *dead* when its state rules out an observation that has not taken effect, and
 *   nothing that may still take effect before that observation returns restores it: no order goes
 *   on from there.
 * - A state that rules out all observations which have not taken effect is *hopeless*. One hopeless
 *   state stands for another: no observation is possible in either; of the rest everything is
 *   possible in both, and leads to the same state (what overwrites) or to hopeless ones again (what
 *   restores nothing). Where there are operations of other sorts, states are left as they are.
 *
 * Omitted operations count as such that may still happen, so that none of them can change a state
 * of which nothing else is looked at.
 */
import type { Operation } from "../history/operation.js";
import type { Value } from "../history/value.js";
import type { LookAhead, Model } from "../model/model.js";

/** Observations are looked at as long as so few are left, for each costs a look at all others. */
const OBSERVATIONS_MAX = 24;

/** What is asked about, see verify-refutation.ts. */
export interface HopelessQuestion {
  readonly model: Model;
  readonly required: readonly Operation[];
  readonly forgotten: readonly { readonly free: Operation; readonly begins: readonly number[] }[];
  readonly omitted: readonly Operation[];
}

/** A situation after `returned`: what has returned before that event has taken effect. */
export interface Moment {
  readonly done: readonly number[];
  readonly state: Value;
  readonly used: readonly number[];
  readonly returned: number;
}

/** Undefined for a dead situation, else its state or one that stands for it. */
export function createHopeless(question: HopelessQuestion): (moment: Moment) => Value | undefined {
  const { model, required, forgotten, omitted } = question;
  const ahead = model.lookAhead;
  if (ahead === undefined) return ({ state }) => state;
  const observations = required.filter((operation) => ahead.observes(operation));
  const lumps = mayLump(question, ahead, observations);
  let stands: Value | undefined;
  return ({ done, state, used, returned }) => {
    const isLeft = (one: Operation): boolean =>
      end(one) > returned && !done.includes(one.invocation);
    const left = observations.filter(isLeft);
    if (left.length > OBSERVATIONS_MAX) return state;
    const ruledOut = left.filter((one) => !ahead.mayLeadTo(state, one));
    const isDead = ruledOut.some((one) => {
      const restores = (other: Operation): boolean =>
        other.invocation < end(one) && ahead.restores(other, one);
      if (required.some((other) => other !== one && isLeft(other) && restores(other))) return false;
      if (omitted.some(restores)) return false;
      return !forgotten.some(
        ({ free, begins }, group) =>
          (begins[used[group] as number] ?? Infinity) < end(one) && ahead.restores(free, one),
      );
    });
    if (isDead) return undefined;
    if (!lumps || ruledOut.length < left.length) return state;
    if (stands === undefined || left.some((one) => ahead.mayLeadTo(stands as Value, one))) {
      stands = state;
    }
    return stands;
  };
}

function mayLump(
  { required, forgotten, omitted }: HopelessQuestion,
  ahead: LookAhead,
  observations: readonly Operation[],
): boolean {
  if (observations.length > OBSERVATIONS_MAX) return false;
  const restoresNothing = (operation: Operation): boolean =>
    observations.every((one) => !ahead.restores(operation, one));
  const isOrdinary = (operation: Operation): boolean =>
    ahead.observes(operation) || ahead.overwrites(operation) || restoresNothing(operation);
  return (
    required.every(isOrdinary) &&
    forgotten.every(({ free }) => isOrdinary(free)) &&
    omitted.every(restoresNothing)
  );
}

function end({ completion }: Operation): number {
  return completion as number;
}
