/**
 * Every kind of anomaly that checkers of consistency levels name, on a history that has it: told in
 * a sentence with the chain of operations that proves it, drawn, with data for the reports, and
 * with evidence that the verifier confirms. What sources and documentation name is all here, but
 * for linearizability, which says what it excludes in words of its own.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { asciiTimeline, htmlReport, jsonReport, markdownReport } from "../reports/index.js";
import { createBudget } from "../src/checker/checker.js";
import { makeChecker } from "../src/cli/catalog.js";
import type { LevelName } from "../src/consistency/level.js";
import { historyOf, INVOKE } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { counter } from "../src/model/counter.js";
import { log } from "../src/model/log.js";
import type { Model } from "../src/model/model.js";
import { register } from "../src/model/register.js";
import { set } from "../src/model/set.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { operations, type OperationRow } from "./oracle/events.js";

const write = (process: number, key: string, value: Value): OperationRow => {
  return [process, "write", value, value, "ok", key];
};
const read = (process: number, key: string, value: Value): OperationRow => {
  return [process, "read", null, value, "ok", key];
};
const add = (process: number, value: Value, key = "x"): OperationRow => {
  return [process, "add", value, null, "ok", key];
};
const append = (process: number, value: Value): OperationRow => {
  return [process, "append", value, null, "ok", "x"];
};

const storeBuffering: readonly OperationRow[] = [
  write(0, "x", 1),
  write(1, "y", 1),
  read(0, "y", null),
  read(1, "x", null),
];
const forgotten: readonly OperationRow[] = [add(0, 1), read(0, "x", [])];
const swapped: readonly OperationRow[] = [append(0, "a"), append(0, "b"), read(1, "x", ["b", "a"])];
const stepped: readonly OperationRow[] = [
  [0, "add", 1, null, "ok", "x"],
  [0, "read", null, 0, "ok", "x"],
];

type Case = readonly [LevelName, kind: string, rows: readonly OperationRow[]];

const REGISTERS: readonly Case[] = [
  ["sequential", "not-sequentially-consistent", storeBuffering],
  ["causal", "thin-air-read", [write(0, "x", 1), read(1, "x", 7)]],
  [
    "causal",
    "causality-cycle",
    [read(0, "y", 1), write(0, "x", 1), read(1, "x", 1), write(1, "y", 1)],
  ],
  [
    "causal",
    "causally-overwritten-read",
    [write(0, "x", 1), write(0, "x", 2), read(1, "x", 2), read(1, "x", 1)],
  ],
  [
    "causal",
    "stale-initial-read",
    [write(0, "x", 1), write(0, "y", 1), read(1, "y", 1), read(1, "x", null)],
  ],
  [
    "causal-convergence",
    "diverging-writes",
    [write(0, "x", 1), write(1, "x", 2), read(0, "x", 2), read(1, "x", 1)],
  ],
  [
    "causal-memory",
    "view-cycle",
    [write(0, "x", 1), write(1, "x", 2), read(1, "x", 1), read(1, "x", 2)],
  ],
  [
    "causal-memory",
    "stale-initial-view",
    [
      write(0, "y", 1),
      write(0, "x", 1),
      write(0, "z", 1),
      write(1, "x", 2),
      read(1, "y", null),
      read(1, "z", 1),
      read(1, "x", 2),
    ],
  ],
  ["pram", "view-cycle", [write(0, "x", 1), write(0, "x", 2), read(1, "x", 2), read(1, "x", 1)]],
  ["read-your-writes", "read-your-writes-violation", [write(0, "x", 1), read(0, "x", null)]],
  [
    "monotonic-reads",
    "monotonic-reads-violation",
    [write(0, "x", 1), read(1, "x", 1), read(1, "x", null)],
  ],
  ["monotonic-writes", "thin-air-read", [write(0, "x", 1), read(1, "x", 7)]],
  ["writes-follow-reads", "writes-follow-reads-violation", [read(0, "x", 1), write(0, "x", 1)]],
  ["session-guarantees", "read-your-writes-violation", [write(0, "x", 1), read(0, "x", null)]],
];

const SETS: readonly Case[] = [
  ["sequential", "not-sequentially-consistent", forgotten],
  ["causal", "thin-air-read", [add(0, 1), read(1, "x", [1, 9])]],
  ["causal", "repeated-element", [add(0, 1), read(1, "x", [1, 1])]],
  ["causal", "refused-addition", [[0, "add", 1, false, "ok", "x"]]],
  [
    "causal",
    "causality-cycle",
    [read(0, "x", ["b"]), add(0, "a"), read(1, "x", ["a"]), add(1, "b")],
  ],
  [
    "causal",
    "missing-element",
    [add(0, "a"), read(1, "x", ["a"]), add(1, "b"), read(2, "x", ["b"])],
  ],
  ["read-your-writes", "read-your-writes-violation", forgotten],
  [
    "monotonic-reads",
    "monotonic-reads-violation",
    [add(0, 1), read(1, "x", [1]), read(1, "x", [])],
  ],
  ["session-guarantees", "read-your-writes-violation", forgotten],
];

const LOGS: readonly Case[] = [
  ["causal", "misplaced-element", swapped],
  [
    "causal-convergence",
    "diverging-lists",
    [append(0, "a"), append(1, "b"), read(0, "x", ["a", "b"]), read(1, "x", ["b", "a"])],
  ],
  [
    "causal-memory",
    "view-cycle",
    [append(0, "a"), append(1, "b"), read(2, "x", ["a"]), read(2, "x", ["b", "a"])],
  ],
  ["pram", "view-cycle", swapped],
  ["monotonic-writes", "monotonic-writes-violation", swapped],
  [
    "writes-follow-reads",
    "writes-follow-reads-violation",
    [append(0, "a"), read(1, "x", ["a"]), append(1, "b"), read(2, "x", ["b", "a"])],
  ],
];

/** An object of which nothing is known but its steps. */
const OBJECTS: readonly Case[] = (
  ["causal", "causal-convergence", "causal-memory", "pram", "read-your-writes"] as const
).map((level) => [level, `${level}-violation`, stepped]);

const CASES: readonly (readonly [string, LevelName, string, Model, readonly OperationRow[]])[] = [
  ...REGISTERS.map((each) => ["registers", register(), each] as const),
  ...SETS.map((each) => ["sets", set(), each] as const),
  ...LOGS.map((each) => ["logs", log(), each] as const),
  ...OBJECTS.map((each) => ["counters", counter(), each] as const),
].map(([name, model, [level, kind, rows]]) => [name, level, kind, model, rows] as const);

describe.each(CASES)("%s, %s: %s", (name, level, kind, model, rows) => {
  const history = historyOf(operations(0, ...rows));
  const ask = async () => makeChecker(level, model).check(history, createBudget());

  test("is found, and the evidence is confirmed", async () => {
    const { verdict, certificate, anomalies, reason } = await ask();
    expect(`${verdict}: ${reason}`).toMatch(/^invalid: /);
    expect(anomalies.map((anomaly) => anomaly.kind)).toEqual([kind]);
    if (certificate === undefined) expect.fail("no certificate");
    const about = { certificate, history, model, budget: createBudget() };
    expect(verifyCertificate(about)).toMatchObject({ confirmed: true });
  });

  test("is told with the operations that prove it, drawn, and handed on", async () => {
    const verdict = await ask();
    const [anomaly] = verdict.anomalies;
    if (anomaly === undefined) expect.fail("nothing was found");
    const { message, operations: named, details = {} } = anomaly;
    expect(message).toMatch(/^[A-Z].*\.$/s);
    expect(named.length).toBeGreaterThan(0);
    const drawing = asciiTimeline(history, named);
    expect([...drawing.matchAll(/├[─┄] /g)]).toHaveLength(named.length);
    for (const index of named) {
      expect(history.types[index]).toBe(INVOKE);
      // The sentence is the chain: each of the operations is in it.
      expect(message).toContain(`(event ${index})`);
    }
    expect(Object.keys(details).length).toBeGreaterThan(0);
    const json = JSON.parse(jsonReport(verdict)) as { readonly anomalies: unknown };
    expect(json.anomalies).toEqual(JSON.parse(JSON.stringify(verdict.anomalies)));
    const input = { title: name, verdict, history };
    const inOneLine = (text: string): string => text.replaceAll("\\", "").replaceAll(/\s+/g, " ");
    expect(inOneLine(markdownReport(input))).toContain(inOneLine(message));
    expect(htmlReport(input).includes("Counterexample")).toBe(true);
  });
});

test("no kind that the sources or the documentation name is left out", () => {
  const root = fileURLToPath(new URL("../", import.meta.url));
  const textOf = (path: string): string => readFileSync(join(root, path), "utf8");
  const kindsIn = (text: string, pattern: RegExp): readonly string[] =>
    Array.from(text.matchAll(pattern), (match) => match[1] as string);
  const sources = ["checkers/causal.ts", "checkers/sessions.ts", "checkers/sequential/explain.ts"];
  const named = kindsIn(sources.map(textOf).join("\n"), / kind: "([a-z]+(?:-[a-z]+)+)"/g)
    // Not anomalies, but certificates.
    .filter((kind) => kind !== "causal-order" && kind !== "arbitration");
  const table = /\| level \| holds exactly when[^]*?\n\n/.exec(textOf("docs/consistency.md"))?.[0];
  const rows = (table ?? "").trim().split("\n").slice(2);
  const cells = rows.map((row) => row.split(" | ").at(-1) ?? "");
  const documented = kindsIn(cells.join("\n"), /`([a-z]+(?:-[a-z]+)+)`/g);
  expect(named.length).toBeGreaterThan(9);
  expect(documented.length).toBeGreaterThan(8);
  const shown = new Set(CASES.map(([, , kind]) => kind));
  expect([...new Set([...named, ...documented])].filter((kind) => !shown.has(kind))).toEqual([]);
});
