/**
 * Makes the counterexample small: forgets the completions of as many operations as possible while
 * the rest still cannot be explained (see `NonLinearizableCertificate` for what forgetting means).
 *
 * The first level without survivors says which operations matter: those that began before that
 * return. Some of them may have ended later: what they returned then may be part of the
 * contradiction, but seldom is. Then delta debugging (Zeller & Hildebrandt 2002), in two stages: a
 * window of the last 1, 2, 4, … operations up to that return, without and with those that ended
 * later; then halves, quarters, … single ones of that window, oldest first. What cannot be
 * explained still cannot when more has to be explained, so that an operation once found necessary
 * stays necessary, and one pass over single ones proves minimality. Each trial has a bounded amount
 * of work; an undecided one keeps its operations.
 */
import type { NonLinearizableCertificate } from "../../src/verdict/certificate.js";
import type { SearchContext } from "./attempt.js";
import { LimitReached } from "./meter.js";
import { Trials, type Known } from "./trials.js";

/** Work of all trials, beside what it costs to look at each operation some dozen times. */
const WHOLE_WORK = 1 << 24;
const LOOK_WORK = 256;

/** The parts of a certificate that this file works out. */
export type Counterexample = Pick<NonLinearizableCertificate, "required" | "forgotten" | "minimal">;

/** What there is to forget. */
export interface Refuted extends Known {
  /** How many of `completed` end with or before the first return that cannot be explained. */
  readonly returned: number;
}

/** A small counterexample within `refuted`; as small as the budget allows. */
export function minimize(refuted: Refuted, context: SearchContext): Counterexample {
  const trials = new Trials(refuted, context);
  let required = refuted.completed;
  let minimal = false;
  try {
    const looks = LOOK_WORK * (refuted.completed.length + refuted.others.length);
    context.meter.within(WHOLE_WORK + looks, () => {
      required = window(refuted, required, trials);
      // One alone cannot be explained, or it would not be here.
      let undecided = false;
      for (let size = required.length >>> 1; size >= 1; size = size >>> 1) {
        undecided = false;
        for (let from = 0; from < required.length;) {
          const upTo = Math.min(from + size, required.length);
          const fewer = [...required.slice(0, from), ...required.slice(upTo)];
          const explained = trials.explains(fewer);
          if (explained === false) required = fewer;
          else from = upTo;
          if (explained === undefined) undecided = true;
        }
      }
      minimal = !undecided;
    });
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
  }
  return {
    required: [...required].sort((a, b) => a - b),
    forgotten: forgottenOf(refuted, required, trials, context),
    minimal,
  };
}

/**
 * The others, without those that are known to change no state: because the model says so, or
 * because the search that refuted `required` confirmed it (see assumptions.ts).
 */
function forgottenOf(
  refuted: Refuted,
  required: readonly number[],
  trials: Trials,
  { assumptions }: SearchContext,
): readonly number[] {
  const others = trials.forgotten(required);
  const kinds = others.map((one) => refuted.kinds.forgotten(one));
  // Without a search that refutes `required` nothing is known of the others.
  if (!assumptions.declared && !refutes(trials, required)) return others;
  assumptions.begin();
  return others.filter((_, position) => assumptions.active[kinds[position] as number] === 1);
}

function refutes(trials: Trials, required: readonly number[]): boolean {
  try {
    return trials.explains(required) === false;
  } catch (error) {
    if (error instanceof LimitReached) return false;
    throw error;
  }
}

/** The shortest doubled window before the first inexplicable return that cannot be explained. */
function window(refuted: Refuted, completed: readonly number[], trials: Trials): readonly number[] {
  const { returned } = refuted;
  for (let size = 1; size < completed.length; size *= 2) {
    const from = Math.max(0, returned - size);
    const windows = [completed.slice(from, returned), completed.slice(from)];
    for (const tried of returned === completed.length ? windows.slice(1) : windows) {
      if (tried.length < completed.length && trials.explains(tried) === false) return tried;
    }
  }
  return completed;
}
