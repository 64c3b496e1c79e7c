/**
 * Decides a problem with both orders of search in turn, each time with eight times the work:
 * whichever suits the problem is found at no more than a small factor of its own cost, and the same
 * on every machine.
 */
import { AssumptionFell, type Assumptions } from "./assumptions.js";
import { Attempt, type Finding, type Progress } from "./attempt.js";
import { LimitReached, type Meter } from "./meter.js";
import type { Problem } from "./problem.js";
import type { Transitions } from "./transitions.js";

/** Work of the first depth-first attempt, beside what its length asks for. */
const FIRST_WORK = 1 << 15;
const GROWTH = 8;

/** What a search needs beside the problem; shared by all problems of one part. */
export interface SearchContext {
  readonly transitions: Transitions;
  readonly assumptions: Assumptions;
  readonly meter: Meter;
}

/** A finding, and which search made it. */
export type Decision = Finding & { readonly search: "depth-first" | "breadth-first" };

/**
 * Whether the required operations of the problem can be explained.
 * @throws LimitReached
 */
export function decide(problem: Problem, context: SearchContext, progress: Progress): Decision {
  const { meter } = context;
  const spent = { "depth-first": false, "breadth-first": false };
  let work = FIRST_WORK + 4 * (problem.openStart[problem.levels] as number);
  for (;;) {
    for (const search of ["depth-first", "breadth-first"] as const) {
      if (spent[search]) continue;
      try {
        const finding = meter.within(search === "depth-first" ? work : 2 * work, () =>
          attempt(problem, context, progress, search),
        );
        return { ...finding, search };
      } catch (error) {
        if (!(error instanceof LimitReached) || error.limit === "time") throw error;
        // A limit on work may be ours or that of whoever called; this throws again when it is
        // theirs.
        meter.check();
        if (error.limit === "memory") spent[search] = true;
        if (spent["depth-first"] && spent["breadth-first"]) throw error;
      }
    }
    work *= GROWTH;
  }
}

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
  if (decision.search === "breadth-first") return decision;
  try {
    const finding = attempt(problem, context, progress, "breadth-first");
    return finding.kind === "stuck" ? { ...finding, search: decision.search } : decision;
  } catch (error) {
    if (error instanceof LimitReached) return decision;
    throw error;
  }
}

function attempt(
  problem: Problem,
  { transitions, assumptions, meter }: SearchContext,
  progress: Progress,
  search: "depth-first" | "breadth-first",
): Finding {
  for (;;) {
    assumptions.begin();
    const attempted = new Attempt(problem, transitions, assumptions, meter, progress);
    try {
      const finding = search === "depth-first" ? attempted.depthFirst() : attempted.breadthFirst();
      if (finding.kind === "stuck") assumptions.confirm(problem, finding.level);
      return finding;
    } catch (error) {
      if (!(error instanceof AssumptionFell)) throw error;
    }
  }
}
