/**
 * Asks a checker, whatever it does: one that throws has proved nothing, and its bug must not cost
 * the history that it was given.
 */
import { HarnessError, messageOf } from "../errors.js";
import type { History } from "../history/history.js";
import type { Verdict } from "../verdict/verdict.js";
import type { Budget, Checker } from "./checker.js";

/**
 * The checker's verdict, or `unknown` with what it threw.
 * @throws HarnessError when the checker says so: the question was wrong, not the checker.
 */
export async function askChecker(
  checker: Checker,
  history: History,
  budget: Budget,
): Promise<Verdict> {
  const startedMs = budget.nowMs();
  try {
    return await checker.check(history, budget);
  } catch (error) {
    if (error instanceof HarnessError) throw error;
    return {
      verdict: "unknown",
      checker: checker.name,
      reason: `the ${checker.name} checker failed: ${messageOf(error)}; please report this as a bug`,
      operations: history.invocations().length,
      elapsedMs: budget.nowMs() - startedMs,
      anomalies: [],
    };
  }
}
