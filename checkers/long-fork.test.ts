/** Long fork: which pairs of reads it finds, against all pairs. */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { checkerContract } from "../src/testing/index.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { events, operations, type OperationRow } from "../test/oracle/events.js";
import { compareWithDefinition, type Call } from "../test/oracle/random-events.js";
import { longFork } from "./long-fork.js";

const check = async (given: readonly NewEvent[]): Promise<Verdict> =>
  longFork().check(historyOf(given), createBudget());

const write = (process: number, key: Value, value: Value): OperationRow => [
  process,
  "txn",
  [["w", key, value]],
  [["w", key, value]],
];
const read = (process: number, shown: { readonly [key: string]: Value }): OperationRow => [
  process,
  "txn",
  Object.keys(shown).map((key) => ["r", key, null]),
  Object.entries(shown).map(([key, value]) => ["r", key, value]),
];

describe("contract", () => {
  const contract = checkerContract({
    checker: longFork(),
    valid: operations(0, write(0, "x", 1), write(1, "y", 2), read(2, { x: 1, y: null })),
    violations: {
      "another order": operations(90, read(3, { y: 2, x: null })),
      "a value nobody wrote": operations(90, read(3, { y: 7, x: 1 })),
    },
    unobserved: events(0, ["invoke", 9, "txn", [["w", "z", 1]]], ["info", 9, "txn"]),
  });
  for (const { name, run } of contract) test(name, run);
});

test("the evidence is both reads and both writes", async () => {
  const verdict = await check(
    operations(
      0,
      write(0, "x", 1),
      read(2, { x: 1, y: null }),
      write(1, "y", 2),
      read(3, { x: null, y: 2 }),
    ),
  );
  expect(verdict.anomalies).toMatchObject([
    { kind: "long-fork", operations: [0, 2, 4, 6], details: { keys: ["x", "y"] } },
  ]);
});

test("a key that is written twice decides nothing", async () => {
  const verdict = await check(
    operations(
      0,
      write(0, "x", 1),
      write(0, "x", 2),
      write(0, "y", 1),
      read(2, { x: 1, y: null }),
      read(3, { x: null, y: 1 }),
    ),
  );
  expect(verdict.verdict).toBe("unknown");
  expect(verdict.reason).toContain("Write each key once");
});

test("reads of other keys are not compared; reads of one key are none", async () => {
  const verdict = await check(
    operations(0, write(0, "x", 1), write(0, "y", 1), read(2, { x: 1 }), read(3, { y: 1 })),
  );
  expect(verdict.verdict).toBe("unknown");
});

test("agrees with a look at all pairs", async () => {
  const seen = ({ output }: Call): ReadonlyMap<Value, Value> =>
    new Map(
      (output as readonly (readonly Value[])[]).map(([, key, value]) => [
        key as Value,
        value as Value,
      ]),
    );
  const tally = await compareWithDefinition(
    longFork(),
    (calls) => {
      const reads = calls.filter(({ f, outcome }) => f === "read" && outcome === "ok");
      const kinds: string[] = [];
      for (const one of reads) {
        for (const [key, value] of seen(one)) {
          const isWritten = calls.some(
            ({ f, input, outcome, begin }) =>
              f === "write" &&
              outcome !== "fail" &&
              begin < one.end &&
              (input as readonly (readonly Value[])[])[0]?.[1] === key,
          );
          if (value !== null && !isWritten) kinds.push("unexpected-value");
        }
        for (const other of reads) {
          const [a, b] = [seen(one), seen(other)];
          if (a.size !== b.size || [...a.keys()].some((key) => !b.has(key))) continue;
          const more = [...a].some(([key, value]) => value !== null && b.get(key) === null);
          const less = [...b].some(([key, value]) => value !== null && a.get(key) === null);
          if (more && less) kinds.push("long-fork");
        }
      }
      return kinds;
    },
    {
      histories: 4000,
      operationsMax: 8,
      processesMax: 4,
      call: (() => {
        let unwritten: string[] = [];
        let last: unknown;
        return (dice) => {
          // A new pair of dice is a new history.
          if (dice !== last) unwritten = ["x", "y", "z"];
          last = dice;
          if (dice(2) === 0 && unwritten.length > 0) {
            const key = unwritten.pop() as string;
            return { f: "write", input: [["w", key, 1]], output: [["w", key, 1]] };
          }
          const keys = ["x", "y", "z"].filter((_, i) => dice(8) > i - 1);
          return {
            f: "read",
            input: keys.map((key) => ["r", key, null]),
            output: keys.map((key) => [
              "r",
              key,
              dice(2) === 0 || unwritten.includes(key) ? null : 1,
            ]),
          };
        };
      })(),
    },
  );
  expect(tally.kinds["long-fork"]).toBeGreaterThan(200);
  expect(tally.invalid).toBeLessThan(3600);
});
