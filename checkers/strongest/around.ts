/**
 * The verdict on one level, and around it what it means for all others: which are ruled out, by
 * what, which hold, and which remain possible. What does not follow from the verdict by the lattice
 * is asked, the level first of which either answer decides most, as long as about as much time
 * again; what was not asked then is open, and said to be.
 */
import { askChecker } from "../../src/checker/ask-checker.js";
import type { Budget, Checker } from "../../src/checker/checker.js";
import { strongest, weakestViolated } from "../../src/consistency/lattice.js";
import type { LevelName } from "../../src/consistency/level.js";
import { HarnessError } from "../../src/errors.js";
import type { History } from "../../src/history/history.js";
import type { Verdict } from "../../src/verdict/verdict.js";
import { answersOf, asValue } from "./answers.js";
import { halving } from "./halving.js";
import { isKnown } from "./known.js";

/** A level and who decides it. */
interface Question {
  readonly level: LevelName;
  readonly checker: Checker;
}

/** What is asked, and around it. */
export interface AroundOptions {
  readonly level: LevelName;
  readonly checker: Checker;
  /** All levels that are told of, from strong to weak. */
  readonly levels: readonly Question[];
}

/** The other levels may take as long as the one that was asked, or so many milliseconds. */
const LEAST_MS = 2_000;

/**
 * The checker of the level, whose verdict stays what it is. `details.levels` then has every level,
 * `details.strongest` the strongest that hold, `details.next` and `details.ruledOut` the weakest
 * that are ruled out, `details.undecided` what was not decided, and `details.strongestPossible` the
 * strongest that hold or are undecided: none of them was refuted.
 */
export function aroundLevel({ level, checker, levels }: AroundOptions): Checker {
  return {
    name: checker.name,
    description: checker.description,
    check: async (history, budget) => {
      const verdict = await askChecker(checker, history, budget);
      // Where nothing was decided of one level for want of operations, nothing will be of others.
      if (verdict.verdict === "unknown" && verdict.details?.["transactions"] === 0) return verdict;
      const parts = await askOthers({ history, budget, verdict, level, levels });
      return { ...verdict, details: { ...verdict.details, ...factsOf(levels, parts) } };
    },
  };
}

type Parts = { readonly [level: string]: Verdict };

async function askOthers(about: {
  readonly history: History;
  readonly budget: Budget;
  readonly verdict: Verdict;
  readonly level: LevelName;
  readonly levels: readonly Question[];
}): Promise<Parts> {
  const { history, budget, verdict, level, levels } = about;
  const parts: { [level: string]: Verdict } = { [level]: verdict };
  const startMs = budget.nowMs();
  const timeMs = Math.min(Math.max(LEAST_MS, verdict.elapsedMs), budget.timeMs - verdict.elapsedMs);
  const left = (): number => timeMs - (budget.nowMs() - startMs);
  for (const question of halving(levels, parts)) {
    if (left() <= 0) break;
    if (isKnown(question.level, parts) || question.level === level) continue;
    const share = { memoryBytes: budget.memoryBytes, nowMs: () => budget.nowMs() };
    try {
      const asked = { ...share, timeMs: left() };
      parts[question.level] = await askChecker(question.checker, history, asked);
    } catch (error) {
      // It is not defined for this history: then nothing is said of it.
      if (!(error instanceof HarnessError)) throw error;
    }
  }
  return parts;
}

function factsOf(levels: readonly Question[], parts: Parts): NonNullable<Verdict["details"]> {
  const names = levels.map(({ level }) => level);
  const answers = answersOf(names, parts);
  const having = (isWanted: (verdict: string) => boolean): readonly LevelName[] =>
    answers.levels.filter(({ verdict }) => isWanted(verdict)).map(({ level }) => level);
  return {
    ruledOut: weakestViolated(having((verdict) => verdict === "invalid")),
    strongestPossible: strongest(having((verdict) => verdict !== "invalid")),
    strongest: answers.strongest,
    next: answers.next,
    undecided: answers.undecided,
    levels: answers.levels.map(asValue),
  };
}
