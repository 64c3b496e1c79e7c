/**
 * Levels in the reports: each with how it is known, and what breaks the first.
 */
import { expect, test } from "vitest";
import { historyOf } from "../src/history/history.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { htmlReport } from "./html.js";
import { levelsOf } from "./levels.js";
import { markdownReport } from "./markdown.js";
import { terminalSummary } from "./terminal.js";

const history = historyOf([
  { process: 0, type: "invoke", f: "write", value: 1, timeNs: 0 },
  { process: 0, type: "ok", f: "write", value: 1, timeNs: 1 },
  { process: 0, type: "invoke", f: "read", value: null, timeNs: 2 },
  { process: 0, type: "ok", f: "read", value: null, timeNs: 3 },
]);

const level = (
  name: string,
  verdict: string,
  more: { follows?: string; why?: string; implies?: readonly string[] } = {},
) => ({ level: name, verdict, elapsedMs: 2, follows: null, why: null, implies: [], ...more });

const verdict: Verdict = {
  verdict: "invalid",
  checker: "strongest",
  reason: "Strongest of what holds: pram. Broken: read-your-writes (stale).",
  operations: 2,
  elapsedMs: 4,
  anomalies: [
    {
      kind: "stale",
      message: "A <session> missed its own write.",
      operations: [0, 2],
      details: { breaks: "read-your-writes" },
    },
  ],
  details: {
    strongest: ["k-atomicity"],
    next: ["read-your-writes"],
    undecided: ["causal"],
    levels: [
      level("linearizable", "invalid", {
        follows: "read-your-writes",
        implies: ["causal", "k-atomicity"],
      }),
      level("causal", "unknown", { why: "Out of time.", implies: ["read-your-writes"] }),
      level("read-your-writes", "invalid"),
      level("k-atomicity", "valid"),
    ],
  },
  parts: {
    "k-atomicity": {
      verdict: "valid",
      checker: "k-atomicity",
      reason: "",
      operations: 2,
      elapsedMs: 2,
      anomalies: [],
      details: { k: 3 },
    },
  },
};

test("what is shown of each level", () => {
  const shown = levelsOf(verdict, history);
  expect(shown?.levels.map(({ level: name, note }) => `${name}: ${note}`)).toEqual([
    "linearizable: falls with read-your-writes",
    "causal: Out of time.",
    "read-your-writes: broken first: checked in 2 ms",
    "k-atomicity: the strongest that holds: checked in 2 ms",
  ]);
  expect(shown?.levels.at(-1)?.measured).toBe("k = 3");
  expect(shown?.broken.map(({ level: name, operations }) => [name, operations])).toEqual([
    ["read-your-writes", [0, 2]],
  ]);
  expect(levelsOf({ ...verdict, checker: "linearizable" }, history)).toBeUndefined();
});

test("the terminal has a line for each, and the evidence once", () => {
  const text = terminalSummary({ title: "a", verdict, history }, { color: false, width: 80 });
  expect(text).toContain("  ✗ linearizable      falls with read-your-writes");
  expect(text).toContain("  ? causal            Out of time.");
  expect(text).toContain("  ✓ k-atomicity       k = 3; the strongest that holds");
  expect(text.match(/missed its own write/g)).toHaveLength(1);
  expect(text).toContain("process 0  ├─ write 1 ─┤ ├─ read → null ─┤");
});

test("the page draws them, strong above weak, and escapes what it is told", () => {
  const page = htmlReport({ title: "a", verdict, history });
  expect(page).toContain("✓ k-atomicity, k = 3");
  expect(page).toContain("A &lt;session&gt; missed its own write.");
  const row = (name: string): number =>
    Number(new RegExp(`<text [^>]*y="(\\d+)">. ${name}`).exec(page)?.[1]);
  expect(row("linearizable")).toBeLessThan(row("causal"));
  expect(row("causal")).toBeLessThan(row("read-your-writes"));
  expect(page.match(/<path d=/g)).toHaveLength(3);
});

test("Markdown has a table", () => {
  const text = markdownReport({ title: "a", verdict, history });
  expect(text).toContain("| ❔ | causal | Out of time. |");
  expect(text).toContain("| ✅ | k-atomicity, k = 3 |");
});
