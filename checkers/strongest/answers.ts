/**
 * What verdicts on some levels say of all, and that in words.
 */
import { implies, levelOf, strongest, weakestViolated } from "../../src/consistency/lattice.js";
import type { LevelName } from "../../src/consistency/level.js";
import type { Value } from "../../src/history/value.js";
import type { Verdict, VerdictKind } from "../../src/verdict/verdict.js";

/** One level with what is known of it. */
export interface Answered {
  readonly level: LevelName;
  readonly verdict: VerdictKind;
  /** The level whose verdict decides it; null when it was asked itself, or nothing does. */
  readonly follows: LevelName | null;
  /** What it took to ask; null when it was not asked. */
  readonly elapsedMs: number | null;
  /** Why it is undecided; null when it is not. */
  readonly why: string | null;
  /** The kind of anomaly that rules it out; null when none does. */
  readonly by: string | null;
  /** For levels of transactions: without the order that it keeps, and which that is. */
  readonly base: LevelName | null;
  readonly keeps: "nothing" | "session" | "realtime" | null;
  /** Levels of the list that it implies, none of them by way of another. */
  readonly implies: readonly LevelName[];
}

/** What is known of all levels. */
export interface Answers {
  readonly levels: readonly Answered[];
  /** Of what holds, what nothing else implies. */
  readonly strongest: readonly LevelName[];
  /** Of what is violated, what implies nothing else that is. */
  readonly next: readonly LevelName[];
  readonly undecided: readonly LevelName[];
}

type Verdicts = { readonly [level: string]: Verdict };

/** A level as the details of a verdict have it. */
export function asValue({ level, verdict, follows, elapsedMs, why, ...more }: Answered): Value {
  return { level, verdict, follows, elapsedMs, why, ...more };
}

/** Draws all consequences. */
export function answersOf(names: readonly LevelName[], parts: Verdicts): Answers {
  const levels = names.map((level) => answerOf(level, names, parts));
  const having = (kind: VerdictKind): readonly LevelName[] =>
    levels.filter(({ verdict }) => verdict === kind).map(({ level }) => level);
  return {
    levels,
    strongest: strongest(having("valid")),
    next: weakestViolated(having("invalid")),
    undecided: having("unknown"),
  };
}

function answerOf(level: LevelName, names: readonly LevelName[], parts: Verdicts): Answered {
  const { family, variant } = levelOf(level);
  const isOfTransactions = family === "transactional";
  const about: Omit<Answered, "verdict" | "follows" | "why"> = {
    level,
    elapsedMs: parts[level]?.elapsedMs ?? null,
    by: null,
    base: isOfTransactions ? (variant?.of ?? level) : null,
    keeps: isOfTransactions ? (variant?.keeps ?? "nothing") : null,
    implies: below(level, names),
  };
  const own = parts[level]?.verdict;
  const kindOf = (name: LevelName): string | null => parts[name]?.anomalies[0]?.kind ?? null;
  if (own === "valid" || own === "invalid") {
    return { ...about, verdict: own, follows: null, why: null, by: kindOf(level) };
  }
  for (const [name, { verdict }] of Object.entries(parts)) {
    const other = name as LevelName;
    const isDecided = verdict === "valid" ? implies(other, level) : implies(level, other);
    if (verdict === "unknown" || !isDecided) continue;
    return { ...about, verdict, follows: other, why: null, by: kindOf(other) };
  }
  const why = parts[level]?.reason ?? "it was not asked";
  return { ...about, verdict: "unknown", follows: null, why };
}

/** What a level implies, without what that implies in turn. */
function below(level: LevelName, names: readonly LevelName[]): readonly LevelName[] {
  return strongest(names.filter((other) => other !== level && implies(level, other)));
}

/** One paragraph: what holds, what is broken first, what is open. */
export function inWords(answers: Answers, parts: Verdicts): string {
  const { strongest: best, next, undecided } = answers;
  const sentences: string[] = [];
  if (best.length > 0) sentences.push(`Strongest of what holds: ${joined(best)}.`);
  else if (undecided.length === 0) sentences.push("None of the levels holds.");
  else sentences.push("No level was shown to hold.");
  if (next.length > 0) {
    const broken = next.map(
      (level) => `${level} (${parts[level]?.anomalies[0]?.kind ?? "violated"})`,
    );
    const above = answers.levels.filter(
      ({ level, verdict }) => verdict === "invalid" && !next.includes(level),
    );
    const fallen = fewOf(
      above.map(({ level }) => level),
      "stronger levels",
    );
    const them = next.length === 1 ? "it" : "them";
    const also = above.length === 0 ? "" : `, and with ${them} ${fallen}`;
    sentences.push(`Broken: ${joined(broken)}${also}.`);
  }
  if (undecided.length > 0) sentences.push(`Undecided: ${fewOf(undecided, "levels")}.`);
  return sentences.join(" ");
}

/** More names than these are a wall. */
const NAMES_MAX = 20;

/** Names while they are few, else how many. */
function fewOf(names: readonly string[], noun: string): string {
  return names.length <= NAMES_MAX ? joined(names) : `${names.length} ${noun}`;
}

function joined(names: readonly string[]): string {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
