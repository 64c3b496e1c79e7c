/**
 * Prefix consistency against its definition on random histories of at most four transactions: of
 * lists, decided both ways, and of registers, where what is said is right. Every certificate goes
 * through the verifier.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import type { History } from "../src/history/history.js";
import { createRandom } from "../src/random.js";
import type { VerdictKind } from "../src/verdict/verdict.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { haveContradictingReads, holdsBySnapshots, type Kept } from "../test/oracle/isolation.js";
import { listHistory, randomLists } from "../test/oracle/random-lists.js";
import { randomReads, readsHistory } from "../test/oracle/random-reads.js";
import { weakHolds } from "../test/oracle/weak-isolation.js";
import { transactional } from "./transactional.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 1_500);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_126);

const KEPT: readonly (readonly [Kept, string])[] = [
  ["nothing", "prefix"],
  ["session", "strong-session-prefix"],
  ["realtime", "strong-prefix"],
];

type Counts = { [verdict in VerdictKind]: number };

async function judge(history: History, level: string, about: string): Promise<VerdictKind> {
  const { verdict, certificate, reason } = await transactional({ level }).check(
    history,
    createBudget(),
  );
  if (verdict === "unknown") return verdict;
  if (certificate === undefined) expect.fail(`no certificate: ${about} ${reason}`);
  const verified = verifyCertificate({ certificate, history, budget: createBudget() });
  if (!verified.confirmed) expect.fail(`${verified.reason}\n${about} ${reason}`);
  return verdict;
}

describe.each(KEPT)("keeping %s", (kept, level) => {
  test("lists", { timeout: 3_600_000 }, async () => {
    const counts: Counts = { valid: 0, invalid: 0, unknown: 0 };
    for (let number = 0; number < HISTORIES; number++) {
      const transactions = randomLists(createRandom(SEED + number));
      // Who appended to what another had not seen yet made a version of its own.
      if (transactions.length > 4 || haveContradictingReads(transactions)) continue;
      const about = `seed ${SEED + number}, ${level}`;
      const verdict = await judge(listHistory(transactions), level, about);
      counts[verdict]++;
      if (verdict === "unknown") {
        if (transactions.some(({ outcome }) => outcome === "ok")) expect.fail(about);
        continue;
      }
      const expected = holdsBySnapshots(transactions, kept, false) ? "valid" : "invalid";
      if (verdict !== expected) expect.fail(`${verdict}, not ${expected}: ${about}`);
    }
    expect(counts.valid).toBeGreaterThan(HISTORIES / 5);
    expect(counts.invalid).toBeGreaterThan(HISTORIES / 50);
  });

  test("registers", { timeout: 3_600_000 }, async () => {
    const counts: Counts = { valid: 0, invalid: 0, unknown: 0 };
    for (let number = 0; number < HISTORIES; number++) {
      const transactions = randomReads(createRandom(SEED + number));
      if (transactions.length > 4) continue;
      const about = `seed ${SEED + number}, ${level}: ${JSON.stringify(transactions)}`;
      const verdict = await judge(readsHistory(transactions), level, about);
      counts[verdict]++;
      if (verdict === "unknown") continue;
      const expected = weakHolds(transactions, "prefix", kept) ? "valid" : "invalid";
      if (verdict !== expected) expect.fail(`${verdict}, not ${expected}: ${about}`);
    }
    expect(counts.valid).toBeGreaterThan(HISTORIES / 20);
    expect(counts.invalid).toBeGreaterThan(HISTORIES / 20);
    expect(counts.unknown).toBeLessThan(HISTORIES / 20);
  });
});
