/**
 * Compare-and-sets that are known not to have swapped (*refusals*): each has to take effect while
 * the register holds another value than the one that it expected.
 *
 * The conditions of zones do not cover them, and the order of chains is not the only one
 * possible. So here is less than a decision, but never a wrong one:
 *
 * 1. An order without the refusals must exist at all, since whoever explains the history explains
 *    it without them: they change nothing.
 * 2. *Valid* when they have a place in the order of chains that the zones gave. Give every
 *    operation an instant, the earliest that the order allows: the last invocation up to it. A
 *    stage then lasts from the instant t of its write to that of the next one, t'. A refusal of
 *    its value, open from i to r, fits when t > i (it is before), or t' < r (it is after): values
 *    are unique, so that at every other time the register holds another one. When t' >= r, and t'
 *    can only become later, t has to become later than i. Instants only move later, from a least
 *    solution of "at least" conditions to a larger one, each step forced: this ends in the least
 *    solution for this order, or a write would have to come after an operation that must follow
 *    it has completed, and there is none.
 * 3. *Not linearizable* when a refusal of a value lies within the time in which the register
 *    certainly held it: from the first completion of an operation of its stage or a later one of
 *    its chain, for then it had been written; to the last invocation of one of its stage or an
 *    earlier one, for then it had not been replaced.
 * 4. Otherwise another order may have a place for them: unsuitable.
 *
 * An indeterminate write that nobody observed could take the place of a value, and so make a
 * place for a refusal. 2 does without it, and 3 holds with it: once replaced, a value does not
 * come back.
 *
 * Reads that say nothing are placed here too: they fit everywhere.
 */
import { NONE } from "../../../../src/history/history.js";
import type { Meter } from "../../meter.js";
import { sortedByKey } from "../event-order.js";
import { NEVER, type Calls, type MonitorAnswer } from "../monitor.js";
import { REFUSES, SAYS_NOTHING, SEES, SWAPS, type RegisterFacts } from "./facts.js";
import { completedFor, refutation } from "./refutation.js";

/** An order without refusals. */
export interface Unrefused {
  readonly calls: Calls;
  readonly facts: RegisterFacts;
  /** Values in the order of effect. */
  readonly stages: Int32Array;
  /** Of each stage the writer, if there is one, then its reads. */
  readonly order: Int32Array;
  readonly meter: Meter;
}

/** Adds the refusals to an order, if that can be decided. */
export function placeRefusals(unrefused: Unrefused): MonitorAnswer {
  const { calls, facts, stages, order, meter } = unrefused;
  const extra: number[] = [];
  for (let call = 0; call < calls.count; call++) {
    const kind = facts.kinds[call];
    if (kind === REFUSES || kind === SAYS_NOTHING) extra.push(call);
  }
  if (extra.length === 0) return { kind: "linearizable", order };
  meter.reserve(4 * 12 * calls.count);
  meter.spend(2 * calls.count);
  const stageOf = new Int32Array(facts.count).fill(NONE);
  stages.forEach((value, stage) => (stageOf[value] = stage));
  const starts = earliestStarts(unrefused);
  const refusals = refusalsByStage(extra, unrefused, stageOf);
  if (!delayStarts(starts, refusals, unrefused)) {
    return (
      certainlyHeld(unrefused, extra, stageOf) ?? {
        kind: "unsuitable",
        reason: "a failed cas needs another order of writes",
      }
    );
  }
  const slots = Int32Array.from(extra, (call) =>
    slotOf(call, unrefused, { starts, stage: stageOf[facts.seen[call] as number] ?? NONE }),
  );
  return { kind: "linearizable", order: merged(unrefused, starts, { extra, slots }) };
}

/**
 * The earliest instant of each stage's write, in half events: 2 e at event e, 2 e + 1 after it. The
 * initial value's is before all.
 */
function earliestStarts({ calls, facts, stages, order }: Unrefused): Float64Array {
  const starts = new Float64Array(stages.length);
  let latest = -1;
  let place = 0;
  for (let stage = 0; stage < stages.length; stage++) {
    if (facts.writers[stages[stage] as number] !== NONE) {
      latest = Math.max(latest, calls.invocations[order[place++] as number] as number);
    }
    starts[stage] = 2 * latest;
    for (; place < order.length && facts.kinds[order[place] as number] === SEES; place++) {
      latest = Math.max(latest, calls.invocations[order[place] as number] as number);
    }
  }
  return starts;
}

/** The latest instant of each stage's write: the first completion from there on. */
function latestStarts({ calls, facts, stages, order }: Unrefused): Float64Array {
  const latest = new Float64Array(stages.length);
  let first = NEVER;
  let place = order.length - 1;
  for (let stage = stages.length - 1; stage >= 0; stage--) {
    for (; place >= 0 && facts.kinds[order[place] as number] === SEES; place--) {
      first = Math.min(first, calls.completions[order[place] as number] as number);
    }
    const written = facts.writers[stages[stage] as number] !== NONE;
    if (written) first = Math.min(first, calls.completions[order[place--] as number] as number);
    latest[stage] = written ? 2 * first : -2;
  }
  return latest;
}

/** Lists of refusals by stage. */
interface RefusalsByStage {
  readonly first: Int32Array;
  /** By call. */
  readonly next: Int32Array;
}

function refusalsByStage(
  extra: readonly number[],
  { calls, facts, stages }: Unrefused,
  stageOf: Int32Array,
): RefusalsByStage {
  const first = new Int32Array(stages.length).fill(NONE);
  const next = new Int32Array(calls.count).fill(NONE);
  for (const call of extra) {
    if (facts.kinds[call] !== REFUSES) continue;
    const stage = stageOf[facts.seen[call] as number] as number;
    if (stage === NONE) continue;
    next[call] = first[stage] as number;
    first[stage] = call;
  }
  return { first, next };
}

/** Moves starts to the least solution; false when there is none. */
function delayStarts(
  starts: Float64Array,
  { first, next }: RefusalsByStage,
  unrefused: Unrefused,
): boolean {
  const { invocations, completions } = unrefused.calls;
  const latest = latestStarts(unrefused);
  const waiting: number[] = [];
  for (let stage = starts.length - 1; stage >= 0; stage--) {
    if (first[stage] !== NONE) waiting.push(stage);
  }
  for (let stage = waiting.pop(); stage !== undefined; stage = waiting.pop()) {
    for (let call = first[stage] as number; call !== NONE; call = next[call] as number) {
      unrefused.meter.spend(1);
      const end = stage + 1 < starts.length ? (starts[stage + 1] as number) : Infinity;
      const before = 2 * (invocations[call] as number);
      if ((starts[stage] as number) > before || end < 2 * (completions[call] as number)) continue;
      for (let later = stage; later < starts.length; later++) {
        if ((starts[later] as number) > before) break;
        if ((latest[later] as number) <= before) return false;
        unrefused.meter.spend(1);
        starts[later] = before + 1;
        if (later > 0 && first[later - 1] !== NONE) waiting.push(later - 1);
      }
    }
  }
  return true;
}

/** When an extra call takes effect: after everything of the order that is not later. */
function slotOf(
  call: number,
  { calls, facts }: Unrefused,
  { starts, stage }: { readonly starts: Float64Array; readonly stage: number },
): number {
  const before = 2 * (calls.invocations[call] as number);
  if (facts.kinds[call] !== REFUSES || stage === NONE) return before;
  if ((starts[stage] as number) > before) return before;
  return Math.max(before, starts[stage + 1] as number);
}

function merged(
  { calls, facts, order, stages }: Unrefused,
  starts: Float64Array,
  { extra, slots }: { readonly extra: readonly number[]; readonly slots: Int32Array },
): Int32Array {
  const result = new Int32Array(order.length + extra.length);
  const sorted = sortedByKey(slots);
  let length = 0;
  let taken = 0;
  let stage = -1;
  let instant = -2;
  for (let place = 0; place < order.length; place++) {
    const call = order[place] as number;
    if (facts.kinds[call] !== SEES) {
      // The initial value's stage has no writer.
      do stage++;
      while (facts.writers[stages[stage] as number] !== call);
      instant = Math.max(instant, starts[stage] as number);
    }
    instant = Math.max(instant, 2 * (calls.invocations[call] as number));
    while (taken < sorted.length && (slots[sorted[taken] as number] as number) < instant) {
      result[length++] = extra[sorted[taken++] as number] as number;
    }
    result[length++] = call;
  }
  while (taken < sorted.length) result[length++] = extra[sorted[taken++] as number] as number;
  return result;
}

/** The refutation by a refusal within the time in which the register certainly held the value. */
function certainlyHeld(
  { calls, facts, stages }: Unrefused,
  extra: readonly number[],
  stageOf: Int32Array,
): MonitorAnswer | undefined {
  const { written, kept } = certainTimes(calls, facts, stages);
  for (const call of extra) {
    if (facts.kinds[call] !== REFUSES) continue;
    const stage = stageOf[facts.seen[call] as number] as number;
    if (stage === NONE) continue;
    const from = written[stage] as number;
    const to = kept[stage] as number;
    if (to === NONE || (calls.invocations[to] as number) < (calls.completions[call] as number)) {
      continue;
    }
    // Only the initial value was written by none.
    const since = from === NONE ? -1 : (calls.completions[from] as number);
    if (since > (calls.invocations[call] as number)) continue;
    return refutation([...completedFor([from, to], calls, facts), call], calls, facts);
  }
  return undefined;
}

/** By stage: the call whose end shows it written, and the one whose start shows it kept. */
function certainTimes(
  { count, completions }: Calls,
  { kinds, seen, writers, initial }: RegisterFacts,
  stages: Int32Array,
): { readonly written: Int32Array; readonly kept: Int32Array } {
  const written = new Int32Array(stages.length);
  const kept = new Int32Array(stages.length);
  const firstEnding = writers.slice();
  const lastStarting = writers.slice();
  for (let call = 0; call < count; call++) {
    if (kinds[call] !== SEES) continue;
    const value = seen[call] as number;
    firstEnding[value] = earlier(firstEnding[value] as number, call, completions);
    // Later calls are invoked later.
    lastStarting[value] = Math.max(lastStarting[value] as number, call);
  }
  for (let stage = 0; stage < stages.length; stage++) {
    const value = stages[stage] as number;
    const writer = writers[value] as number;
    const follows = writer !== NONE && kinds[writer] === SWAPS;
    const before = follows ? (kept[stage - 1] as number) : NONE;
    kept[stage] = Math.max(before, lastStarting[value] as number);
  }
  for (let stage = stages.length - 1; stage >= 0; stage--) {
    const value = stages[stage] as number;
    const after = stages[stage + 1];
    const writerAfter = after === undefined ? NONE : (writers[after] as number);
    const continues = writerAfter !== NONE && kinds[writerAfter] === SWAPS;
    const later = continues ? (written[stage + 1] as number) : NONE;
    written[stage] = earlier(firstEnding[value] as number, later, completions);
    if (value === initial) written[stage] = NONE;
  }
  return { written, kept };
}

/** Of two calls the one that completed first; `NONE` counts as none. */
function earlier(one: number, other: number, completions: Int32Array): number {
  if (one === NONE) return other;
  if (other === NONE) return one;
  return (completions[other] as number) < (completions[one] as number) ? other : one;
}
