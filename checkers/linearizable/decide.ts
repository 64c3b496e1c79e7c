/**
 * Decides a problem: both orders of search in turn, and where they stay for long, a look at the few
 * operations before that place.
 */
import { attempt, createPlain, type Progress, type SearchContext } from "./attempt.js";
import { LimitReached } from "./meter.js";
import { searchInTurn, type Decision } from "./portfolio.js";
import type { Problem } from "./problem.js";
import { Trials } from "./trials.js";

/** Windows of up to so many operations are tried. */
const WINDOW_MAX = 64;

/**
 * Whether the required operations of the problem can be explained.
 * @throws LimitReached
 */
export function decide(problem: Problem, context: SearchContext, progress: Progress): Decision {
  let trials: Trials | undefined;
  return searchInTurn(problem, context, progress, (level, work) => {
    const completed = [...problem.invocations];
    const others = [...problem.members];
    const { history, numbering: kinds } = problem;
    trials ??= new Trials({ history, kinds, completed, others }, context);
    return refuteWindow(completed.slice(0, level + 1), trials, work);
  });
}

/**
 * Whether the last 1, 2, 4, … of these cannot be explained although all others are forgotten. Where
 * a search stays for long there is often an operation that a few others refute.
 */
function refuteWindow(completed: readonly number[], trials: Trials, work: number): boolean {
  for (let size = 1; size <= Math.min(WINDOW_MAX, completed.length); size *= 2) {
    if (trials.explains(completed.slice(-size), work) === false) return true;
  }
  return false;
}

/**
 * Work that it may take to find the states before the first inexplicable return; less where states
 * keep their past, for then there are many.
 */
const STATES_WORK = 1 << 16;
const STATES_WORK_AHEAD = 1 << 14;

/**
 * The same for a problem that is known to be inexplicable: finds the level and the states that were
 * possible there, which only the breadth-first search knows. Keeps the decision as it is when that
 * costs too much.
 */
export function withStates(
  decision: Extract<Decision, { kind: "stuck" }>,
  problem: Problem,
  context: SearchContext,
  progress: Progress,
): Extract<Decision, { kind: "stuck" }> {
  const { meter, transitions } = context;
  const work = transitions.model.lookAhead === undefined ? STATES_WORK : STATES_WORK_AHEAD;
  try {
    const length = problem.openStart[problem.levels] as number;
    const finding = meter.within(work + 8 * length, () =>
      attempt(createPlain(problem), context, progress, "breadth-first"),
    );
    if (finding.kind === "linearizable") throw new Error("two searches of one problem disagree");
    return { ...finding, search: decision.search };
  } catch (error) {
    if (error instanceof LimitReached) return decision;
    throw error;
  }
}
