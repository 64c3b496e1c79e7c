/** JSON, JUnit, Markdown and terminal: the reports that are text. */
import { describe, expect, test } from "vitest";
import type { Verdict } from "../src/verdict/verdict.js";
import {
  emptyReport,
  hostileReport,
  staleReadReport,
  unknownReport,
  validReport,
} from "./fixtures/reports.js";
import { historyOf } from "../src/history/history.js";
import {
  htmlReport,
  jsonReport,
  junitReport,
  markdownReport,
  terminalSummary,
  type CheckReportInput,
} from "./index.js";

const all = [
  staleReadReport(),
  validReport({ keys: 3 }),
  unknownReport(),
  emptyReport(),
  hostileReport(),
];

describe("jsonReport", () => {
  test.each(all)("reads back as the same result ($result.verdict.verdict)", ({ result }) => {
    expect(JSON.parse(jsonReport(result))).toEqual(result);
  });

  test("is the same text in whatever order the properties were made", () => {
    const { result } = staleReadReport();
    const turned = Object.fromEntries(Object.entries(result).toReversed()) as typeof result;
    expect(Object.keys(turned)).not.toEqual(Object.keys(result));
    expect(jsonReport(turned)).toBe(jsonReport(result));
  });

  test("numbers fill their lines", () => {
    const lines = jsonReport(validReport({ operations: 3000 }).result).split("\n");
    expect(lines.length).toBeLessThan(500);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
  });
});

describe("junitReport", () => {
  test("valid passes", () => {
    const xml = junitReport(validReport());
    expect(xml).toContain('tests="1" failures="0" errors="0"');
    expect(xml).not.toMatch(/<failure|<error/);
  });

  test("invalid fails, with the drawing and the command", () => {
    const xml = junitReport(staleReadReport());
    expect(xml).toContain('tests="1" failures="1" errors="0"');
    expect(xml).toMatch(
      /<failure message="the history is not linearizable[^"]*" type="not-linearizable">/,
    );
    expect(xml).toContain("├─ read → ");
    expect(xml).toContain("Replay: npx ordeal run");
  });

  test("a level of isolation is told with what is ruled out, and what holds", () => {
    const verdict: Verdict = {
      checker: "transactional",
      verdict: "invalid",
      reason: "lost-update: of x",
      anomalies: [],
      operations: 2,
      elapsedMs: 1,
      details: {
        levels: [
          { level: "prefix", verdict: "valid", why: "one order", base: "prefix" },
          { level: "read-atomic", verdict: "valid", why: "it follows", base: "read-atomic" },
          { level: "serializable", verdict: "invalid", why: "", by: "G2", base: "serializable" },
        ],
        strongest: ["prefix"],
        next: ["serializable"],
      },
    };
    const xml = junitReport({ history: historyOf([]), verdict, title: "two" });
    expect(xml).toContain("Ruled out: serializable (G2)");
    expect(xml).toContain("Holds: prefix, and 1 weaker level with it");
  });

  test("unknown is an error, never a pass", () => {
    const xml = junitReport(unknownReport());
    expect(xml).toContain('failures="0" errors="1"');
    expect(xml).toContain("<error ");
  });

  test("each checker is a case", () => {
    const input = unknownReport();
    const { verdict } = input.result;
    const valid: Verdict = { ...verdict, verdict: "valid", reason: "fine" };
    const merged: Verdict = { ...verdict, parts: { register: valid, stats: verdict } };
    const xml = junitReport({ ...input, result: { ...input.result, verdict: merged } });
    expect(xml).toContain('tests="3" failures="0" errors="2"');
    expect(xml).toMatch(/name="register" time="[\d.]+"\/>/);
  });

  test("holds no character and no tag that XML cannot", () => {
    const xml = junitReport(hostileReport());
    // oxlint-disable-next-line no-control-regex -- these are the characters in question
    expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
    expect(xml).not.toContain("<script");
    expect(xml).not.toContain("<img");
  });
});

describe("markdownReport", () => {
  test("shows verdict, drawing and commands", () => {
    const text = markdownReport(staleReadReport());
    expect(text).toMatch(/^## ❌ INVALID: register on primary-backup\n/);
    expect(text).toContain("### Counterexample: 3 operations, from ");
    expect(text).toContain("| Seed | 42 |");
    expect(text).toContain("```sh\nnpx ordeal run register");
  });

  test("unknown does not look like a pass", () => {
    expect(markdownReport(unknownReport())).toMatch(/^## ❔ UNKNOWN/);
  });

  test("HTML in a history stays text", () => {
    const outside = markdownReport(hostileReport()).replaceAll(/^```[^]*?^```$/gm, "");
    expect(outside).not.toMatch(/<(?:script|img)/);
  });
});

describe("terminalSummary", () => {
  test("without colour there is no escape character", () => {
    for (const input of all) {
      // oxlint-disable-next-line no-control-regex -- the character in question
      expect(terminalSummary(input, { color: false, width: 80 })).not.toMatch(/\u001b/);
    }
  });

  test("with colour it says the same", () => {
    const input = staleReadReport();
    const coloured = terminalSummary(input, { color: true, width: 100 });
    expect(coloured).toContain("\u001b[");
    // oxlint-disable-next-line no-control-regex -- the character in question
    const plain = coloured.replaceAll(/\u001b\[\d+m/g, "").replace(" ✗ INVALID  ", "✗ INVALID ");
    expect(plain).toBe(terminalSummary(input, { color: false, width: 100 }));
  });

  test("keeps to the width, but for the command that one copies", () => {
    const lines = terminalSummary(staleReadReport(), { color: false, width: 60 }).split("\n");
    for (const line of lines.filter((each) => !each.includes("replay"))) {
      expect(line.length).toBeLessThanOrEqual(60);
    }
  });

  test("works for a history without a run", () => {
    const { history, result } = unknownReport();
    const input = { title: "history.edn", verdict: result.verdict, history };
    const text = terminalSummary(input, { color: false, width: 80 });
    expect(text).toMatch(/^\? UNKNOWN history\.edn\n/);
    expect(text).toContain("2 faults");
    expect(text).not.toContain("replay");
  });
});

describe("a history without times", () => {
  const events = [
    { type: "invoke", process: 0, f: "write", value: 1 },
    { type: "ok", process: 0, f: "write", value: 1 },
    { type: "invoke", process: 1, f: "read", value: null },
    { type: "ok", process: 1, f: "read", value: null },
  ] as const;
  const verdict: Verdict = {
    verdict: "invalid",
    checker: "linearizable",
    reason: "stale",
    operations: 2,
    elapsedMs: 1,
    anomalies: [],
    certificate: {
      kind: "non-linearizable",
      model: { name: "register", options: {} },
      part: null,
      required: [0, 2],
      forgotten: [],
      minimal: true,
    },
  };
  const inputWith = (nanoseconds: number): CheckReportInput => ({
    title: "h.log",
    verdict,
    history: historyOf(
      events.map((event, index) => Object.assign({ timeNs: index * nanoseconds }, event)),
    ),
  });

  test("is told by the places of its events, in every report", () => {
    const untimed = inputWith(1);
    expect(terminalSummary(untimed, { color: false, width: 100 })).not.toMatch(/ ns| ms|fault/);
    expect(markdownReport(untimed)).toContain("from event 0");
    expect(markdownReport(untimed)).not.toContain("Duration");
    expect(htmlReport(untimed)).toContain("<td>event 2</td>");
    expect(htmlReport(untimed)).not.toContain("Latency over time");
  });

  test("one with times is told by them", () => {
    const timed = inputWith(1e6);
    expect(terminalSummary(timed, { color: false, width: 100 })).toContain("in 3 ms");
    expect(markdownReport(timed)).toContain("from 0.000 ms");
    expect(htmlReport(timed)).toContain("Latency over time");
  });
});
