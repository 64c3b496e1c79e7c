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
import type { History } from "../../src/history/history.js";
import type { NonLinearizableCertificate } from "../../src/verdict/certificate.js";
import { decide, type SearchContext } from "./decide.js";
import { LimitReached } from "./meter.js";
import { layOut, type Kinds } from "./problem.js";

/**
 * Work of one trial and of all, beside what it costs to look at each operation some dozen times.
 */
const TRIAL_WORK = 1 << 19;
const WHOLE_WORK = 1 << 24;
const LOOK_WORK = 16;
const LOOKS = 16;

/** The parts of a certificate that this file works out. */
export type Counterexample = Pick<NonLinearizableCertificate, "required" | "forgotten" | "minimal">;

/** What there is to forget. */
export interface Refuted {
  readonly history: History;
  readonly kinds: Kinds;
  /** Completed operations that cannot be explained together, in the order of completions. */
  readonly completed: readonly number[];
  /** How many of them end with or before the first return that cannot be explained. */
  readonly returned: number;
  /** All other operations of the part that may have happened. */
  readonly others: readonly number[];
}

/** A small counterexample within `refuted`; as small as the budget allows. */
export function minimize(refuted: Refuted, context: SearchContext): Counterexample {
  let required = refuted.completed;
  let minimal = false;
  try {
    const looks = LOOKS * LOOK_WORK * (refuted.completed.length + refuted.others.length);
    context.meter.within(WHOLE_WORK + looks, () => {
      required = window(refuted, required, context);
      // One alone cannot be explained, or it would not be here.
      let undecided = false;
      for (let size = required.length >>> 1; size >= 1; size = size >>> 1) {
        undecided = false;
        for (let from = 0; from < required.length;) {
          const upTo = Math.min(from + size, required.length);
          const fewer = [...required.slice(0, from), ...required.slice(upTo)];
          const explained = trial(refuted, fewer, context);
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
    forgotten: forgottenOf(refuted, required, context),
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
  context: SearchContext,
): readonly number[] {
  const { assumptions } = context;
  const others = othersOf(refuted, required);
  const kinds = others.map((one) => refuted.kinds.forgotten(one));
  if (!assumptions.declared && !refutedWithout(refuted, required, context)) return others;
  assumptions.begin();
  return others.filter((_, position) => assumptions.active[kinds[position] as number] === 1);
}

/**
 * Whether a search refutes `required` with all others free to happen; without it nothing is known
 * of the others.
 */
function refutedWithout(
  refuted: Refuted,
  required: readonly number[],
  context: SearchContext,
): boolean {
  try {
    return trial(refuted, required, context) === false;
  } catch (error) {
    if (error instanceof LimitReached) return false;
    throw error;
  }
}

/** The shortest doubled window before the first inexplicable return that cannot be explained. */
function window(
  refuted: Refuted,
  completed: readonly number[],
  context: SearchContext,
): readonly number[] {
  const { returned } = refuted;
  for (let size = 1; size < completed.length; size *= 2) {
    const from = Math.max(0, returned - size);
    const windows = [completed.slice(from, returned), completed.slice(from)];
    for (const tried of returned === completed.length ? windows.slice(1) : windows) {
      if (tried.length < completed.length && trial(refuted, tried, context) === false) return tried;
    }
  }
  return completed;
}

/**
 * Whether these can be explained when all others are forgotten; undefined when that took too much.
 */
function trial(
  refuted: Refuted,
  required: readonly number[],
  context: SearchContext,
): boolean | undefined {
  const { meter } = context;
  let bytes = 0;
  try {
    const optional = othersOf(refuted, required);
    const looks = LOOK_WORK * (required.length + optional.length);
    return meter.within(TRIAL_WORK + looks, () => {
      const problem = layOut(refuted.history, { required, optional }, refuted.kinds, meter);
      bytes = problem.bytes;
      meter.spend(looks);
      const progress = { levelMax: 0, configurationsMax: 0 };
      return decide(problem, context, progress).kind === "linearizable";
    });
  } catch (error) {
    if (!(error instanceof LimitReached) || error.limit === "time") throw error;
    meter.check();
    return undefined;
  } finally {
    meter.release(bytes);
  }
}

/**
 * The operations of the part that begin before the last required one ends, and are not required,
 * ascending. An observed failure is not among them: it did not happen, and to forget that it was
 * observed is to leave it out.
 */
function othersOf({ history, completed, others }: Refuted, required: readonly number[]): number[] {
  const kept = new Set(required);
  const last = required.reduce((end, one) => Math.max(end, history.pairs[one] as number), -1);
  return [...completed, ...others]
    .filter((one) => !kept.has(one) && one < last && history.operation(one).outcome !== "fail")
    .sort((a, b) => a - b);
}
