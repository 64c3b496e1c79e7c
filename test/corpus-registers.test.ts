/**
 * Small histories of transactions on registers whose levels were found by brute force: nothing is
 * assumed of their versions, so that what is undecided may be, but nothing may be wrong.
 *
 * The files are not part of this repository; `ORDEAL_CORPUS` is the folder that holds them.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { transactional } from "../checkers/transactional.js";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { verifyCertificate } from "../src/verdict/verify.js";

const PATH = join(
  process.env["ORDEAL_CORPUS"] ?? "../shared/corpus",
  "transactional/oracle-small.jsonl",
);

type Micro = readonly [f: "r" | "w", key: number, value: number];

interface Case {
  readonly id: string;
  readonly sessions: readonly (readonly (readonly Micro[])[])[];
  /** Null where the labeller ran out of budget. */
  readonly verdict: { readonly [label: string]: boolean | null };
}

/** Labels of the levels that mean the same there. */
const LEVELS: readonly (readonly [label: string, level: string])[] = [
  ["ra", "strong-session-read-atomic"],
  ["cc", "strong-session-causal-cerone"],
  ["prefix", "strong-session-prefix"],
  ["si", "strong-session-snapshot-isolation"],
  ["ser", "strong-session-serializable"],
  ["siNoSession", "snapshot-isolation"],
  ["serNoSession", "serializable"],
];

test("no label is contradicted, and every certificate is confirmed", async () => {
  if (!existsSync(PATH)) {
    if (process.env["CI"] === "true") throw new Error(`no corpus at ${PATH}; set ORDEAL_CORPUS`);
    process.stdout.write(`no corpus at ${PATH}: set ORDEAL_CORPUS; not tested\n`);
    return;
  }
  const counts = { valid: 0, invalid: 0, unknown: 0 };
  for (const line of readFileSync(PATH, "utf8").split("\n")) {
    if (line === "") continue;
    const given = JSON.parse(line) as Case;
    const history = historyFrom(given);
    if (history === undefined) continue;
    for (const [label, level] of LEVELS) {
      const expected = given.verdict[label];
      const verdict = await transactional({ level }).check(history, createBudget());
      counts[verdict.verdict]++;
      const { certificate } = verdict;
      if (certificate === undefined) continue;
      const about = `${given.id} at ${level}`;
      if (typeof expected === "boolean") {
        expect(verdict.verdict, about).toBe(expected ? "valid" : "invalid");
      }
      const verified = verifyCertificate({ certificate, history, budget: createBudget() });
      expect(verified, about).toMatchObject({ confirmed: true });
    }
  }
  expect(counts.valid).toBeGreaterThan(500);
  expect(counts.invalid).toBeGreaterThan(1_000);
}, 120_000);

/**
 * One session after the other, since only their own order matters. Where the first session is one
 * transaction that writes 0 to all keys, it stands for the initial state: left out, and 0 is null.
 * Where 0 is written otherwise it cannot be: undefined.
 */
function historyFrom({ sessions }: Case): History | undefined {
  const [first = []] = sessions;
  const isInitial = first.length === 1 && first[0]?.every(([f, , v]) => f === "w" && v === 0);
  const rest = isInitial === true ? sessions.slice(1) : sessions;
  if (rest.some((all) => all.some((each) => each.some(([f, , v]) => f === "w" && v === 0)))) {
    return undefined;
  }
  const events: NewEvent[] = [];
  for (const [process, transactions] of rest.entries()) {
    for (const micro of transactions) {
      const asked = micro.map(([f, key, value]): Value => [f, key, f === "r" ? null : value]);
      const got = micro.map(([f, key, value]): Value => [f, key, value === 0 ? null : value]);
      const about = { process, f: "txn", timeNs: events.length } as const;
      events.push({ ...about, type: "invoke", value: asked }, { ...about, type: "ok", value: got });
    }
  }
  return historyOf(events);
}
