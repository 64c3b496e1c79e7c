/** Unhandled errors: classes, and which of them are foreseen. */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { checkerContract } from "../src/testing/index.js";
import { operations } from "../test/oracle/events.js";
import { unhandledErrors, type UnhandledErrorsOptions } from "./unhandled-errors.js";

const failed = (startMs: number, error: Value): readonly NewEvent[] => {
  const [begun, ended] = operations(startMs, [3, "write", 1, null, "info"]);
  return [begun as NewEvent, { ...(ended as NewEvent), error }];
};

const kindsOf = async (
  error: Value,
  options: UnhandledErrorsOptions = {},
): Promise<readonly string[]> => {
  const verdict = await unhandledErrors(options).check(historyOf(failed(0, error)), createBudget());
  return verdict.anomalies.map(({ kind }) => kind);
};

test("classes that are foreseen, or those that are not", async () => {
  const failed: NewEvent[] = [
    { type: "invoke", process: 0, f: "read", value: null, timeNs: 0 },
    { type: "fail", process: 0, f: "read", value: null, error: ["bad-answer", "?"], timeNs: 1 },
  ];
  const check = async (options: UnhandledErrorsOptions): Promise<string> =>
    (await unhandledErrors(options).check(historyOf(failed), createBudget())).verdict;
  expect(await check({})).toBe("valid");
  expect(await check({ unexpected: ["bad-answer"] })).toBe("invalid");
  expect(await check({ expected: ["timeout"] })).toBe("invalid");
  expect(await check({ expected: ["bad-answer"], unexpected: ["bad-answer"] })).toBe("valid");
});

describe("contract", () => {
  const contract = checkerContract({
    checker: unhandledErrors(),
    valid: [...operations(0, [0, "write", 1]), ...failed(5, ["timeout", "after 1 s"])],
    violations: { "an error nobody mapped": failed(9, ["unclassified", "what?"]) },
  });
  for (const { name, run } of contract) test(name, run);
});

test.each([
  ["timeout", ["timeout"]],
  [["timeout", "x"], ["timeout"]],
  [{ code: "timeout" }, ["timeout"]],
  [{ type: "timeout" }, ["timeout"]],
  [{ class: "timeout" }, ["timeout"]],
  [[1, 2], ["[1,2]"]],
] as readonly (readonly [Value, readonly string[]])[])(
  "the class of %j is one that can be foreseen",
  async (error, expected) => {
    expect(await kindsOf(error, { expected })).toEqual([]);
    expect(await kindsOf(error, { expected: ["other"] })).toEqual(["unhandled-error"]);
    expect(await kindsOf(error)).toEqual([]);
  },
);

test("one anomaly a class, the most frequent first, with how many there are", async () => {
  const history = historyOf([
    ...failed(0, ["a", 1]),
    ...failed(2, ["b", 1]),
    ...failed(4, ["b", 2]),
  ]);
  const verdict = await unhandledErrors({ expected: [] }).check(history, createBudget());
  expect(verdict.anomalies).toMatchObject([
    { operations: [2, 4], details: { class: "b", count: 2 } },
    { operations: [0], details: { class: "a", count: 1 } },
  ]);
  expect(verdict.details).toMatchObject({ errors: { a: 1, b: 2 } });
});
