/** What `init` says of registers, lists and sets. */
import { expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { transactional, type TransactionalOptions } from "./transactional.js";

/** Transactions one after the other, after an `init`. */
function historyWith(init: Value, ...transactions: readonly Value[]): History {
  const events = [init, ...transactions].flatMap((value, process): readonly NewEvent[] => {
    const about = { process, f: process === 0 ? "init" : "txn", timeNs: 0, value };
    return [
      { ...about, type: "invoke" },
      { ...about, type: "ok" },
    ];
  });
  return historyOf(events);
}

async function ask(history: History, options: TransactionalOptions): Promise<Verdict> {
  const verdict = await transactional(options).check(history, createBudget());
  const { certificate } = verdict;
  if (certificate === undefined) throw new Error(verdict.reason);
  expect(verifyCertificate({ certificate, history, budget: createBudget() })).toMatchObject({
    confirmed: true,
  });
  return verdict;
}

test("a read of what a register held at first is one of its initial version", async () => {
  const history = historyWith({ x: 5, y: 6 }, [["r", "x", 5]], [["w", "x", 1]], [["r", "x", 1]]);
  const verdict = await ask(history, { level: "strict-serializable" });
  expect(verdict).toMatchObject({ verdict: "valid", details: { keys: 1, leftOut: 0 } });
});

test("a read of it after somebody wrote another value is stale", async () => {
  const history = historyWith({ x: 5 }, [["w", "x", 1]], [["r", "x", 5]]);
  expect(await ask(history, { level: "serializable" })).toMatchObject({ verdict: "valid" });
  const { verdict, reason, anomalies } = await ask(history, { level: "strict-serializable" });
  expect(verdict).toBe("invalid");
  expect(reason).toMatch(/Null is what init says was there at first\.$/);
  expect(anomalies[0]).toMatchObject({ kind: "G-single-item-realtime" });
});

test("rules of versions hold beside it", async () => {
  const history = historyWith({ x: 5 }, [["w", "x", 1]], [["w", "x", 2]], [["r", "x", 1]]);
  const { anomalies } = await ask(history, { level: "read-committed", versions: ["realtime"] });
  expect(anomalies).toMatchObject([{ kind: "cyclic-versions" }]);
});

test("what nobody wrote and init does not say is from nowhere", async () => {
  const history = historyWith({ x: 5 }, [["r", "x", 7]]);
  const { anomalies } = await ask(history, { level: "read-uncommitted" });
  expect(anomalies).toMatchObject([{ kind: "garbage-read" }]);
});

test("whoever writes the same again, or finds nothing, has to do with rows", async () => {
  const again = historyWith({ x: 5 }, [["w", "x", 1]], [["w", "x", 5]], [["r", "x", 5]]);
  expect(await ask(again, { level: "strict-serializable" })).toMatchObject({ verdict: "valid" });
  const deleted = historyWith({ x: 5 }, [["delete", "x"]], [["r", "x", null]]);
  expect(await ask(deleted, { level: "strict-serializable" })).toMatchObject({ verdict: "valid" });
});

const LEVELS_OF_ROWS = [
  "read-uncommitted",
  "read-committed",
  "cursor-stability",
  "monotonic-atomic-view",
  "read-atomic",
  "serializable",
];

test.each(LEVELS_OF_ROWS)(
  "%s: what was there at first is there until it is deleted",
  async (level) => {
    const histories = [
      historyWith({ x: 5 }, [["r", "x", null]]),
      historyWith({ x: 5 }, [["w", "x", 1]], [["r", "x", null]]),
      historyWith(
        { x: 5 },
        [
          ["r", "x", null],
          ["w", "x", 6],
        ],
        [["r", "x", 6]],
      ),
      historyWith({ x: 5 }, [["r", "x"]], [["insert", "y", 1]]),
    ];
    for (const history of histories) {
      const { verdict, anomalies } = await ask(history, { level });
      expect(verdict).toBe("invalid");
      expect(anomalies[0]).toMatchObject({ kind: "garbage-read" });
      expect(anomalies[0]?.message).toMatch(/was there at first, and nobody deletes it/);
    }
  },
);

test("a key that is a number is the same as its text", async () => {
  const history = historyWith({ 1: 5 }, [["r", 1, 5]]);
  expect(await ask(history, { level: "serializable" })).toMatchObject({ verdict: "valid" });
});

test.each<readonly [string, History, RegExp]>([
  ["a list", historyWith({ x: [1] }, [["append", "x", 2]]), /appended to as a list/],
  ["a set", historyWith({ x: [1] }, [["add", "x", 2]]), /added to as a set/],
  ["no rows", historyWith([1], [["r", "x", 1]]), /are no rows/],
  [
    "two",
    historyOf(
      [0, 1].flatMap(
        (process) =>
          [
            { type: "invoke", process, f: "init", timeNs: 0, value: { x: 1 } },
            { type: "ok", process, f: "init", timeNs: 0, value: { x: 1 } },
            { type: "invoke", process, f: "txn", timeNs: 0, value: [["r", "x", 1]] },
            { type: "ok", process, f: "txn", timeNs: 0, value: [["r", "x", 1]] },
          ] as const,
      ),
    ),
    /expected one, ok before the first/,
  ],
  [
    "rows beside lists",
    historyWith({ x: 1 }, [["r", "x", null]], [["append", "y", 2]]),
    /expected no lists beside such registers/,
  ],
])("%s is refused", async (_, history, message) => {
  const check = async (): Promise<Verdict> => transactional().check(history, createBudget());
  await expect(check).rejects.toThrow(message);
});

test("an empty list is one that nobody appended to", async () => {
  const history = historyWith({ x: [] }, [["append", "x", 2]], [["r", "x", [2]]]);
  expect(await ask(history, { level: "strict-serializable" })).toMatchObject({ verdict: "valid" });
});
