/**
 * What went into a queue and what came out, counted by element in one pass, and where it was seen
 * empty.
 *
 * At an answer that says that the queue is empty, every copy that was acknowledged before it began
 * and that no answer ever shows must have been taken by an operation that never answered. There are
 * at most as many of these as were invoked by then. Where more copies are gone than that, some are
 * lost.
 */
import { FAIL, INFO, INVOKE, NEMESIS, NONE, OK, type History } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import { outcomeOf, rolesOf } from "./functions.js";
import type { Limits } from "./limits.js";
import { misshapen } from "./options.js";

/** The functions of queues. */
export const QUEUE_FUNCTIONS: readonly string[] = ["enqueue", "dequeue", "drain"];

const ENQUEUE = 1;
const DEQUEUE = 2;
const DRAIN = 3;
const ROLES = { enqueue: ENQUEUE, dequeue: DEQUEUE, drain: DRAIN };
/** Errors with which a failed dequeue says that there was nothing to take. */
const EMPTY: readonly string[] = ["empty", "exhausted"];

/** A copy that was acknowledged and that no answer shows. */
export interface MissingCopy {
  /** Invocation of its enqueue. */
  readonly enqueue: number;
  /** Index of the completion. */
  readonly acknowledged: number;
}

/** What came of a queue's elements. */
export interface QueueFacts {
  readonly operations: number;
  /** Copies acknowledged, and copies that came out as often as they went in. */
  readonly enqueued: number;
  readonly dequeued: number;
  readonly duplicated: number;
  /** Copies that came out though their enqueue never answered. */
  readonly recovered: number;
  readonly missing: readonly MissingCopy[];
  /** Dequeues and drains that never answered. */
  readonly takers: number;
  /** Answers that say that the queue was empty. */
  readonly answers: number;
  /** The invocation of the last of them (by invocation). */
  readonly lastEmpty: number | undefined;
  /**
   * The empty answer at which most copies are gone that cannot have been taken: the invocations of
   * their enqueues, and how many of them may have been taken (Infinity after a drain).
   */
  readonly empty: number | undefined;
  readonly gone: readonly number[];
  readonly goneTakers: number;
}

/** What is wrong with a single answer. */
export interface AnswerFaults {
  unexpected(value: Value, dequeue: number): void;
  duplicated(found: {
    readonly element: number;
    readonly enqueue: number;
    readonly before: number;
    readonly dequeue: number;
  }): void;
}

/** An answer that says that the queue is empty. */
interface EmptyAnswer {
  readonly invocation: number;
  /** How many operations that may have taken something were invoked by its end. */
  readonly takers: number;
}

/** Follows the queue. @throws HarnessError `bad-argument` for what is no element or list */
export function followQueue(history: History, limits: Limits, faults: AnswerFaults): QueueFacts {
  const { length, types, processes, functions, values, pairs, pool } = history;
  const roles = rolesOf(history, ROLES);
  limits.hold(pool.length * 24);
  const [attempts, acknowledged, taken] = [0, 1, 2].map(() => new Int32Array(pool.length)) as [
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  const firstEnqueue = new Int32Array(pool.length).fill(NONE);
  const lastTake = new Int32Array(pool.length).fill(NONE);
  const emptyAnswers: EmptyAnswer[] = [];
  let [operations, enqueued, duplicated, takers] = [0, 0, 0, 0];
  let [unboundedTakers, answered] = [0, 0];
  const take = (element: number, value: Value, dequeue: number): void => {
    const attempted = element === NONE ? 0 : (attempts[element] as number);
    answered++;
    if (attempted === 0) {
      faults.unexpected(value, dequeue);
      return;
    }
    if ((taken[element] as number) >= attempted) {
      duplicated++;
      const before = lastTake[element] as number;
      faults.duplicated({ element, enqueue: firstEnqueue[element] as number, before, dequeue });
    } else taken[element] = (taken[element] as number) + 1;
    lastTake[element] = dequeue;
  };
  const numberOf = lookUpLater(history);
  for (let i = 0; i < length; i++) {
    const role = roles[functions[i] as number] as number;
    if (role === 0 || processes[i] === NEMESIS) continue;
    const type = types[i] as number;
    if (type === INVOKE) {
      operations++;
      const outcome = outcomeOf(history, i);
      if (role !== ENQUEUE) {
        if (outcome === INFO && role === DEQUEUE) takers++;
        if (outcome === INFO && role === DRAIN) unboundedTakers++;
      } else if (outcome !== FAIL) {
        const element = values[i] as number;
        if (pool[element] === null) throw misshapen("total-queue", "elements but null", null);
        attempts[element] = (attempts[element] as number) + 1;
        if (firstEnqueue[element] === NONE) firstEnqueue[element] = i;
      }
      continue;
    }
    const invocation = pairs[i] as number;
    const isEmpty = saysEmpty(history, i, role);
    if (type === OK && role === ENQUEUE) {
      const element = values[invocation] as number;
      acknowledged[element] = (acknowledged[element] as number) + 1;
      enqueued++;
    } else if (type === OK && role === DEQUEUE && !isEmpty) {
      take(values[i] as number, pool[values[i] as number] as Value, invocation);
    } else if (type === OK && role === DRAIN) {
      for (const value of listOf(pool[values[i] as number] as Value)) {
        take(numberOf(value), value, invocation);
      }
    }
    if (isEmpty) {
      emptyAnswers.push({ invocation, takers: unboundedTakers > 0 ? Infinity : takers });
    }
  }
  const missing = missingCopies(history, roles, { acknowledged, taken });
  let [dequeued, recovered] = [0, 0];
  for (let element = 0; element < pool.length; element++) {
    dequeued += taken[element] as number;
    recovered += Math.max(0, (taken[element] as number) - (acknowledged[element] as number));
  }
  const worst = worstEmptiness(emptyAnswers, missing);
  return {
    operations,
    enqueued,
    dequeued,
    duplicated,
    recovered,
    missing,
    takers: takers + unboundedTakers,
    answers: answered + emptyAnswers.length,
    lastEmpty:
      emptyAnswers.length === 0
        ? undefined
        : emptyAnswers.reduce((last, { invocation }) => Math.max(last, invocation), 0),
    ...worst,
  };
}

function saysEmpty(history: History, completion: number, role: number): boolean {
  const { types, values, errors, pool } = history;
  if (role === DRAIN) return types[completion] === OK;
  if (role !== DEQUEUE) return false;
  if (types[completion] === OK) return pool[values[completion] as number] === null;
  const error = errors[completion] as number;
  if (types[completion] !== FAIL || error === NONE) return false;
  const told = pool[error] as Value;
  return EMPTY.some((word) => told === word || (Array.isArray(told) && told[0] === word));
}

function listOf(value: Value): readonly Value[] {
  if (value === null) return [];
  if (Array.isArray(value)) return value as readonly Value[];
  throw misshapen("total-queue", "drains that return a list of elements", value);
}

/** Finds positions in the pool by value; the table is made when it is first needed. */
function lookUpLater({ pool }: History): (value: Value) => number {
  let table: Map<string, number> | undefined;
  return (value) => {
    table ??= new Map(pool.map((each, position) => [canonical(each), position]));
    return table.get(canonical(value)) ?? NONE;
  };
}

/**
 * The acknowledged copies beyond those that came out, of each element the last ones: the first may
 * be those that did.
 */
function missingCopies(
  history: History,
  roles: Uint8Array,
  counts: { readonly acknowledged: Int32Array; readonly taken: Int32Array },
): readonly MissingCopy[] {
  const { length, types, processes, functions, values, pairs } = history;
  const left = counts.taken.slice();
  const missing: MissingCopy[] = [];
  for (let i = 0; i < length; i++) {
    if (types[i] !== OK || processes[i] === NEMESIS) continue;
    if (roles[functions[i] as number] !== ENQUEUE) continue;
    const enqueue = pairs[i] as number;
    const element = values[enqueue] as number;
    if ((left[element] as number) > 0) left[element] = (left[element] as number) - 1;
    else missing.push({ enqueue, acknowledged: i });
  }
  return missing;
}

/** The empty answer with the largest excess of missing copies over what may have taken them. */
function worstEmptiness(
  answers: readonly EmptyAnswer[],
  missing: readonly MissingCopy[],
): Pick<QueueFacts, "empty" | "gone" | "goneTakers"> {
  let worst: EmptyAnswer | undefined;
  let [excessMax, goneCount, at] = [-Infinity, 0, 0];
  for (const answer of answers.toSorted((a, b) => a.invocation - b.invocation)) {
    while (at < missing.length && (missing[at] as MissingCopy).acknowledged < answer.invocation) {
      at++;
    }
    const excess = at - answer.takers;
    if (worst !== undefined && excess <= excessMax) continue;
    [worst, excessMax, goneCount] = [answer, excess, at];
  }
  return {
    empty: worst?.invocation,
    gone: missing.slice(0, goneCount).map(({ enqueue }) => enqueue),
    goneTakers: worst?.takers ?? 0,
  };
}
