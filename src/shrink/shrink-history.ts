/**
 * Makes a failing history small without running anything again: a sub-history of whole operations
 * that the same checker still refutes, for the same kind of anomaly.
 *
 * It is a history of its own: that it is refuted follows from what is in it alone. What its
 * operations saw stays explained (see `closure.ts`), so that it does not become wrong by what was
 * left out. The faults go, for no checker of histories needs them.
 */
import { askChecker } from "../checker/ask-checker.js";
import { createBudget, type Checker } from "../checker/checker.js";
import { historyOf, type History } from "../history/history.js";
import type { Operation } from "../history/operation.js";
import { canonical } from "../history/value.js";
import type { Verdict } from "../verdict/verdict.js";
import type { ShrinkBudget } from "./attempts.js";
import { closureOf, type Closure, type Seeing } from "./closure.js";
import { ddmin } from "./ddmin.js";

/** What is made small, and how. */
export interface ShrinkHistoryOptions {
  readonly history: History;
  readonly checker: Checker;
  /** `runs` counts checks. */
  readonly budget: ShrinkBudget;
  /** How it is known who saw whom; see `closure.ts`. */
  readonly seeing: Seeing;
}

/** What came of it. */
export interface ShrunkHistory {
  /** The verdict about the whole history; where it is not `invalid`, nothing was made smaller. */
  readonly whole: Verdict;
  readonly history: History;
  /** The verdict about the smaller one. */
  readonly verdict: Verdict;
  readonly operations: number;
  /** Checks that were made. */
  readonly checks: number;
  /** True when the budget ended it, so that more may be possible. */
  readonly spent: boolean;
}

/** Makes a failing history as small as the budget allows. */
export async function shrinkHistory(options: ShrinkHistoryOptions): Promise<ShrunkHistory> {
  const { history, checker, budget, seeing } = options;
  const endMs = budget.nowMs() + budget.timeMs;
  const whole = await askChecker(checker, history, createBudget({ timeMs: budget.timeMs }));
  const kind = whole.anomalies[0]?.kind;
  let checks = 1;
  const isSpent = (): boolean =>
    checks >= budget.runs || budget.nowMs() >= endMs || budget.stopped?.() === true;
  let chosen: readonly number[] = [...history.invocations()];
  let best = { history, verdict: whole };

  const shows = async (wanted: readonly number[]): Promise<boolean> => {
    await budget.pause?.();
    if (isSpent()) return false;
    const smaller = subHistory(history, wanted);
    checks++;
    const limits = createBudget({ timeMs: Math.max(1, endMs - budget.nowMs()) });
    const verdict = await askChecker(checker, smaller, limits);
    if (verdict.verdict !== "invalid" || verdict.anomalies[0]?.kind !== kind) return false;
    best = { history: smaller, verdict };
    chosen = wanted;
    return true;
  };

  if (whole.verdict === "invalid") {
    const closure = closureOf(history, seeing);
    const named = closure(whole.anomalies[0]?.operations ?? []);
    if (named.length < chosen.length) await shows(named);
    await dropGroups(chosen, { history, closure, shows });
    await ddmin(chosen, async (rest) => {
      const closed = closure(rest);
      return closed.length < chosen.length && shows(closed);
    });
  }
  return { whole, ...best, operations: chosen.length, checks, spent: isSpent() };
}

interface Group {
  readonly history: History;
  readonly closure: Closure;
  readonly shows: (wanted: readonly number[]) => Promise<boolean>;
}

/** Whole keys, then whole processes. */
async function dropGroups(given: readonly number[], group: Group): Promise<void> {
  const { history, closure, shows } = group;
  let chosen = given;
  const names: readonly ((operation: Operation) => string)[] = [
    ({ key }) => canonical(key ?? null),
    ({ process }) => String(process),
  ];
  for (const nameOf of names) {
    const of = (index: number): string => nameOf(history.operation(index));
    await ddmin([...new Set(chosen.map(of))], async (rest) => {
      const kept = new Set(rest);
      const closed = closure(chosen.filter((index) => kept.has(of(index))));
      if (closed.length >= chosen.length || !(await shows(closed))) return false;
      chosen = closed;
      return true;
    });
  }
}

/** The history of these operations, in the order in which their events were. */
function subHistory(history: History, invocations: readonly number[]): History {
  const wanted = invocations.flatMap((index) => {
    const { completion } = history.operation(index);
    return completion === undefined ? [index] : [index, completion];
  });
  return historyOf(wanted.toSorted((a, b) => a - b).map((index) => history.event(index)));
}
