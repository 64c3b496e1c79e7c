/** Asks about transactions, and holds the evidence against the independent verifier. */
import { expect } from "vitest";
import { transactional } from "../checkers/transactional.js";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import type { Certificate } from "../src/verdict/certificate.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { verifyCertificate } from "../src/verdict/verify.js";

/** The verdict, whose evidence is confirmed. */
export async function judgeIsolation(level: string, history: History): Promise<Verdict> {
  const verdict = await transactional({ level }).check(history, createBudget());
  const { certificate } = verdict;
  if (certificate !== undefined) {
    const verified = verifyCertificate({ certificate, history, budget: createBudget() });
    expect(verified, verdict.reason).toMatchObject({ confirmed: true });
  }
  return verdict;
}

/** The same for what has to be decided. */
export async function decideIsolation(history: History, level: string): Promise<Verdict> {
  const verdict = await transactional({ level }).check(history, createBudget());
  const { certificate } = verdict;
  if (certificate === undefined) expect.fail(verdict.reason);
  expect(isConfirmed(certificate, history)).toBe(true);
  return verdict;
}

export function isConfirmed(certificate: Certificate, history: History): boolean {
  return verifyCertificate({ certificate, history, budget: createBudget() }).confirmed;
}

/** A micro-operation, with what it read. */
export type ToldMicro = readonly [
  f: "append" | "w" | "r" | "add" | "inc",
  key: string,
  value: Value,
];

/** Transactions at the same time, each of another process. */
export function together(...rows: readonly (readonly ToldMicro[])[]): History {
  const at = (type: "invoke" | "ok", value: Value, process: number): NewEvent => {
    return { type, process, f: "txn", value, timeNs: 0 };
  };
  const asked = (row: readonly ToldMicro[]): Value =>
    row.map(([f, key, value]) => [f, key, f === "r" ? null : value]);
  return historyOf([
    ...rows.map((row, process) => at("invoke", asked(row), process)),
    ...rows.map((row, process) => at("ok", row, process)),
  ]);
}
