/** Reports of anomalies without certificate: each kind is told and drawn. */
import { describe, expect, test } from "vitest";
import { historyOf, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import type { Anomaly, Verdict } from "../src/verdict/verdict.js";
import { anomalyKindsOf, focusOf } from "./anomaly-kinds.js";
import { htmlReport } from "./html.js";
import { embed } from "./html/embed.js";
import { markdownReport } from "./markdown.js";
import { formatAround } from "./operation-label.js";
import { subjectOf } from "./report-input.js";
import { terminalSummary } from "./terminal.js";

const elements = Array.from({ length: 30 }, (_, i) => i).filter((i) => i !== 7);
const rows: readonly (readonly [number, string, Value, Value])[] = [
  [0, "add", 7, null],
  [1, "read", null, elements],
  [2, "add", 99, null],
  [2, "read", null, [1, 1]],
];
const history = historyOf(
  rows.flatMap(([process, f, input, output], i): NewEvent[] => [
    { type: "invoke", process, f, value: input, timeNs: i * 2e6 },
    { type: "ok", process, f, value: output, timeNs: i * 2e6 + 1e6 },
  ]),
);

const lost: Anomaly = {
  kind: "lost-element",
  message: "The read misses 7.",
  operations: [0, 2],
  details: { element: 7 },
};
const doubled: Anomaly = {
  kind: "duplicated-element",
  message: "The read lists 1 twice.",
  operations: [6],
  details: { element: 1 },
};
const verdict: Verdict = {
  verdict: "invalid",
  checker: "set-full",
  reason: "The read misses 7. (And 3 more.)",
  operations: 4,
  elapsedMs: 1,
  anomalies: [lost, { ...lost, message: "The read misses 8." }, doubled],
  details: { anomalies: { "lost-element": 3, "duplicated-element": 1 } },
};
const input = { title: "made up", verdict, history };

test("kinds are counted, in the verdict's order", () => {
  expect(anomalyKindsOf(verdict, history)).toMatchObject([
    { kind: "lost-element", count: 3, first: lost, operations: [0, 2] },
    { kind: "duplicated-element", count: 1, first: doubled, operations: [6] },
  ]);
  const proved: Verdict = {
    ...verdict,
    certificate: {
      kind: "linearization",
      model: { name: "register", options: {} },
      parts: [],
    },
  };
  expect(anomalyKindsOf(proved, history)).toEqual([]);
});

describe("long lists are cut around what an anomaly is about", () => {
  test.each<[Value, readonly Value[], string]>([
    [elements, [7], "[29 elements, no 7]"],
    [elements, [8], "[…, 8, …]"],
    [elements, [8, 7], "[…, 8, …, no 7]"],
    [[1, 2], [7], "[1, 2]"],
    [{ a: elements.map((i): Value => [i * 2, i]), b: [] }, [5], "{a: […, [10, 5], …], b: []}"],
    [elements.slice(0, 6), [], "[0, 1, 2, 3, 4, 5]"],
    ["x", [7], "x"],
  ])("%j around %j", (value, focus, expected) => {
    expect(formatAround(value, focus)).toBe(expected);
  });

  test("which is what its details name", () => {
    expect(focusOf(lost)).toEqual([7]);
    expect(focusOf({ ...lost, details: { seen: 2, missing: 1, place: "n1" } })).toEqual([1, 2]);
    expect(focusOf({ ...lost, details: { elements: [3, 4] } })).toEqual([3, 4]);
    expect(focusOf({ kind: "x", message: "y", operations: [] })).toEqual([]);
  });
});

test("the terminal draws the first of each kind", () => {
  const text = terminalSummary(input, { color: false, width: 100 });
  expect(text).toContain(`
  process 0  ├─ add 7 ─┤
  process 1              ├─ read → [29 elements, no 7] ─┤`);
  expect(text).toContain(`
  Also duplicated-element: The read lists 1 twice.

  process 2  ├─ read → [1, 1] ─┤`);
});

test("Markdown too", () => {
  const text = markdownReport(input);
  expect(text).toContain("process 1              ├─ read → [29 elements, no 7] ─┤");
  expect(text).toContain("### duplicated-element\n\nThe read lists 1 twice.\n\n```\nprocess 2");
});

test("the page names the anomaly above its timeline, and lists the kinds", () => {
  const page = htmlReport(input);
  expect(page).toContain('<h2 id="timeline-title">Counterexample: lost-element</h2>');
  expect(page).toContain('<p class="lead">The read misses 7.</p>');
  expect(page).toContain("<li><strong>lost-element</strong>: 3<details>");
  expect(page).toContain("1 more of them</summary><ul><li>The read misses 8.</li></ul>");
  expect(page).toContain("<h3>duplicated-element</h3><p>The read lists 1 twice.</p><pre>process 2");
  expect(page).toContain("<code>read → [29 elements, no 7]</code>");
});

test("the page's timeline has the labels that show it", () => {
  const { data } = embed(subjectOf(input));
  expect(data.counterexample).toMatchObject({
    required: [0, 1],
    captions: ["add 7", "read → [29 elements, no 7]"],
  });
});
