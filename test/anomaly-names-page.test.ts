/**
 * The names that anomalies have elsewhere, in docs/transactions.md: each example has the anomaly
 * that the table names, at the level that it names, with evidence that is confirmed.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { decideIsolation } from "./judge-isolation.js";

const page = readFileSync(
  fileURLToPath(new URL("../docs/transactions.md", import.meta.url)),
  "utf8",
);
const table = /<!-- names:begin -->([\s\S]*?)<!-- names:end -->/.exec(page)?.[1] ?? "";
const rows = table
  .split("\n")
  .filter((line) => line.includes("`"))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map(([, name = "", kind = "", level = "", example = ""]) => ({
    name,
    kind: kind.replaceAll("`", ""),
    level,
    example,
  }));

/** `r x [1 2] append y 1` as micro-operations. */
function microsOf(text: string): readonly Value[] {
  return [...text.matchAll(/(r|append) (\w+) (\[[\d ]*\]|\d+)/g)].map(([, f, key, value = ""]) => [
    f as string,
    key as string,
    JSON.parse(value.replaceAll(" ", ",")) as Value,
  ]);
}

/** Sessions beside each other begin at once; the next of a session begins when all have ended. */
function historyFrom(example: string): History {
  const sessions = example.split(" beside ").map((session) => session.split(" then "));
  const events: NewEvent[] = [];
  for (let round = 0; round < 2; round++) {
    for (const type of ["invoke", "ok"] as const) {
      for (const [process, session] of sessions.entries()) {
        const text = session[round];
        if (text === undefined) continue;
        events.push({ type, process, f: "txn", value: microsOf(text), timeNs: 0 });
      }
    }
  }
  return historyOf(events);
}

test("the table has its rows", () => {
  expect(rows.length).toBeGreaterThanOrEqual(8);
});

test.each(rows)("$name is $kind", async ({ kind, level, example }) => {
  const history = historyFrom(example);
  const verdict = await decideIsolation(history, level);
  expect(verdict.verdict).toBe("invalid");
  expect(verdict.anomalies.map((each) => each.kind)).toContain(kind);
});
