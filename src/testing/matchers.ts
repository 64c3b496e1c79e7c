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
import type { History } from "../history/history.js";
import type { Model } from "../model/model.js";
import type { Verdict } from "../verdict/verdict.js";
import { historyIn, type HistoryLike } from "./history-like.js";
import { failureText } from "./property/failure-text.js";
import { assertChecker, assertModel } from "./property/given.js";

export type { HistoryLike } from "./history-like.js";

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
  /** Any checker, as in `toKeep(bank({ total: 100 }))`. */
  toKeep(checker: Checker): Result;
}

/** What a matcher is called on by the test runner. */
interface MatcherState {
  /** Whether the contrary is expected. */
  readonly isNot?: boolean;
}

/** For `expect.extend`; every matcher is to be awaited. */
export const ordealMatchers: {
  readonly [name in keyof OrdealMatchers<unknown>]: (
    this: unknown,
    received: HistoryLike,
    given: Parameters<OrdealMatchers<unknown>[name]>[0],
  ) => Promise<MatcherResult>;
} = {
  async toBeLinearizable(received, model) {
    return match(this, received, linearizableBy("toBeLinearizable", model));
  },
  async toBeSequentiallyConsistent(received, model) {
    assertModel("toBeSequentiallyConsistent", model, EXAMPLES.sequential);
    const expectation = "to be sequentially consistent";
    return match(this, received, { checker: sequential({ model }), expectation });
  },
  async toBeCausallyConsistent(received, model) {
    assertModel("toBeCausallyConsistent", model, EXAMPLES.causal);
    const expectation = "to be causally consistent";
    return match(this, received, { checker: causal({ model }), expectation });
  },
  async toKeep(received, checker) {
    return match(this, received, keeping("toKeep", checker));
  },
};

/** @throws AssertionError unless the history is linearizable. */
export async function assertLinearizable(received: HistoryLike, model: Model): Promise<void> {
  await assertThat(received, linearizableBy("assertLinearizable", model), assertLinearizable);
}

/** @throws AssertionError unless the checker says `valid`. */
export async function assertKeeps(received: HistoryLike, checker: Checker): Promise<void> {
  await assertThat(received, keeping("assertKeeps", checker), assertKeeps);
}

interface Expectation {
  readonly checker: Checker;
  readonly expectation: string;
}

const EXAMPLES = {
  toBeLinearizable: "await expect(history).toBeLinearizable(register())",
  sequential: "await expect(history).toBeSequentiallyConsistent(register())",
  causal: "await expect(history).toBeCausallyConsistent(register())",
  toKeep: "await expect(history).toKeep(bank({ total: 100 }))",
  assertLinearizable: "await assertLinearizable(history, register())",
  assertKeeps: "await assertKeeps(history, bank({ total: 100 }))",
} as const;

function linearizableBy(
  caller: "toBeLinearizable" | "assertLinearizable",
  model: Model,
): Expectation {
  assertModel(caller, model, EXAMPLES[caller]);
  return { checker: linearizable({ model }), expectation: "to be linearizable" };
}

function keeping(caller: "toKeep" | "assertKeeps", checker: Checker): Expectation {
  assertChecker(caller, checker, EXAMPLES[caller]);
  return { checker, expectation: `to keep ${checker.name}` };
}

async function assertThat(
  received: HistoryLike,
  expected: Expectation,
  stackStartFn: (...given: never[]) => unknown,
): Promise<void> {
  const { pass, message } = await match(undefined, received, expected);
  if (!pass) throw new AssertionError({ message: message(), stackStartFn });
}

async function match(
  state: unknown,
  received: HistoryLike,
  { checker, expectation }: Expectation,
): Promise<MatcherResult> {
  const history = historyIn(received);
  const verdict = await checker.check(history, createBudget());
  const isNot = (state as MatcherState | undefined)?.isNot === true;
  // What is undecided fails either way: a matcher whose contrary is expected fails by passing.
  const pass = verdict.verdict === "valid" || (verdict.verdict === "unknown" && isNot);
  const expected = isNot ? `not ${expectation}` : expectation;
  return { pass, message: () => messageFor(verdict, history, expected) };
}

function messageFor(verdict: Verdict, history: History, expected: string): string {
  const { verdict: kind, reason } = verdict;
  if (kind === "valid") return `expected the history ${expected}: ${reason}`;
  if (kind === "unknown") return `expected the history ${expected}, but it is unknown: ${reason}`;
  return `expected the history ${expected}\n\n${failureText(verdict, history)}`;
}
