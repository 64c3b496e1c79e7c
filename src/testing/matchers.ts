/**
 * Assertions about histories, for vitest, jest (`expect.extend(ordealMatchers)`) and any other test
 * runner (`assertLinearizable`). They fail with the reason and the operations as a small drawing;
 * what could not be decided fails too, for it proves nothing.
 */
import { AssertionError } from "node:assert";
import { causal } from "../../checkers/causal.js";
import { linearizable } from "../../checkers/linearizable.js";
import { sequential } from "../../checkers/sequential.js";
import { createBudget, type Checker } from "../checker/checker.js";
import { historyOf, type History, type NewEvent } from "../history/history.js";
import type { Model } from "../model/model.js";
import type { Verdict } from "../verdict/verdict.js";
import { failureText } from "./property/failure-text.js";

/** A history, or the events that it is made of. */
export type HistoryLike = History | Iterable<NewEvent>;

/** What a matcher of vitest or jest answers. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/**
 * The matchers, for the types of the test runner: `declare module "vitest" { interface
 * Assertion<T> extends OrdealMatchers<Promise<void>> {} }`.
 */
export interface OrdealMatchers<Result> {
  toBeLinearizable(model: Model): Result;
  toBeSequentiallyConsistent(model: Model): Result;
  toBeCausallyConsistent(model: Model): Result;
  /** Any checker, as in `toSatisfy(bank({ total: 100 }))`. */
  toKeep(checker: Checker): Result;
}

/** For `expect.extend`; every matcher is to be awaited. */
export const ordealMatchers: {
  readonly [name in keyof OrdealMatchers<unknown>]: (
    received: HistoryLike,
    given: Parameters<OrdealMatchers<unknown>[name]>[0],
  ) => Promise<MatcherResult>;
} = {
  toBeLinearizable: (received, model) =>
    match(received, linearizable({ model }), "to be linearizable"),
  toBeSequentiallyConsistent: (received, model) =>
    match(received, sequential({ model }), "to be sequentially consistent"),
  toBeCausallyConsistent: (received, model) =>
    match(received, causal({ model }), "to be causally consistent"),
  toKeep: (received, checker) => match(received, checker, `to keep ${checker.name}`),
};

/** @throws AssertionError unless the history is linearizable. */
export async function assertLinearizable(received: HistoryLike, model: Model): Promise<void> {
  await assertKeeps(received, linearizable({ model }));
}

/** @throws AssertionError unless the checker says `valid`. */
export async function assertKeeps(received: HistoryLike, checker: Checker): Promise<void> {
  const { pass, message } = await match(received, checker, `to keep ${checker.name}`);
  if (!pass) throw new AssertionError({ message: message(), stackStartFn: assertKeeps });
}

async function match(
  received: HistoryLike,
  checker: Checker,
  expectation: string,
): Promise<MatcherResult> {
  const history = isHistory(received) ? received : historyOf(received);
  const verdict = await checker.check(history, createBudget());
  const pass = verdict.verdict === "valid";
  return { pass, message: () => messageFor(verdict, history, expectation) };
}

function messageFor(verdict: Verdict, history: History, expectation: string): string {
  const { verdict: kind, reason } = verdict;
  if (kind === "valid") return `expected the history not ${expectation}: ${reason}`;
  if (kind === "unknown")
    return `expected the history ${expectation}, but it is unknown: ${reason}`;
  return `expected the history ${expectation}\n\n${failureText(verdict, history)}`;
}

function isHistory(received: HistoryLike): received is History {
  return "invocations" in received;
}
