/**
 * Histories of registers with known verdicts about causal and session promises, among them those of
 * real databases: the answers agree, and the verifier confirms the evidence of each.
 *
 * Only histories whose transactions are single operations are about these promises; for the others
 * see `corpus-isolation.test.ts`. Where several tools call something causal they mean causal
 * convergence; the families say which is meant.
 */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { makeChecker } from "../src/cli/catalog.js";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import { register } from "../src/model/register.js";
import { verifyCertificate } from "../src/verdict/verify.js";

const corpus = resolve(process.env["ORDEAL_CORPUS"] ?? "../shared/corpus", "transactional");
const present = existsSync(resolve(corpus, "causal-cases.jsonl"));
if (!present && process.env["CI"] === "true") {
  throw new Error(`no corpus at ${corpus}; set ORDEAL_CORPUS`);
}

type Access = readonly ["r" | "w", number, number];

interface Case {
  readonly id: string;
  readonly sessions: readonly (readonly unknown[])[];
  readonly verdict: { readonly [promise: string]: unknown };
}

function casesOf(file: string): readonly Case[] {
  const bytes = readFileSync(resolve(corpus, file));
  const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Case);
}

/** The sessions as processes; undefined when a transaction has several operations. */
function singles({ sessions }: Case): readonly (readonly Access[])[] | undefined {
  const accesses = sessions.map((session) =>
    session.map((transaction): Access | undefined => {
      const [first, ...others] = transaction as readonly unknown[];
      if (typeof first === "string") return transaction as Access;
      return others.length === 0 ? (first as Access | undefined) : undefined;
    }),
  );
  if (accesses.some((session) => session.includes(undefined))) return undefined;
  return accesses as readonly (readonly Access[])[];
}

function historyFrom(sessions: readonly (readonly Access[])[]): History {
  const events: NewEvent[] = [];
  const writes = sessions.flat().filter(([op]) => op === "w");
  const written = new Set(writes.map(([, key, value]) => `${key} ${value}`));
  for (const [process, session] of sessions.entries()) {
    for (const [op, key, read] of session) {
      // The initial value is 0, but for those who write 0 themselves.
      const value = read === 0 && !written.has(`${key} 0`) ? null : read;
      const f = op === "r" ? "read" : "write";
      const about = { process, f, key, timeNs: events.length };
      events.push({ ...about, type: "invoke", value: op === "r" ? null : value });
      events.push({ ...about, type: "ok", value });
    }
  }
  return historyOf(events);
}

/** Asks the checker that `ordeal check` asks, and the verifier. */
async function judge(history: History, promise: string): Promise<boolean> {
  const model = register();
  const budget = createBudget();
  const { verdict, certificate, reason } = await makeChecker(promise, model).check(history, budget);
  if (verdict === "unknown" || certificate === undefined) throw new Error(`${verdict}: ${reason}`);
  expect(verifyCertificate({ certificate, history, model, budget })).toMatchObject({
    confirmed: true,
  });
  return verdict === "valid";
}

const PROMISES: { readonly [label: string]: string } = {
  cc: "causal",
  ccv: "causal-convergence",
  cm: "causal-memory",
  pram: "pram",
  ryw: "read-your-writes",
  mr: "monotonic-reads",
  mw: "monotonic-writes",
  wfr: "writes-follow-reads",
  sc: "sequential",
};

/** How the families write it. */
type Label = { readonly valid?: unknown } | string | boolean | null | undefined;
const KNOWN: { readonly [text: string]: boolean | undefined } = {
  true: true,
  false: false,
  valid: true,
  invalid: false,
};

describe.skipIf(!present)(`the corpus at ${corpus} (skipped when it is absent)`, () => {
  test("causal-cases: the examples of the literature, and random histories", async () => {
    const cases = casesOf("causal-cases.jsonl");
    expect(cases.length).toBeGreaterThan(300);
    let compared = 0;
    for (const each of cases) {
      const history = historyFrom(singles(each) ?? []);
      for (const [label, promise] of Object.entries(PROMISES)) {
        const expected = each.verdict[label];
        if (typeof expected !== "boolean") continue;
        compared++;
        const valid = await judge(history, promise);
        expect({ id: each.id, promise, valid }).toEqual({ id: each.id, promise, valid: expected });
      }
    }
    expect(compared).toBeGreaterThan(3_000);
  });

  test("causal-cases: the pattern that is named is one of those that are there", async () => {
    const model = register();
    for (const each of casesOf("causal-cases.jsonl")) {
      const patterns = each.verdict["pattern"] as readonly string[] | undefined;
      if (patterns === undefined) continue;
      const known = patterns.map((pattern) => pattern.replace(/@.*/, ""));
      for (const label of ["cc", "ccv", "cm"]) {
        if (each.verdict[label] === true) continue;
        const checker = makeChecker(PROMISES[label] as string, model);
        const history = historyFrom(singles(each) ?? []);
        const { anomalies } = await checker.check(history, createBudget());
        expect(known).toContain(anomalies[0]?.details?.["pattern"]);
      }
    }
  });

  test.each([
    ["oracle-small.jsonl", 0, 1],
    ["awdit-cases.jsonl", 0, 1],
    ["c4-real-databases.jsonl.gz", 80, 11],
  ])("%s: transactions of one operation", { timeout: 120_000 }, async (file, valid, invalid) => {
    const seen = { valid: 0, invalid: 0 };
    for (const each of casesOf(file)) {
      const sessions = singles(each);
      const label = (each.verdict["cc"] ?? each.verdict["causal"]) as Label;
      const expected = KNOWN[String(label instanceof Object ? label.valid : label)];
      const { aborted } = each as { readonly aborted?: readonly unknown[] };
      if (sessions === undefined || typeof expected !== "boolean" || (aborted?.length ?? 0) > 0) {
        continue;
      }
      const history = historyFrom(sessions);
      const valid = await judge(history, "causal-convergence");
      expect({ id: each.id, valid }).toEqual({ id: each.id, valid: expected });
      seen[valid ? "valid" : "invalid"]++;
    }
    expect(seen).toEqual({ valid, invalid });
  });
});
