/**
 * The strongest consistency levels that a history satisfies, and what breaks the next ones up: asks
 * the checkers of several levels, but never for what follows by the lattice
 * (src/consistency/lattice.ts) from what is known.
 *
 * The levels at the top are asked first, for when one of them holds everything below holds with it.
 * Then come the others from strong to weak, and last the dear ones below the top, by which time
 * cheaper levels may have refuted them.
 *
 * ```
 * linearizable ✗ ─ sequential ✗ ┬ causal-convergence ✗ ─ session-guarantees ✗
 *                               └ causal-memory ✓ ┬ causal (follows)
 *                                                 └ pram (follows)
 * ```
 *
 * Levels that most histories do not have what they need for are told only where they are decided.
 */
import { askChecker } from "../src/checker/ask-checker.js";
import type { Budget, Checker } from "../src/checker/checker.js";
import { strongerThan } from "../src/consistency/lattice.js";
import type { LevelName } from "../src/consistency/level.js";
import { HarnessError } from "../src/errors.js";
import type { History } from "../src/history/history.js";
import { mergeKinds, type Anomaly, type Verdict } from "../src/verdict/verdict.js";
import { answersOf, asValue, inWords } from "./strongest/answers.js";
import { halving } from "./strongest/halving.js";
import { isKnown } from "./strongest/known.js";

/** A level and who decides it. */
export interface Question {
  readonly level: LevelName;
  readonly checker: Checker;
  /** Whether it can cost much more than the levels that it implies; default false. */
  readonly dear?: boolean;
  /**
   * Whether it is left out when neither it nor another level decides it, because most histories do
   * not have what it needs; default false.
   */
  readonly isOptional?: boolean;
}

/** Options of `strongest`. */
export interface StrongestOptions {
  /** What may be asked, from strong to weak; at least one. */
  readonly levels: readonly Question[];
  /**
   * What is asked after the top: `"down"`, from strong to weak; or `"halving"`, always the level
   * that decides most others either way, for levels that cost about the same. Default `"down"`.
   */
  readonly order?: "down" | "halving";
}

/**
 * Finds the strongest levels that hold. `valid` when all do, `invalid` when one is violated, else
 * `unknown`. `parts` has the verdicts of the levels that were asked, with their evidence;
 * `anomalies` what breaks the weakest levels that are violated; `details.levels` every level and
 * what it follows from.
 */
export function strongest({ levels, order = "down" }: StrongestOptions): Checker {
  return {
    name: "strongest",
    description: "the strongest levels that hold, and what breaks the next ones up",
    check: (history, budget) => check(history, { levels, order }, budget),
  };
}

async function check(
  history: History,
  { levels, order }: Required<StrongestOptions>,
  budget: Budget,
): Promise<Verdict> {
  const startMs = budget.nowMs();
  const parts: { [level: string]: Verdict } = {};
  const questions = order === "down" ? inOrder(levels) : halving(levels, parts);
  const left = (): number => budget.timeMs - (budget.nowMs() - startMs);
  let asked = 0;
  for (const { level, checker } of questions) {
    const place = asked++;
    if (isKnown(level, parts)) continue;
    const share: Budget = {
      timeMs: place === levels.length - 1 ? left() : left() / 2,
      memoryBytes: budget.memoryBytes,
      nowMs: () => budget.nowMs(),
    };
    try {
      parts[level] = await askChecker(checker, history, share);
    } catch (error) {
      // What the first can read but this one cannot is no question for it.
      if (place === 0 || !(error instanceof HarnessError)) throw error;
      const message = `it is not defined for this history: ${error.message}`;
      parts[level] = undefinedHere(message, { checker, history });
    }
  }
  const told = levels.filter(
    ({ level, isOptional }) => isOptional !== true || isKnown(level, parts),
  );
  const answers = answersOf(
    told.map(({ level }) => level),
    parts,
  );
  const broken = answers.next.map((level) => [level, parts[level]] as const);
  const decided = [...broken, ...answers.strongest.map((level) => [level, parts[level]] as const)];
  const certificate = decided.find(([, verdict]) => verdict?.certificate !== undefined)?.[1]
    ?.certificate;
  return {
    verdict: mergeKinds(answers.levels.map(({ verdict }) => verdict)),
    checker: "strongest",
    reason: inWords(answers, parts),
    operations: history.invocations().length,
    elapsedMs: budget.nowMs() - startMs,
    anomalies: broken.flatMap(([level, verdict]) =>
      (verdict?.anomalies ?? []).map((anomaly) => breaking(level, anomaly)),
    ),
    ...(certificate === undefined ? {} : { certificate }),
    details: {
      strongest: answers.strongest,
      next: answers.next,
      undecided: answers.undecided,
      levels: answers.levels.map(asValue),
    },
    parts: Object.fromEntries(
      Object.entries(parts).filter(([name]) => told.some(({ level }) => level === name)),
    ),
  };
}

function breaking(level: LevelName, anomaly: Anomaly): Anomaly {
  return { ...anomaly, details: { ...anomaly.details, breaks: level } };
}

function undefinedHere(
  message: string,
  { checker, history }: { readonly checker: Checker; readonly history: History },
): Verdict {
  return {
    verdict: "unknown",
    checker: checker.name,
    reason: `Undecided: ${message}.`,
    operations: history.invocations().length,
    elapsedMs: 0,
    anomalies: [],
  };
}

/** Those at the top, the others, the dear ones. */
function inOrder(levels: readonly Question[]): readonly Question[] {
  const names = levels.map(({ level }) => level);
  const isTop = ({ level }: Question): boolean =>
    names.every((other) => !strongerThan(level).has(other));
  const rank = (question: Question): number =>
    isTop(question) ? 0 : question.dear === true ? 2 : 1;
  return levels.toSorted((a, b) => rank(a) - rank(b));
}
