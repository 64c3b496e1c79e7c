/**
 * Trials: whether some completed operations of a problem can be explained when the completions of
 * all others are forgotten (see `NonLinearizableCertificate` for what that means). What cannot be
 * explained with less known cannot be explained at all, so that a trial that fails refutes the
 * problem.
 */
import { FAIL, NONE, type History } from "../../src/history/history.js";
import type { SearchContext } from "./attempt.js";
import { rememberKinds, type Kinds } from "./kinds.js";
import { LimitReached } from "./meter.js";
import { searchInTurn } from "./portfolio.js";
import { layOut } from "./problem.js";

/** Work of one trial, beside what it costs to look at each operation. */
export const TRIAL_WORK: number = 1 << 19;
const LOOK_WORK = 16;

/** What trials choose from. */
export interface Known {
  readonly history: History;
  readonly kinds: Kinds;
  /** Completed operations, in the order of completions. */
  readonly completed: readonly number[];
  /** All other operations that may have happened. */
  readonly others: readonly number[];
}

/** Trials over one set of operations. */
export class Trials {
  readonly #known: Known;
  readonly #context: SearchContext;
  readonly #kinds: Kinds;
  /** All that may have happened, ascending. An observed failure is not among them. */
  readonly #candidates: Int32Array;
  /** Invocation → number of the last trial that required it. */
  readonly #required: Int32Array;
  #trial = 0;

  constructor(known: Known, context: SearchContext) {
    this.#known = known;
    this.#context = context;
    const { history, kinds, completed, others } = known;
    context.meter.spend(completed.length + others.length);
    this.#candidates = Int32Array.from(
      // It did not happen, and to forget that it was observed is to leave it out.
      [...completed, ...others].filter((one) => !failed(history, one)),
    ).sort();
    const last = completed.reduce((most, one) => Math.max(most, one), this.#candidates.at(-1) ?? 0);
    this.#required = new Int32Array(last + 1);
    this.#kinds = rememberKinds(kinds, last + 1);
  }

  /**
   * Whether these can be explained when all others are forgotten; undefined when that took too
   * much. @throws LimitReached when it is the caller's limit
   */
  explains(required: readonly number[], workMax: number = TRIAL_WORK): boolean | undefined {
    const { meter } = this.#context;
    let bytes = 0;
    try {
      const optional = this.forgotten(required);
      const looks = LOOK_WORK * (required.length + optional.length);
      return meter.within(workMax + looks, () => {
        const { history } = this.#known;
        const problem = layOut(history, { required, optional }, this.#kinds, meter);
        bytes = problem.bytes;
        meter.spend(looks);
        const progress = { levelMax: 0, configurationsMax: 0 };
        return searchInTurn(problem, this.#context, progress).kind === "linearizable";
      });
    } catch (error) {
      if (!(error instanceof LimitReached) || error.limit === "time") throw error;
      meter.check();
      return undefined;
    } finally {
      meter.release(bytes);
    }
  }

  /** What may have happened before the last of these ends, and is none of them, ascending. */
  forgotten(required: readonly number[]): number[] {
    const { pairs } = this.#known.history;
    const trial = ++this.#trial;
    let last = -1;
    for (const one of required) {
      this.#required[one] = trial;
      last = Math.max(last, pairs[one] as number);
    }
    const found: number[] = [];
    for (const one of this.#candidates) {
      if (one > last) break;
      if (this.#required[one] !== trial) found.push(one);
    }
    return found;
  }
}

function failed(history: History, invocation: number): boolean {
  const completion = history.pairs[invocation] as number;
  return completion !== NONE && history.types[completion] === FAIL;
}
