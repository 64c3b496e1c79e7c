/**
 * What the everyday checkers share: each is a *rule* that goes over the columns of a history in a
 * few linear passes, collects what contradicts it, and says what was seen. Here a rule becomes a
 * checker: budget, verdict, and the split by key where operations with different keys are about
 * different objects.
 *
 * A rule only reports what no way of completing the indeterminate operations can excuse. What
 * proves nothing is `unknown`, with the next step.
 */
import type { Budget, Checker } from "../../src/checker/checker.js";
import type { History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import type { Certificate } from "../../src/verdict/certificate.js";
import type { Verdict } from "../../src/verdict/verdict.js";
import { AnomalyList } from "./anomaly-list.js";
import { checkEachKey } from "./each-key.js";
import { LimitReached, Limits } from "./limits.js";
import { namingShapes } from "./shape-error.js";

/** One criterion. */
export interface Rule {
  readonly name: string;
  readonly description: string;
  /** True when each key of the history is an object of its own. */
  readonly keyed: boolean;
  /** The kinds of anomalies that it knows, gravest first. */
  readonly kinds: readonly string[];
  judge(history: History, work: Work): Judgement;
}

/** What a rule works with. */
export interface Work {
  readonly found: AnomalyList;
  readonly limits: Limits;
}

/** What a rule says beside its anomalies. */
export interface Judgement {
  /** Client operations that it looked at. */
  readonly operations: number;
  readonly details: { readonly [name: string]: Value };
  /** One sentence for `valid`. */
  readonly holds: string;
  /** Why a history without anomalies proves nothing, and what to do; undefined when it does. */
  readonly gap?: string | undefined;
  /**
   * Whether nothing happened that could have gone wrong. A key like that says nothing, also not
   * against what others prove.
   */
  readonly isEmpty?: boolean;
  /** Evidence of one of the anomalies that the verifier confirms. */
  readonly certificate?: Certificate | undefined;
}

/** The checker of a rule. */
export function checkerOf(rule: Rule): Checker {
  const whole: Checker = {
    name: rule.name,
    description: rule.description,
    check: (history, budget) => check(rule, history, budget),
  };
  const ask = rule.keyed
    ? (history: History, budget: Budget) => checkEachKey(whole, history, budget)
    : (history: History, budget: Budget) => whole.check(history, budget);
  return {
    ...whole,
    check: (history, budget) => namingShapes(history, () => ask(history, budget)),
  };
}

function check(rule: Rule, history: History, budget: Budget): Verdict {
  const limits = new Limits(budget);
  const found = new AnomalyList();
  let judgement: Judgement;
  try {
    limits.check();
    judgement = rule.judge(history, { found, limits });
    limits.check();
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    return {
      verdict: "unknown",
      checker: rule.name,
      reason: outOf(error, limits),
      operations: history.invocations().length,
      elapsedMs: limits.elapsedMs(),
      anomalies: [],
    };
  }
  const { operations, details, holds, gap, isEmpty = false, certificate } = judgement;
  const anomalies = found.list(rule.kinds);
  const answer = {
    checker: rule.name,
    operations,
    elapsedMs: limits.elapsedMs(),
    anomalies,
    details: { ...details, anomalies: found.counts(), ...(isEmpty ? { isEmpty } : {}) },
  };
  const [first] = anomalies;
  if (first !== undefined) {
    const more = found.total() - 1;
    const reason = more === 0 ? first.message : `${first.message} (And ${more} more.)`;
    const evidence = certificate === undefined ? {} : { certificate };
    return { ...answer, verdict: "invalid", reason, ...evidence };
  }
  if (gap !== undefined) return { ...answer, verdict: "unknown", reason: gap };
  return { ...answer, verdict: "valid", reason: holds };
}

function outOf({ limit }: LimitReached, limits: Limits): string {
  const [spent, option] =
    limit === "time"
      ? [`${Math.round(limits.elapsedMs())} ms`, "--time-budget"]
      : [`${Math.ceil(limits.bytes / 2 ** 20)} MiB`, "--memory-budget"];
  return `Undecided: out of ${limit} at ${spent}. Raise ${option}, or check a shorter history.`;
}
