/**
 * Several checkers over one history, as one checker: every one is asked, and the gravest answer
 * counts.
 */
import { askChecker } from "../src/checker/ask-checker.js";
import type { Budget, Checker } from "../src/checker/checker.js";
import type { History } from "../src/history/history.js";
import { mergeKinds, type Verdict } from "../src/verdict/verdict.js";

/**
 * Asks each of the checkers, one after the other, and merges: invalid over unknown over valid. One
 * that throws is `unknown`, with what it threw as the reason, and the others are asked all the
 * same. They share the budget's time; each may take its memory. `parts` has the verdict of each,
 * `anomalies` those of all.
 */
export function compose(checkers: { readonly [name: string]: Checker }): Checker {
  const names = Object.keys(checkers);
  return {
    name: names.join(" + "),
    description: `all of ${names.join(", ")}`,
    check: (history, budget) => checkAll(checkers, history, budget),
  };
}

async function checkAll(
  checkers: { readonly [name: string]: Checker },
  history: History,
  budget: Budget,
): Promise<Verdict> {
  const startMs = budget.nowMs();
  const parts: { [name: string]: Verdict } = {};
  for (const [name, checker] of Object.entries(checkers)) {
    const left: Budget = {
      timeMs: budget.timeMs - (budget.nowMs() - startMs),
      memoryBytes: budget.memoryBytes,
      nowMs: () => budget.nowMs(),
    };
    parts[name] = await askChecker(checker, history, left);
  }
  const verdicts = Object.entries(parts);
  const kind = mergeKinds(verdicts.map(([, { verdict }]) => verdict));
  const told = verdicts.filter(([, { verdict }]) => verdict === kind);
  const certificate = told.find(([, verdict]) => verdict.certificate !== undefined)?.[1]
    .certificate;
  return {
    verdict: kind,
    checker: Object.keys(checkers).join(" + "),
    reason:
      told.map(([name, { reason }]) => `${name}: ${reason}`).join(" ") ||
      "Nothing was proved: there is no checker. Name one.",
    operations: history.invocations().length,
    elapsedMs: budget.nowMs() - startMs,
    anomalies: verdicts.flatMap(([, { anomalies }]) => anomalies),
    ...(certificate === undefined ? {} : { certificate }),
    parts,
  };
}
