/** Unique ids: what is accepted and what is refused. */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type NewEvent } from "../src/history/history.js";
import { checkerContract } from "../src/testing/index.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { events, operations } from "../test/oracle/events.js";
import { uniqueIds, type UniqueIdsOptions } from "./unique-ids.js";

const check = async (
  given: readonly NewEvent[],
  options: UniqueIdsOptions = {},
): Promise<Verdict> => uniqueIds(options).check(historyOf(given), createBudget());

describe("contract", () => {
  const valid = operations(0, [0, "generate", null, 1], [1, "generate", null, "a"]);
  const contract = checkerContract({
    checker: uniqueIds(),
    valid,
    violations: { "an id twice": operations(9, [2, "generate", null, 1]) },
    unobserved: events(0, ["invoke", 9, "generate"], ["info", 9, "generate"]),
  });
  for (const { name, run } of contract) test(name, run);
});

test("one id for two concurrent operations", async () => {
  const verdict = await check(
    events(
      0,
      ["invoke", 0, "generate"],
      ["invoke", 1, "generate"],
      ["ok", 1, "generate", 7],
      ["ok", 0, "generate", 7],
    ),
  );
  expect(verdict.verdict).toBe("invalid");
  expect(verdict.anomalies).toMatchObject([{ kind: "duplicate-id", operations: [0, 1] }]);
  expect(verdict.anomalies[0]?.message).toBe(
    "process 0's generate (0 ns to 3 ms) was given the id 7, which process 1's generate (1 ms to 2 ms) was given too.",
  );
});

test("what failed or never answered was given nothing", async () => {
  const failed = operations(0, [0, "generate", 5, 5, "fail"], [1, "generate", 5, 5, "info"]);
  expect((await check(failed)).verdict).toBe("unknown");
  expect((await check([...failed, ...operations(9, [2, "generate", null, 5])])).verdict).toBe(
    "valid",
  );
});

test("a range of numbers", async () => {
  const ids = operations(0, [0, "generate", null, 3], [0, "generate", null, 9]);
  const verdict = await check(ids, { min: 3, max: 9 });
  expect(verdict.verdict).toBe("valid");
  expect(verdict.details).toMatchObject({ ids: 2, smallest: 3, largest: 9 });
  expect((await check(ids, { max: 8 })).anomalies).toMatchObject([
    { kind: "id-out-of-range", operations: [2] },
  ]);
});

test("each key has ids of its own", async () => {
  const both = operations(
    0,
    [0, "generate", null, 1, "ok", "a"],
    [0, "generate", null, 1, "ok", "b"],
  );
  expect((await check(both)).verdict).toBe("valid");
  const again = [...both, ...operations(9, [0, "generate", null, 1, "ok", "b"])];
  expect((await check(again)).anomalies).toMatchObject([
    { kind: "duplicate-id", key: "b", operations: [2, 4] },
  ]);
});

test("an id of null is no id", () => {
  const history = historyOf(operations(0, [0, "generate"]));
  expect(() => uniqueIds().check(history, createBudget())).toThrow(/cannot read ids/);
});
