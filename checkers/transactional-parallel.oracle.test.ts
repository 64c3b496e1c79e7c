/**
 * Parallel snapshot isolation, a consistent view and cursor stability against definitions, on
 * random histories of at most five transactions of two sites that hear of each other later: by
 * every order of versions, and parallel snapshot isolation a second time by every order of commits
 * and every relation of who sees whom (Cerone et al. 2015, section 3). On registers all is decided,
 * and every certificate is confirmed; on lists likewise.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import type { History } from "../src/history/history.js";
import { createRandom } from "../src/random.js";
import type { TransactionOrderCertificate } from "../src/verdict/isolation-certificate.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { haveContradictingReads, holdsByPhenomena, type Kept } from "../test/oracle/isolation.js";
import { listHistory } from "../test/oracle/random-lists.js";
import { randomListSites, randomSites } from "../test/oracle/random-sites.js";
import { registersHold } from "../test/oracle/register-isolation.js";
import { historyOfRegisters } from "../test/oracle/small-registers.js";
import { weakHolds } from "../test/oracle/weak-isolation.js";
import { listsHold } from "../test/oracle/weak-lists.js";
import { transactional } from "./transactional.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 400);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_126);

const LEVELS = [
  "parallel-snapshot-isolation",
  "consistent-view",
  "cursor-stability",
  "update-serializable",
] as const;
const PSI = "parallel-snapshot-isolation";
const KEPT: readonly (readonly [Kept, string])[] = [
  ["nothing", ""],
  ["session", "strong-session-"],
  ["realtime", "strong-"],
];
const CASES = LEVELS.flatMap((level) =>
  KEPT.map(([kept, prefix]) => [`${prefix}${level}`, level, kept] as const),
);

async function judge(history: History, level: string, about: string): Promise<Verdict> {
  const verdict = await transactional({ level }).check(history, createBudget());
  const { certificate } = verdict;
  if (certificate === undefined) expect.fail(`${about}: ${verdict.reason}`);
  const verified = verifyCertificate({ certificate, history, budget: createBudget() });
  if (!verified.confirmed) expect.fail(`${about}: ${verified.reason} ${verdict.reason}`);
  return verdict;
}

interface Counts {
  valid: number;
  invalid: number;
  /** Not shown by a level that implies it. */
  alone: number;
}

/** Shown by what no level that implies it would show. */
function isAlone({ manner, readers = [] }: TransactionOrderCertificate): boolean {
  return manner === "commit" || readers.length > 0;
}

describe("registers", () => {
  test.each(CASES)("%s", { timeout: 3_600_000 }, async (name, level, kept) => {
    const counts: Counts = { valid: 0, invalid: 0, alone: 0 };
    for (let number = 0; number < HISTORIES; number++) {
      const transactions = randomSites(createRandom(SEED + number));
      if (transactions.every(({ outcome }) => outcome !== "ok")) continue;
      const about = `seed ${SEED + number}, ${name}`;
      const verdict = await judge(historyOfRegisters(transactions), name, about);
      const holds = registersHold(transactions, level, { kept, rules: [] });
      if (level === PSI) expect(weakHolds(transactions, PSI, kept), about).toBe(holds);
      expect(`${about}: ${verdict.verdict}`).toBe(`${about}: ${holds ? "valid" : "invalid"}`);
      counts[holds ? "valid" : "invalid"]++;
      const { certificate } = verdict;
      if (certificate?.kind === "transaction-order" && isAlone(certificate)) counts.alone++;
    }
    expect(counts.valid).toBeGreaterThan(HISTORIES / 4);
    expect(counts.invalid).toBeGreaterThan(HISTORIES / 40);
    expect(counts.alone).toBeGreaterThan(HISTORIES / 400);
  });
});

describe("lists", () => {
  test.each(CASES)("%s", { timeout: 3_600_000 }, async (name, level, kept) => {
    const counts: Counts = { valid: 0, invalid: 0, alone: 0 };
    for (let number = 0; number < HISTORIES; number++) {
      const transactions = randomListSites(createRandom(SEED + number));
      if (transactions.every(({ outcome }) => outcome !== "ok")) continue;
      const about = `seed ${SEED + number}, ${name}`;
      const history = listHistory(transactions);
      const { verdict, certificate } = await transactional({ level: name }).check(
        history,
        createBudget(),
      );
      if (verdict === "unknown") continue;
      await judge(history, name, about);
      const holds = holdsByPhenomena(transactions, level, kept);
      if (level === PSI && !haveContradictingReads(transactions)) {
        expect(listsHold(transactions, PSI, kept), about).toBe(holds);
      }
      expect(`${about}: ${verdict}`).toBe(`${about}: ${holds ? "valid" : "invalid"}`);
      counts[holds ? "valid" : "invalid"]++;
      if (certificate?.kind === "transaction-order" && isAlone(certificate)) counts.alone++;
    }
    expect(counts.valid + counts.invalid).toBeGreaterThan(HISTORIES * 0.9);
    expect(counts.valid).toBeGreaterThan(HISTORIES / 4);
    expect(counts.invalid).toBeGreaterThan(HISTORIES / 40);
    expect(counts.alone).toBeGreaterThan(HISTORIES / 400);
  });
});
