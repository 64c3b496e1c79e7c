/** Rows that are inserted where there is none. */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf } from "../src/history/history.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { checkerContract } from "../src/testing/index.js";
import { events, operations } from "../test/oracle/events.js";
import { predicate } from "./predicate.js";

async function judged(...list: Parameters<typeof operations>[1][]): Promise<Verdict> {
  return predicate().check(historyOf(operations(0, ...list)), createBudget());
}

describe("contract", () => {
  const contract = checkerContract({
    checker: predicate(),
    valid: operations(
      0,
      [0, "insert", 1, 1, "ok", "a"],
      [1, "insert", 2, 2, "fail", "a"],
      [1, "read", null, [1], "ok", "a"],
    ),
    violations: {
      "another insert": operations(90, [1, "insert", 3, 3, "ok", "a"]),
      "two rows": operations(90, [1, "read", null, [1, 3], "ok", "a"]),
    },
    unobserved: events(0, ["invoke", 9, "insert", 9, "a"], ["info", 9, "insert", 9, "a"]),
  });
  for (const { name, run } of contract) test(name, run);
});

test("one insert of a key that is ok, and reads that show no other row", async () => {
  const verdict = await judged(
    [0, "insert", 1, 1, "ok", "a"],
    [1, "insert", 2, 2, "fail", "a"],
    [2, "insert", 3, 3, "ok", "b"],
    [1, "read", null, [1], "ok", "a"],
    [1, "read", null, null, "ok", "c"],
  );
  expect(verdict).toMatchObject({ verdict: "valid" });
});

test("two inserts of a key that are ok, or two rows that a read shows", async () => {
  const inserts = await judged([0, "insert", 1, 1, "ok", "a"], [1, "insert", 2, 2, "ok", "a"]);
  const [both] = inserts.anomalies;
  expect(both).toMatchObject({ kind: "G2", operations: [0, 2], key: "a" });
  expect(both?.message).toContain("neither saw the other's");
  const shown = await judged(
    [0, "insert", 1, 1, "info", "a"],
    [1, "read", null, [1, 2], "ok", "a"],
  );
  expect(shown.verdict).toBe("invalid");
  expect(shown.anomalies[0]).toMatchObject({ kind: "G2", details: { rows: [1, 2] } });
});

test("where nothing was inserted, nothing is proved", async () => {
  expect(await judged([0, "insert", 1, 1, "fail", "a"])).toMatchObject({ verdict: "unknown" });
  await expect(judged([1, "read", null, 3, "ok", "a"])).rejects.toThrow(/lists of rows/);
});
