/** Why no order works, in every report that is read by people. */
import { expect, test } from "vitest";
import { linearizable } from "../checkers/linearizable.js";
import { historyOf, type History } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { casRegister } from "../src/model/cas-register.js";
import { excludedOrdersOf, orderInWords } from "./excluded-orders.js";
import { htmlReport, markdownReport, terminalSummary, type CheckReportInput } from "./index.js";

const budget = { timeMs: 10_000, memoryBytes: 2 ** 28, nowMs: () => 0 };

/** Two writes at once, then reads that see them in different orders. */
const disorder = historyOfCalls(
  ["invoke", 0, "write", 1],
  ["invoke", 1, "write", 2],
  ["ok", 0, "write", 1],
  ["ok", 1, "write", 2],
  ["invoke", 0, "read", null],
  ["ok", 0, "read", 1],
  ["invoke", 1, "read", null],
  ["ok", 1, "read", 2],
);

type Event = readonly [type: "invoke" | "ok", process: number, f: string, value: Value];

function historyOfCalls(...events: readonly Event[]): History {
  return historyOf(
    events.map(([type, process, f, value], timeNs) => ({ type, process, f, value, timeNs })),
  );
}

async function inputOf(history: History): Promise<CheckReportInput> {
  const verdict = await linearizable({ model: casRegister() }).check(history, budget);
  expect(verdict.verdict).toBe("invalid");
  return { title: "h", verdict, history };
}

test("every order is told up to what is impossible in it, and what real time fixes", async () => {
  const { verdict, history } = await inputOf(disorder);
  const excluded = excludedOrdersOf(verdict, history);
  expect(excluded?.complete).toBe(true);
  expect(excluded?.orders.map(orderInWords)).toEqual([
    "after write 2, then read → 1: read → 2 is impossible, for the state is 1",
  ]);
  expect(excluded?.realTime).toContainEqual(["read → 1", "read → 2"]);
});

test("the reports tell them", async () => {
  const input = await inputOf(disorder);
  const terminal = terminalSummary(input, { color: false, width: 80 });
  const markdown = markdownReport(input);
  const page = htmlReport(input);
  for (const text of [terminal, markdown]) {
    expect(text).toContain("No order works:");
    expect(text).toContain("is impossible, for the state is ");
  }
  expect(page).toContain('<h2 id="orders-title">Why no order works</h2>');
  expect(page).toContain('<code class="refused">read → ');
});

test("nothing is told where a checker tells nothing", async () => {
  const { verdict, history } = await inputOf(disorder);
  const anomalies = verdict.anomalies.map((each) => ({ ...each, details: {} }));
  expect(excludedOrdersOf({ ...verdict, anomalies }, history)).toBeUndefined();
});

test("values are text", async () => {
  const text = "<img src=x>";
  const hostile = historyOfCalls(
    ["invoke", 0, "write", text],
    ["ok", 0, "write", text],
    ["invoke", 0, "read", null],
    ["ok", 0, "read", "other"],
    ["invoke", 0, "read", null],
    ["ok", 0, "read", text],
  );
  const input = await inputOf(hostile);
  expect(htmlReport(input)).not.toContain("<img");
  expect(markdownReport(input).replaceAll(/^```[^]*?^```$/gm, "")).not.toMatch(/<img/);
});
