/** Cycles of transactions in the report: each step with its reason, and what it is about. */
import { expect, test } from "vitest";
import { stream } from "../checkers/stream.js";
import { transactional } from "../checkers/transactional.js";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import type { Verdict } from "../src/verdict/verdict.js";
import type { CycleStep } from "./cycle-step.js";
import { cycleOf } from "./cycle.js";
import { htmlReport } from "./html.js";
import { terminalSummary } from "./terminal.js";

/** A transaction before its reads are known. */
function asked(value: Value): Value {
  return (value as readonly Value[]).map((micro) => {
    const [f, key] = micro as readonly [string, Value];
    return f === "r" ? [f, key, null] : micro;
  });
}

/** Transactions that all overlap, by their completions. */
function overlapping(...transactions: readonly Value[]): History {
  const events = (type: "invoke" | "ok"): readonly NewEvent[] =>
    transactions.map((value, process) => ({
      process,
      type,
      f: "txn",
      value: type === "ok" ? value : asked(value),
      timeNs: type === "ok" ? 1_000 + process : process,
    }));
  return historyOf([...events("invoke"), ...events("ok")]);
}

async function judge(history: History): Promise<Verdict> {
  return transactional({ level: "serializable" }).check(history, createBudget());
}

async function cycleIn(history: History): Promise<readonly CycleStep[]> {
  return cycleOf(await judge(history), history);
}

const skew = overlapping(
  [
    ["r", "<x>", null],
    ["append", "y", 1],
    ["append", "z", 7],
  ],
  [
    ["r", "y", null],
    ["append", "<x>", 2],
  ],
  [
    ["r", "<x>", [2]],
    ["r", "y", [1]],
    ["r", "z", [7]],
  ],
);

test("write skew: two steps, each by what was read without what the other wrote", async () => {
  const steps = await cycleIn(skew);
  expect(steps.map(({ transaction, next, by }) => [transaction, next, by])).toEqual([
    [steps[0]?.transaction, steps[0]?.next, "rw"],
    [steps[0]?.next, steps[0]?.transaction, "rw"],
  ]);
  const first = steps.find(({ transaction }) => transaction === 0);
  expect(first?.why).toBe('transaction 0 read "<x>" without 2, which transaction 1 wrote.');
  expect(first?.micros).toEqual([
    { text: 'r "<x>" → null', matters: true },
    { text: "append y 1", matters: true },
    { text: "append z 7", matters: false },
  ]);
});

test("registers: the reason of the order of versions is told", async () => {
  const steps = await cycleIn(
    overlapping(
      [
        ["r", "x", null],
        ["w", "y", 1],
      ],
      [
        ["r", "y", null],
        ["w", "x", 2],
      ],
    ),
  );
  expect(steps.find(({ transaction }) => transaction === 0)?.why).toBe(
    "transaction 0 read null of x, and transaction 1 wrote 2 there, which comes after it: the initial value comes first.",
  );
});

test("the page tells it, escaped", async () => {
  const verdict = await judge(skew);
  const page = htmlReport({ title: "skew", verdict, history: skew });
  expect(page).toContain("a cycle of 2 steps");
  expect(page).toContain("back to");
  expect(page).toContain(
    "transaction 0 read &quot;&lt;x&gt;&quot; without 2, which transaction 1 wrote.",
  );
  expect(page).not.toContain("<x>");
});

test("text names transactions as the sentences do, and shows what they did", async () => {
  const verdict = await judge(skew);
  const text = terminalSummary(
    { title: "skew", verdict, history: skew },
    { color: false, width: 100 },
  );
  expect(text).toMatch(/^ +0 {2}txn → \[\[r, "<x>", null\], \[append, y, 1\]/m);
  expect(text).toMatch(/process 1 .*├─ 1 ─+┤/);
});

test("what is no cycle has none", async () => {
  const garbage = overlapping([["r", "x", [9]]]);
  const verdict = await judge(garbage);
  expect(verdict.verdict).toBe("invalid");
  expect(cycleOf(verdict, garbage)).toEqual([]);
  expect(htmlReport({ title: "g", verdict, history: garbage })).not.toContain("cycle-title");
});

test("logs: two transactions, each of which was shown what the other sends behind that", async () => {
  const event = (process: number, type: "invoke" | "ok", value: Value): NewEvent => {
    return { process, type, f: "txn", value, timeNs: 0 };
  };
  const polled = (log: string): Value => ["poll", { [log]: [[0, log === "<a>" ? 1 : 2]] }];
  const history = historyOf([
    event(0, "invoke", [["send", "<a>", 1]]),
    event(0, "ok", [["send", "<a>", [0, 1]]]),
    event(0, "invoke", [["send", "b", 2]]),
    event(0, "ok", [["send", "b", [0, 2]]]),
    event(1, "invoke", [["poll"], ["send", "<a>", 3]]),
    event(2, "invoke", [["poll"], ["send", "b", 4]]),
    event(1, "ok", [polled("b"), ["send", "<a>", [1, 3]]]),
    event(2, "ok", [polled("<a>"), ["send", "b", [1, 4]]]),
  ]);
  const verdict = await stream({ isolation: "serializable" }).check(history, createBudget());
  expect(verdict.anomalies.map(({ kind }) => kind)).toEqual(["G2"]);
  const steps = cycleOf(verdict, history);
  expect(steps.map(({ transaction, next, by }) => [transaction, next, by])).toEqual([
    [4, 5, "rw"],
    [5, 4, "rw"],
  ]);
  expect(steps[0]?.why).toBe(
    "transaction 4 was shown log b up to offset 0, without message 4 at offset 1, which transaction 5 sent.",
  );
  expect(steps[0]?.micros).toEqual([
    { text: "poll b → 2 at 0", matters: true },
    { text: "send <a> 3 at 1", matters: true },
  ]);
  const html = htmlReport({ title: "logs", verdict, history });
  expect(html).toContain("a cycle of 2 steps");
  expect(html).toContain("send &lt;a&gt; 3 at 1");
});
