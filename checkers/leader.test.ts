/** Leader uniqueness, against the definitions written out. */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf } from "../src/history/history.js";
import { checkerContract } from "../src/testing/index.js";
import { events, operations } from "../test/oracle/events.js";
import { compareWithDefinition, type Call } from "../test/oracle/random-events.js";
import { leader } from "./leader.js";

describe("contract", () => {
  const contract = checkerContract({
    checker: leader({ growing: true }),
    valid: operations(
      0,
      [0, "leader", null, { term: 1, leader: "n1" }],
      [1, "leader", null, [2, "n2"]],
      [0, "leader", null, { term: 3, leader: null }],
      [1, "leader"],
    ),
    violations: {
      "a second leader of a term": operations(90, [2, "elect", null, [2, "n3"]]),
      "an older term": operations(90, [1, "leader", null, [1, "n1"]]),
    },
    unobserved: events(0, ["invoke", 9, "elect"], ["info", 9, "elect"]),
  });
  for (const { name, run } of contract) test(name, run);
});

test("who is told what", async () => {
  const history = historyOf(
    operations(0, [0, "leader", null, [1, "n1"]], [1, "leader", null, { term: 1, leader: "n2" }]),
  );
  const verdict = await leader().check(history, createBudget());
  expect(verdict.anomalies).toMatchObject([
    { kind: "two-leaders", operations: [0, 2], details: { term: 1, leader: "n2" } },
  ]);
  const shard = historyOf(
    operations(
      0,
      [0, "leader", null, [1, "n1"], "ok", "a"],
      [0, "leader", null, [1, "n2"], "ok", "b"],
    ),
  );
  expect((await leader().check(shard, createBudget())).verdict).toBe("valid");
  const strange = historyOf(operations(0, [0, "leader", null, "n1"]));
  expect(() => leader().check(strange, createBudget())).toThrow(/a term and a leader/);
});

test("agrees with the definitions on random histories", async () => {
  const told = ({ output }: Call): readonly [number, string | null] =>
    output as unknown as readonly [number, string | null];
  const tally = await compareWithDefinition(
    leader({ growing: true }),
    (calls) => {
      const answers = calls
        .filter(({ outcome, output }) => outcome === "ok" && told({ output } as Call)[1] !== null)
        .toSorted((a, b) => a.end - b.end);
      return answers.flatMap((later, i) =>
        answers.slice(0, i).flatMap((before) => {
          const [term, name] = told(later);
          const [termBefore, nameBefore] = told(before);
          if (term === termBefore && name !== nameBefore) return ["two-leaders"];
          return before.process === later.process && term < termBefore ? ["term-went-back"] : [];
        }),
      );
    },
    {
      histories: 3000,
      operationsMax: 5,
      call: (dice) => ({
        f: dice(2) === 0 ? "leader" : "elect",
        input: null,
        output: [dice(4), dice(5) === 0 ? null : `n${dice(3)}`],
      }),
    },
  );
  expect(tally.kinds["two-leaders"]).toBeGreaterThan(200);
  expect(tally.kinds["term-went-back"]).toBeGreaterThan(200);
  expect(tally.invalid).toBeLessThan(2700);
});
