/**
 * Both orders of search in turn, each time with eight times the work: whichever suits the problem
 * is found at no more than a small factor of its own cost, and the same on every machine.
 */
import {
  attempt,
  createRefinement,
  type Finding,
  type Progress,
  type SearchContext,
  type SearchName,
} from "./attempt.js";
import { LimitReached } from "./meter.js";
import type { Problem } from "./problem.js";

/** Work of the first depth-first attempt, beside what its length asks for. */
const FIRST_WORK = 1 << 15;
const GROWTH = 8;
/** A finding, and which search made it. */
export type Decision = Finding & { readonly search: SearchName | "window" };

/**
 * Looks, when the depth-first search got no further than to this level, for a window that cannot
 * be explained and ends with it.
 */
type Windows = (level: number, work: number) => boolean;

/**
 * Whether the required operations of the problem can be explained.
 * @throws LimitReached
 */
export function searchInTurn(
  problem: Problem,
  context: SearchContext,
  progress: Progress,
  windows: Windows = () => false,
): Decision {
  const { meter } = context;
  const refinement = createRefinement(problem, context.transitions);
  const spent = { "depth-first": false, "breadth-first": false };
  let work = FIRST_WORK + 4 * (problem.openStart[problem.levels] as number);
  for (;;) {
    for (const search of ["depth-first", "breadth-first"] as const) {
      if (spent[search]) continue;
      const reached: Progress = { levelMax: 0, configurationsMax: 0 };
      try {
        const finding = meter.within(search === "depth-first" ? work : 2 * work, () =>
          attempt(refinement, context, reached, search),
        );
        return { ...finding, search };
      } catch (error) {
        if (!(error instanceof LimitReached) || error.limit === "time") throw error;
        // A limit on work may be ours or that of whoever called; this throws again when it is
        // theirs.
        meter.check();
        if (error.limit === "memory") spent[search] = true;
        if (spent["depth-first"] && spent["breadth-first"]) throw error;
      } finally {
        progress.levelMax = Math.max(progress.levelMax, reached.levelMax);
        progress.configurationsMax = Math.max(
          progress.configurationsMax,
          reached.configurationsMax,
        );
      }
      const level = reached.levelMax;
      if (search === "depth-first" && level < problem.levels && windows(level, work >> 3)) {
        return { kind: "stuck", level, states: [], search: "window" };
      }
    }
    work *= GROWTH;
  }
}
