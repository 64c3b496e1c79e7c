/** Counters: the bounds of reads, against their definition. */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type NewEvent } from "../src/history/history.js";
import { checkerContract } from "../src/testing/index.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { events, operations } from "../test/oracle/events.js";
import { compareWithDefinition, type Call } from "../test/oracle/random-events.js";
import { counter } from "./counter.js";

const check = async (given: readonly NewEvent[]): Promise<Verdict> =>
  counter().check(historyOf(given), createBudget());

describe("contract", () => {
  const contract = checkerContract({
    checker: counter(),
    valid: operations(0, [0, "add", 2], [1, "decrement"], [1, "read", null, 1]),
    violations: {
      "a read that misses an addition": operations(9, [2, "read", null, 0]),
      "a read that counts too much": operations(9, [2, "read", null, 2]),
    },
    unobserved: events(0, ["invoke", 9, "read"], ["info", 9, "read"]),
  });
  for (const { name, run } of contract) test(name, run);
});

test("an indeterminate addition may be seen or not", async () => {
  const added = operations(0, [0, "add", 5, null, "info"]);
  for (const value of [0, 5]) {
    expect((await check([...added, ...operations(5, [1, "read", null, value])])).verdict).toBe(
      "valid",
    );
  }
  const failed = operations(0, [0, "add", 5, null, "fail"], [1, "read", null, 5]);
  const verdict = await check(failed);
  expect(verdict.anomalies).toMatchObject([
    { kind: "counter-above-bounds", operations: [2], details: { value: 5, lower: 0, upper: 0 } },
  ]);
});

test("an addition that overlaps a read may be seen or not; its evidence is listed", async () => {
  const read = (value: number): readonly NewEvent[] =>
    events(
      0,
      ["invoke", 0, "add", 1],
      ["ok", 0, "add", 1],
      ["invoke", 0, "add", 3],
      ["invoke", 1, "read"],
      ["ok", 0, "add", 3],
      ["ok", 1, "read", value],
    );
  expect((await check(read(1))).verdict).toBe("valid");
  expect((await check(read(4))).verdict).toBe("valid");
  expect((await check(read(0))).anomalies).toMatchObject([
    { kind: "counter-below-bounds", operations: [0, 3] },
  ]);
  expect((await check(read(5))).anomalies).toMatchObject([
    { kind: "counter-above-bounds", operations: [0, 2, 3] },
  ]);
});

test("what is no integer is refused", () => {
  const history = historyOf(operations(0, [0, "add", 0.5]));
  expect(() => counter().check(history, createBudget())).toThrow(/cannot read integers/);
});

test("agrees with the definition on random histories", async () => {
  const sign = ({ f, input }: Call): number => (f === "decrement" ? -1 : 1) * Number(input ?? 1);
  const tally = await compareWithDefinition(
    counter(),
    (calls) => {
      const changes = calls.filter(({ f, outcome }) => f !== "read" && outcome !== "fail");
      return calls
        .filter(({ f, outcome }) => f === "read" && outcome === "ok")
        .flatMap((read) => {
          // Every set of changes that may have been seen, by size of what it adds up to.
          let [lower, upper] = [0, 0];
          for (const change of changes) {
            const must = change.outcome === "ok" && change.end < read.begin;
            const may = change.begin < read.end;
            const amount = sign(change);
            lower += must ? amount : may ? Math.min(0, amount) : 0;
            upper += must ? amount : may ? Math.max(0, amount) : 0;
          }
          const value = Number(read.output);
          if (value < lower) return ["counter-below-bounds"];
          return value > upper ? ["counter-above-bounds"] : [];
        });
    },
    {
      histories: 4000,
      operationsMax: 7,
      call: (dice) => {
        const kind = dice(4);
        if (kind === 0) return { f: "add", input: dice(5) - 2, output: null };
        if (kind === 1) return { f: "decrement", input: dice(2) === 0 ? null : 2, output: null };
        return { f: "read", input: null, output: dice(5) - 2 };
      },
    },
  );
  expect(tally.kinds["counter-below-bounds"]).toBeGreaterThan(300);
  expect(tally.kinds["counter-above-bounds"]).toBeGreaterThan(300);
  expect(tally.invalid).toBeLessThan(3700);
});
