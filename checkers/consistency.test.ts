/** One surface for levels: each level refutes what it should in histories of workflows. */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { workflowInstances } from "../src/model/workflow-instances.js";
import { events, operations } from "../test/oracle/events.js";
import { CONSISTENCY_LEVELS, consistencyChecker, type ConsistencyLevel } from "./consistency.js";

const consistency = consistencyChecker({
  model: workflowInstances(),
  eventual: { reads: ["load"], replica: "process", settleMs: 0 },
});

const shown = (status: string, ...effects: string[]): Value => ({
  status,
  life: "a",
  retries: 0,
  effects,
});
const run: Value = { from: "pending", to: "running", id: "1", life: "a" };
const begun = operations(
  0,
  [0, "create", { life: "a" }, true, "ok", "w"],
  [0, "transition", run, true, "ok", "w"],
);
const load = (atMs: number, process: number, value: Value): readonly NewEvent[] =>
  operations(atMs, [process, "load", null, value, "ok", "w"]);
const settled = [...load(20, 0, shown("running", "1")), ...load(30, 1, shown("running", "1"))];

/** What breaks which levels, from the strongest on. */
const HISTORIES: readonly (readonly [string, readonly NewEvent[], readonly ConsistencyLevel[]])[] =
  [
    ["what is current", [...begun, ...settled], []],
    [
      "another process is behind",
      [...begun, ...load(8, 1, shown("pending")), ...settled],
      ["linearizable"],
    ],
    [
      "a process does not see what it did",
      [...begun, ...load(8, 0, shown("pending")), ...settled],
      ["linearizable", "sequential", "causal", "session-guarantees", "read-your-writes"],
    ],
    [
      "places that differ for ever",
      [...begun, ...load(20, 0, shown("running", "1")), ...load(30, 1, shown("pending"))],
      ["linearizable", "eventual"],
    ],
  ];

describe.each(HISTORIES)("%s", (_, given, broken) => {
  test.each(CONSISTENCY_LEVELS)("%s", async (level) => {
    const { verdict, reason } = await consistency.check(historyOf(given), level);
    const wanted = broken.includes(level) ? "invalid" : "valid";
    expect(`${verdict}: ${reason}`).toMatch(new RegExp(`^${wanted}`));
  });

  test("all at once", async () => {
    const verdicts = await consistency.checkAll(historyOf(given), createBudget());
    expect(Object.keys(verdicts)).toEqual(CONSISTENCY_LEVELS);
    const invalid = CONSISTENCY_LEVELS.filter((level) => verdicts[level].verdict === "invalid");
    expect(invalid).toEqual(broken);
  });
});

test("a level that there is not is an error with the choices", () => {
  expect(() => consistency.checker("strict" as ConsistencyLevel)).toThrow(
    "a consistency level is one of linearizable, sequential",
  );
});

test("within no time nothing is known", async () => {
  const given = [...begun, ...events(50, ["invoke", 3, "load", null, "w"])];
  const budget = createBudget({ timeMs: 0 });
  for (const level of CONSISTENCY_LEVELS) {
    expect((await consistency.check(historyOf(given), level, budget)).verdict).toBe("unknown");
  }
});
