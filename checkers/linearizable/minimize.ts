/**
 * Makes the counterexample small: forgets the completions of as many operations as possible while
 * the rest still cannot be explained (see `NonLinearizableCertificate` for what forgetting means).
 *
 * The first level without survivors says which operations matter: those that began before that
 * return. Some of them may have ended later: what they returned then may be part of the
 * contradiction, but seldom is. Delta debugging (Zeller & Hildebrandt 2002), in two stages: a
 * window of the last 1, 2, 4, … operations up to that return, without and with those that ended
 * later; then halves, quarters, … single ones of that window, oldest first. Where short windows
 * tell nothing, which is so among many clients, two operations are often enough, and are looked for
 * before longer ones. What cannot be explained still cannot when more has to be explained, so that
 * an operation once found necessary stays necessary, and one pass over single ones proves
 * minimality. Each trial has a bounded amount of work; an undecided one keeps its operations.
 */
import type { NonLinearizableCertificate } from "../../src/verdict/certificate.js";
import type { SearchContext } from "./attempt.js";
import { LimitReached } from "./meter.js";
import { TRIAL_WORK, Trials, type Known } from "./trials.js";

/** Work of all trials, beside what it costs to look at each operation some dozen times. */
const WHOLE_WORK = 1 << 24;
const LOOK_WORK = 256;
/** Work of trials that came to nothing since the last one that refuted. */
const WASTED_WORK = 1 << 22;

/**
 * Short windows and pairs are tried with so much work each, but not in long histories, where even
 * to look at what is forgotten takes long.
 */
const QUICK_LENGTH_MAX = 1 << 12;
const QUICK_WORK = 1 << 13;
const SHORT_MAX = 16;
const PAIR_DISTANCE_MAX = 16;
/** Observers are left out together when there are so many operations. */
const OBSERVERS_MIN = 16;

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
  const { completed, others } = refuted;
  const smallest: Smallest = { required: completed, minimal: false };
  try {
    const looks = LOOK_WORK * (completed.length + others.length);
    context.meter.within(WHOLE_WORK + looks, () =>
      shrink(refuted, smallest, impatient(trials), context),
    );
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
  }
  const { required, minimal } = smallest;
  return {
    required: [...required].sort((a, b) => a - b),
    forgotten: forgottenOf(refuted, required, trials, context),
    minimal,
  };
}

/** The smallest refutation so far. */
interface Smallest {
  required: readonly number[];
  minimal: boolean;
}

/** Whether these are explained; undefined when that took too much. @throws LimitReached */
type Test = (required: readonly number[], workMax?: number) => boolean | undefined;

/** Gives up when trials that come to nothing have cost much since the last one that refuted. */
function impatient(trials: Trials): Test {
  let wasted = 0;
  return (required, workMax = TRIAL_WORK) => {
    const explained = trials.explains(required, workMax);
    if (explained === false) wasted = 0;
    if (explained === undefined) wasted += workMax;
    if (wasted > WASTED_WORK) throw new LimitReached("work");
    return explained;
  };
}

function shrink(refuted: Refuted, smallest: Smallest, test: Test, context: SearchContext): void {
  smallest.required = few(refuted, test);
  smallest.required = withoutObservers(refuted, smallest.required, test, context);
  // One alone cannot be explained, or it would not be here.
  let undecided = false;
  for (let size = smallest.required.length >>> 1; size >= 1; size = size >>> 1) {
    undecided = false;
    for (let from = 0; from < smallest.required.length;) {
      const { required } = smallest;
      const upTo = Math.min(from + size, required.length);
      const fewer = [...required.slice(0, from), ...required.slice(upTo)];
      const explained = test(fewer);
      if (explained === false) smallest.required = fewer;
      else from = upTo;
      if (explained === undefined) undecided = true;
    }
  }
  smallest.minimal = !undecided;
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

/** Few operations that are refuted, all if need be. */
function few(refuted: Refuted, test: Test): readonly number[] {
  const { completed, others } = refuted;
  let sizeMin = 1;
  if (completed.length + others.length <= QUICK_LENGTH_MAX) {
    const short = window(refuted, test, { sizeMin, sizeMax: SHORT_MAX, work: QUICK_WORK });
    if (short === "explained") sizeMin = 2 * SHORT_MAX;
    const found = short === "undecided" ? pair(refuted, test) : short;
    if (found !== undefined && found !== "explained") return found;
  }
  const found = window(refuted, test, { sizeMin, sizeMax: Infinity, work: TRIAL_WORK });
  return typeof found === "string" ? completed : found;
}

/** The failing operation with one other: most violations are between two results nearby. */
function pair({ completed, returned }: Refuted, test: Test): readonly number[] | undefined {
  const failing = completed[returned - 1] as number;
  for (let distance = 1; distance <= PAIR_DISTANCE_MAX; distance++) {
    for (const at of [returned - 1 - distance, returned - 1 + distance]) {
      const other = completed[at];
      if (other === undefined) continue;
      const tried = at < returned ? [other, failing] : [failing, other];
      if (test(tried, QUICK_WORK) === false) return tried;
    }
  }
  return undefined;
}

/**
 * Without what changed no state, but for the failing operation: to forget the result of one that
 * changes nothing never makes anything else possible than to leave it out.
 */
function withoutObservers(
  { completed, returned, kinds }: Refuted,
  required: readonly number[],
  test: Test,
  { assumptions }: SearchContext,
): readonly number[] {
  if (required.length < OBSERVERS_MIN) return required;
  const failing = completed[returned - 1];
  const fewer = required.filter(
    (one) => one === failing || assumptions.changing[kinds.recorded(one)] === 1,
  );
  return fewer.length < required.length && test(fewer) === false ? fewer : required;
}

/** Which windows are tried, and how much work each of them may take. */
interface Windows {
  readonly sizeMin: number;
  readonly sizeMax: number;
  readonly work: number;
}

/**
 * The shortest doubled window before the first inexplicable return that cannot be explained; else
 * whether the longest of them is explained, and with it all that is within it.
 */
function window(
  { completed, returned }: Refuted,
  test: Test,
  { sizeMin, sizeMax, work }: Windows,
): readonly number[] | "explained" | "undecided" {
  let explained: boolean | undefined = false;
  for (let size = sizeMin; size <= Math.min(completed.length - 1, sizeMax); size *= 2) {
    const from = Math.max(0, returned - size);
    const windows = [completed.slice(from, returned), completed.slice(from)];
    for (const tried of returned === completed.length ? windows.slice(1) : windows) {
      if (tried.length === completed.length) continue;
      explained = test(tried, work);
      if (explained === false) return tried;
    }
  }
  return explained === true ? "explained" : "undecided";
}
