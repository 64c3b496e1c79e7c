/** Patterns in logs. */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type NewEvent } from "../src/history/history.js";
import { checkerContract } from "../src/testing/index.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { events, operations } from "../test/oracle/events.js";
import { logPatterns, type LogPatternsOptions } from "./log-patterns.js";

const WRITES: readonly NewEvent[] = operations(
  0,
  [0, "write", 1],
  [1, "write", 2],
  [0, "read", null, 2],
);
const CLEAN = "0.000100 started\n0.002500 leader is n1\n";
const PANIC = "0.000100 started\n0.002500 thread 'main' panicked at src/log.rs:7\n0.009 stopped";

const check = async (options: LogPatternsOptions): Promise<Verdict> =>
  logPatterns(options).check(historyOf(WRITES), createBudget());

describe("contract", () => {
  const contract = checkerContract({
    checker: logPatterns({ logs: { "n1.log": CLEAN } }),
    valid: WRITES,
    violations: {},
    unobserved: events(0, ["invoke", 9, "write", 100], ["info", 9, "write", 100]),
  });
  for (const { name, run } of contract) test(name, run);
});

test("a forbidden line is named by file and line, with the operations that were going on", async () => {
  const { verdict, anomalies } = await check({ logs: { "n1.log": CLEAN, "n2.log": PANIC } });
  expect(verdict).toBe("invalid");
  expect(anomalies).toMatchObject([
    {
      kind: "forbidden-line",
      // The second write lasts from 2 to 3 ms.
      operations: [2],
      details: { file: "n2.log", line: 2 },
    },
  ]);
  expect(anomalies[0]?.message).toMatch(/^n2\.log:2: .*panicked at.*must never occur, at 2\.5 ms/);
});

test("a line without a time names no operations", async () => {
  const { anomalies } = await check({ logs: { x: "Out of memory" } });
  expect(anomalies).toMatchObject([{ operations: [], details: { line: 1 } }]);
});

test("between operations the last that had begun is named", async () => {
  const { anomalies } = await check({ logs: { x: "9.0 data race" } });
  expect(anomalies).toMatchObject([{ operations: [4] }]);
});

test("what must occur, in some log or in every one", async () => {
  const logs = { "n1.log": CLEAN, "n2.log": "started\n" };
  expect((await check({ logs, some: ["leader"], every: ["started"] })).verdict).toBe("valid");
  expect((await check({ logs, every: ["leader"] })).anomalies).toMatchObject([
    { kind: "missing-line", details: { file: "n2.log", pattern: "leader" } },
  ]);
  expect((await check({ logs, some: ["recovered"] })).anomalies).toMatchObject([
    { kind: "missing-line", details: { pattern: "recovered" } },
  ]);
});

test("capitals matter only when they are said to", async () => {
  const logs = { x: "1.0 PANIC" };
  expect((await check({ logs })).verdict).toBe("invalid");
  expect((await check({ logs, caseSensitive: true })).verdict).toBe("valid");
});

test("without logs nothing is proved; a bad pattern is refused", async () => {
  expect((await check({})).verdict).toBe("unknown");
  expect((await check({ logs: { x: "" }, every: ["a"] })).verdict).toBe("invalid");
  expect(() => logPatterns({ never: ["("] })).toThrow(/no regular expression/);
  expect(() => logPatterns({ logs: ["n1.log"] as never })).toThrow(/name of a log to its text/);
});
