/**
 * One search of a problem in one order, until its answer is worth something: assumptions about what
 * changes no state hold (assumptions.ts), and the orders that it finds are orders of the history.
 *
 * *Counterexample-guided refinement* (Clarke et al. 2000) of the optional operations: at first none
 * of their groups is counted (moves.ts). Most refutations hold all the same, without one
 * configuration more for all the indeterminate operations there are. When an order is found that
 * uses members which do not exist, their groups are counted from then on.
 */
import type { Model } from "../../src/model/model.js";
import { AssumptionFell, type Assumptions } from "./assumptions.js";
import { breadthFirst } from "./breadth-first.js";
import { Spares } from "./configurations.js";
import { depthFirst } from "./depth-first.js";
import { LookAhead } from "./look-ahead.js";
import type { Meter } from "./meter.js";
import { Moves } from "./moves.js";
import type { Problem } from "./problem.js";
import { IMPOSSIBLE, type Transitions } from "./transitions.js";

/** What a search needs beside the problem; shared by all problems of one part. */
export interface SearchContext {
  readonly transitions: Transitions;
  readonly assumptions: Assumptions;
  readonly meter: Meter;
  /** Made by the first attempt. */
  spares?: Spares;
}

/** What an attempt found out. */
export type Finding =
  | {
      readonly kind: "linearizable";
      readonly order: readonly number[];
      /** Free groups of which the order uses members that had not begun: then it is none. */
      readonly overused: readonly number[];
    }
  /** At this level no configuration survives; `states` are those that were possible then. */
  | { readonly kind: "stuck"; readonly level: number; readonly states: readonly number[] };

/** How far attempts have come, for `unknown`. */
export interface Progress {
  levelMax: number;
  configurationsMax: number;
}

/** The orders of search. */
export type SearchName = "depth-first" | "breadth-first";

/** What is known of a problem from one attempt to the next. */
export interface Refinement {
  readonly problem: Problem;
  /** Group → 1 when it is counted. */
  readonly counted: Uint8Array;
  refinements: number;
  /** Made when first needed; null for a search that is to go without. */
  lookAhead: LookAhead | undefined | null;
}

/** After so many refinements every group is counted. */
const REFINEMENTS_MAX = 6;

/**
 * What is known at first. Groups whose members add up (an append, an enqueue) are counted from the
 * start: as often as they like they would lead to ever more states.
 */
export function createRefinement(problem: Problem, transitions: Transitions): Refinement {
  const counted = Uint8Array.from(problem.groups, ({ kind }) => {
    // A free group would restore observations for ever.
    if (transitions.model.lookAhead !== undefined) return 1;
    return addsUp(transitions, kind) ? 1 : 0;
  });
  return { problem, counted, refinements: 0, lookAhead: undefined };
}

/** Whether a second operation of this kind does what the first did not. */
export function addsUp(transitions: Transitions, kind: number): boolean {
  const once = transitions.next(transitions.initial(), kind);
  if (once < IMPOSSIBLE) return true;
  return once !== IMPOSSIBLE && transitions.next(once, kind) !== once;
}

/** For a search that finds the first inexplicable return and the states before it, no more. */
export function createPlain(problem: Problem): Refinement {
  const counted = new Uint8Array(problem.groups.length).fill(1);
  return { problem, counted, refinements: 0, lookAhead: null };
}

/** Searches until the finding stands. @throws LimitReached */
export function attempt(
  refinement: Refinement,
  context: SearchContext,
  progress: Progress,
  search: SearchName,
): Finding {
  const { problem, counted } = refinement;
  const { transitions, assumptions, meter } = context;
  const spares = (context.spares ??= new Spares(meter));
  const { model } = transitions;
  for (;;) {
    assumptions.begin();
    const lookAhead = lookAheadOf(refinement, model, transitions, meter);
    const parts = { problem, transitions, assumptions, meter, lookAhead, counted, spares };
    const moves = new Moves(parts);
    try {
      const finding =
        search === "depth-first" ? depthFirst(moves, progress) : breadthFirst(moves, progress);
      if (finding.kind === "stuck") {
        assumptions.confirm(problem, finding.level);
        return finding;
      }
      if (finding.overused.length === 0) return finding;
      refine(refinement, finding.overused);
    } catch (error) {
      if (!(error instanceof AssumptionFell)) throw error;
    }
  }
}

function refine(refinement: Refinement, overused: readonly number[]): void {
  if (++refinement.refinements > REFINEMENTS_MAX) refinement.counted.fill(1);
  for (const group of overused) refinement.counted[group] = 1;
}

function lookAheadOf(
  refinement: Refinement,
  model: Model,
  transitions: Transitions,
  meter: Meter,
): LookAhead | undefined {
  if (model.lookAhead === undefined || model.readOnly === undefined) return undefined;
  if (refinement.lookAhead === null) return undefined;
  return (refinement.lookAhead ??= new LookAhead(refinement.problem, model, transitions, meter));
}
