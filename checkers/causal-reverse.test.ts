/** Causal reverse, against the definition written out. */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { checkerContract } from "../src/testing/index.js";
import { events, operations } from "../test/oracle/events.js";
import { compareWithDefinition } from "../test/oracle/random-events.js";
import { causalReverse } from "./causal-reverse.js";

describe("contract", () => {
  const contract = checkerContract({
    checker: causalReverse(),
    valid: operations(0, [0, "write", 1], [1, "write", 2], [2, "read", null, [1, 2]]),
    violations: { "the first write missing": operations(90, [2, "read", null, [2]]) },
    unobserved: events(0, ["invoke", 9, "write", 100], ["info", 9, "write", 100]),
  });
  for (const { name, run } of contract) test(name, run);
});

test("concurrent writes may be seen in any order; missing both is no reversal", async () => {
  const writes = events(
    0,
    ["invoke", 0, "add", 1],
    ["invoke", 1, "add", 2],
    ["ok", 0, "add", 1],
    ["ok", 1, "add", 2],
  );
  const read = (...shown: readonly number[]): ReturnType<typeof historyOf> =>
    historyOf([...writes, ...operations(9, [2, "read", null, shown])]);
  expect((await causalReverse().check(read(2), createBudget())).verdict).toBe("valid");
  expect((await causalReverse().check(read(), createBudget())).verdict).toBe("unknown");
});

test("a write is also there when somebody has read it", async () => {
  const history = historyOf(
    operations(
      0,
      [0, "write", 1, null, "info"],
      [2, "read", null, [1]],
      [1, "write", 2],
      [2, "read", null, [2]],
    ),
  );
  const verdict = await causalReverse().check(history, createBudget());
  expect(verdict.anomalies).toMatchObject([
    { kind: "causal-reverse", operations: [0, 2, 4, 6], details: { seen: 2, missing: 1 } },
  ]);
});

test("agrees with the definition on random histories", async () => {
  const tally = await compareWithDefinition(
    causalReverse(),
    (calls) => {
      const reads = calls.filter(({ f, outcome }) => f === "read" && outcome === "ok");
      const list = (output: Value | undefined): readonly Value[] => output as readonly Value[];
      const writes = (value: Value) =>
        calls.filter(
          ({ f, input, outcome }) => f === "write" && input === value && outcome !== "fail",
        );
      const values = [0, 1, 2].filter((value) => writes(value).length > 0);
      const known = (value: Value): number =>
        Math.min(
          ...writes(value).map(({ end }) => end),
          ...reads.filter(({ output }) => list(output).includes(value)).map(({ end }) => end),
        );
      const begun = (value: Value): number => Math.min(...writes(value).map(({ begin }) => begin));
      return reads.flatMap(({ output }) =>
        values.flatMap((later) =>
          values.flatMap((earlier) =>
            list(output).includes(later) &&
            !list(output).includes(earlier) &&
            known(earlier) < begun(later)
              ? ["causal-reverse"]
              : [],
          ),
        ),
      );
    },
    {
      histories: 5000,
      operationsMax: 7,
      call: (dice) =>
        dice(2) === 0
          ? { f: "write", input: dice(3), output: null }
          : { f: "read", input: null, output: [0, 1, 2].filter(() => dice(2) === 0) },
    },
  );
  expect(tally.invalid).toBeGreaterThan(300);
  expect(tally.invalid).toBeLessThan(4500);
});
