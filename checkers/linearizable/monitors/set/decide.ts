/**
 * Sets in which each element is added and removed once at most (Lee & Mathur, "Efficient
 * decrease-and-conquer linearizability monitoring", OOPSLA 2025, arXiv 2410.04581), in O(n) for
 * all elements at once: they are independent of one another.
 *
 * For an element that was added let f be the earliest completion of its add, its removal and of
 * all that found it present: it is there no later than f. If it was removed let s be the latest
 * invocation of the same calls, which it stays for; else it stays for ever. Linearizable exactly
 * when
 *
 * 1. nobody who found it present completed before the add was invoked, nor its removal did;
 * 2. nobody who found it present was invoked after the removal had completed;
 * 3. nobody who found it absent was open only from f to s: one that was invoked before f can come
 *    before the add, one that completes after s after the removal.
 *
 * Sufficient: the add takes effect at f, the removal at s, or both at f if s is before it; those
 * that found it present, between them as they are invoked; those that found it absent, at their
 * invocation if it is before f, else at their completion. Every call has an instant while it is
 * open, so that an order by instants respects real time, over all elements together.
 *
 * Indeterminate operations, and completed ones that do not say what they found: see
 * `lives.ts`.
 */
import { INFO, NONE } from "../../../../src/history/history.js";
import { sortedByKey } from "../event-order.js";
import { NEVER, type Calls, type MonitorAnswer, type MonitorQuestion } from "../monitor.js";
import {
  ABSENT,
  ADDS,
  BYTES_OF_LIVES,
  LEFT_OUT,
  livesOf,
  PRESENT,
  REMOVES,
  type Lives,
  type Reading,
} from "./lives.js";

/** The role that looks at an element (`contains`, `count`). */
const LOOKS = 2;

/** Bytes of the tables here, an operation. */
const BYTES_PER_CALL = 4 * 9;

/** Decides a set, or what is like one for elements that are added once. */
export function decideLives(
  { calls, model, meter }: MonitorQuestion,
  reading: Reading,
): MonitorAnswer {
  if (!startsEmpty(model.options["initial"])) {
    return { kind: "unsuitable", reason: "the set does not start empty" };
  }
  meter.reserve((BYTES_OF_LIVES + BYTES_PER_CALL) * calls.count);
  meter.spend(2 * calls.count);
  const lives = livesOf(calls, reading);
  if (typeof lives === "string") return { kind: "unsuitable", reason: lives };
  if ("twice" in lives) return refuted(lives.twice, calls);
  meter.spend(calls.count);
  const ends = endsOf(calls, lives);
  const contradiction = contradictionIn(calls, lives, ends);
  if (contradiction !== undefined) return refuted(contradiction, calls);
  meter.spend(calls.count);
  return { kind: "linearizable", order: orderOf(calls, lives, ends) };
}

function startsEmpty(initial: unknown): boolean {
  return initial === undefined || (Array.isArray(initial) && initial.length === 0);
}

/** By element, of those that show it present: the first completion, and the last invocation. */
interface Ends {
  /** `NEVER` when nobody does. */
  readonly firstEnds: Int32Array;
  readonly lastStarts: Int32Array;
}

function endsOf({ count, invocations, completions }: Calls, lives: Lives): Ends {
  const { elementOf, parts } = lives;
  const firstEnds = new Int32Array(lives.count).fill(NEVER);
  const lastStarts = new Int32Array(lives.count);
  for (let call = 0; call < count; call++) {
    const part = parts[call];
    if (part !== PRESENT && part !== ADDS && part !== REMOVES) continue;
    const element = elementOf[call] as number;
    const end = completions[call] as number;
    if (end < (firstEnds[element] as number)) firstEnds[element] = end;
    lastStarts[element] = invocations[call] as number;
  }
  return { firstEnds, lastStarts };
}

/** Calls that contradict one another, if any. */
function contradictionIn(calls: Calls, lives: Lives, ends: Ends): number[] | undefined {
  const { invocations, completions } = calls;
  const { count, elementOf, parts, adds, removes, idle } = lives;
  const { firstEnds, lastStarts } = ends;
  for (let element = 0; element < count; element++) {
    const end = firstEnds[element] as number;
    if (end === NEVER) continue;
    const add = adds[element] as number;
    // Nobody can have added it, or nobody before it had been found.
    if (add === NONE || end < (invocations[add] as number)) {
      return [completions.indexOf(end), add];
    }
    const remove = removes[element] as number;
    const start = lastStarts[element] as number;
    if (remove !== NONE && (completions[remove] as number) < start) {
      return [remove, invocations.indexOf(start), add];
    }
  }
  for (let call = 0; call < calls.count; call++) {
    if (parts[call] !== ABSENT) continue;
    const element = elementOf[call] as number;
    const end = firstEnds[element] as number;
    if ((invocations[call] as number) < end) continue;
    const start = lastStarts[element] as number;
    const removed = removes[element] !== NONE;
    if (removed && (completions[call] as number) > start) continue;
    const [first, last] = [completions.indexOf(end), invocations.indexOf(start)];
    if (removed) return [first, call, last];
    // One that says nothing is not the removal because the last one found the element after it.
    const silent = idle?.[element] ?? NONE;
    return silent === NONE ? [first, call] : [first, call, last, silent];
  }
  return undefined;
}

/**
 * The answer that these calls contradict one another, without those that are indeterminate, which
 * prove nothing. All adds and removals of the element are named with them: with its completion
 * forgotten, an add that found the element might be the one that added it.
 */
function refuted(given: readonly number[], calls: Calls): MonitorAnswer {
  const { count, roles, outcomes, inputs } = calls;
  const element = inputs[given[0] as number];
  const named: number[] = [];
  for (let call = 0; call < count; call++) {
    if (inputs[call] !== element || outcomes[call] === INFO) continue;
    if (roles[call] !== LOOKS || given.includes(call)) named.push(call);
  }
  return { kind: "not-linearizable", calls: named };
}

/** All calls by their instants; at the same one the add, those who found it, the removal. */
function orderOf(calls: Calls, lives: Lives, { firstEnds, lastStarts }: Ends): Int32Array {
  const { count, invocations, completions } = calls;
  const { parts, elementOf, adds, removes } = lives;
  const placed = new Int32Array(count);
  const instants = new Int32Array(count);
  let length = 0;
  for (let element = 0; element < lives.count; element++) {
    const add = adds[element] as number;
    if (add === NONE) continue;
    instants[length] = firstEnds[element] as number;
    placed[length++] = add;
  }
  for (let call = 0; call < count; call++) {
    const part = parts[call] as number;
    if (part === LEFT_OUT || part === ADDS || part === REMOVES) continue;
    const present = firstEnds[elementOf[call] as number] as number;
    let instant = invocations[call] as number;
    if (instant >= present) {
      if (part === ABSENT) instant = completions[call] as number;
    } else if (part === PRESENT) instant = present;
    instants[length] = instant;
    placed[length++] = call;
  }
  for (let element = 0; element < lives.count; element++) {
    const remove = removes[element] as number;
    if (remove === NONE) continue;
    instants[length] = Math.max(lastStarts[element] as number, firstEnds[element] as number);
    placed[length++] = remove;
  }
  const order = sortedByKey(instants.subarray(0, length));
  for (let place = 0; place < length; place++) {
    order[place] = placed[order[place] as number] as number;
  }
  return order;
}
