/**
 * One surface for the consistency of a history of states or workflows: the question is a level, the
 * answer a verdict, whichever checker gives it.
 *
 * | level | question |
 * |---|---|
 * | `linearizable` | does one order explain everything that keeps real time? |
 * | `sequential` | one that keeps the order of each process? |
 * | `causal` | one for each operation, of what precedes it causally? |
 * | `session-guarantees`, `read-your-writes` | one that shows each session what it did itself? |
 * | `eventual` | do all places show the same, once nothing changes any more? |
 */
import { createBudget, type Budget, type Checker } from "../src/checker/checker.js";
import { HarnessError } from "../src/errors.js";
import type { History } from "../src/history/history.js";
import type { Model } from "../src/model/model.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { causal } from "./causal.js";
import { eventual, type EventualOptions } from "./eventual.js";
import { linearizable } from "./linearizable.js";
import { sequential } from "./sequential.js";
import { sessions } from "./sessions.js";

/** The levels that can be asked for, from strong to weak. */
export const CONSISTENCY_LEVELS = [
  "linearizable",
  "sequential",
  "causal",
  "session-guarantees",
  "read-your-writes",
  "eventual",
] as const;

/** A level that can be asked for. */
export type ConsistencyLevel = (typeof CONSISTENCY_LEVELS)[number];

/** Answers for one kind of history. */
export interface ConsistencyChecker {
  /** The checker of a level. @throws HarnessError `bad-argument` when there is no such level */
  checker(level: ConsistencyLevel): Checker;
  /** Whether a history keeps a level. Default budget: a minute, 2 GiB. */
  check(history: History, level: ConsistencyLevel, budget?: Budget): Promise<Verdict>;
  /** The verdict on every level, each within the budget. */
  checkAll(
    history: History,
    budget?: Budget,
  ): Promise<{ readonly [level in ConsistencyLevel]: Verdict }>;
}

/** What is asked about. */
export interface ConsistencyOptions {
  /** What is right when operations happen one after the other. */
  readonly model: Model;
  /** How `eventual` reads the history: which functions read, and what names a replica. */
  readonly eventual?: EventualOptions;
}

/** The surface, for histories of a model. */
export function consistencyChecker(options: ConsistencyOptions): ConsistencyChecker {
  const { model } = options;
  const makers: { readonly [level in ConsistencyLevel]: () => Checker } = {
    linearizable: () => linearizable({ model }),
    sequential: () => sequential({ model }),
    causal: () => causal({ model, level: "causal" }),
    "session-guarantees": () => sessions({ model }),
    "read-your-writes": () => sessions({ model, guarantees: ["read-your-writes"] }),
    eventual: () => eventual(options.eventual),
  };
  const checker = (level: ConsistencyLevel): Checker => {
    if (Object.hasOwn(makers, level)) return makers[level]();
    const levels = CONSISTENCY_LEVELS.join(", ");
    throw new HarnessError("bad-argument", `a consistency level is one of ${levels}, not ${level}`);
  };
  return {
    checker,
    check: async (history, level, budget = createBudget()) => checker(level).check(history, budget),
    checkAll: async (history, budget = createBudget()) => {
      const verdicts: [ConsistencyLevel, Verdict][] = [];
      for (const level of CONSISTENCY_LEVELS) {
        verdicts.push([level, await checker(level).check(history, budget)]);
      }
      return Object.fromEntries(verdicts) as { readonly [level in ConsistencyLevel]: Verdict };
    },
  };
}
