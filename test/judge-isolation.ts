/** Asks about transactions, and holds the evidence against the independent verifier. */
import { expect } from "vitest";
import { transactional } from "../checkers/transactional.js";
import { createBudget } from "../src/checker/checker.js";
import type { History } from "../src/history/history.js";
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
