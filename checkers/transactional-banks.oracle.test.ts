/**
 * Banks at levels at which transfers may lose each other's money, against every version that each
 * read of an account may be of, on histories of at most four transactions. All is decided, so, and
 * with evidence that holds.
 */
import { expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { createRandom } from "../src/random.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { bankHolds, type BankLevel } from "../test/oracle/bank-registers.js";
import type { Kept } from "../test/oracle/isolation.js";
import { bankHistory, firstsOf, randomBank } from "../test/oracle/random-counters.js";
import { transactional } from "./transactional.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 100);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_128);

const LEVELS = [
  "read-committed",
  "monotonic-view",
  "monotonic-snapshot-read",
  "monotonic-atomic-view",
  "read-atomic",
  "causal-cerone",
  "update-atomic",
  "prefix",
] as const satisfies readonly BankLevel[];

const PREFIXES: { readonly [kept in Kept]: string } = {
  nothing: "",
  session: "strong-session-",
  realtime: "strong-",
};
const KEPT = Object.keys(PREFIXES) as readonly Kept[];

test.each(LEVELS)("%s", { timeout: 3_600_000 }, async (level) => {
  const seen = { valid: 0, invalid: 0, unknown: 0, ofRegisters: 0 };
  for (let seed = SEED; seed < SEED + HISTORIES; seed++) {
    const { transactions, initial } = randomBank(createRandom(seed));
    const small = transactions.slice(0, 4);
    const functions = new Set(small.map(({ micro }) => micro[0]?.f));
    if (functions.size < 2) continue;
    const kept = KEPT[seed % 3] as Kept;
    const name = `${PREFIXES[kept]}${level}`;
    const history = bankHistory(small, initial);
    const verdict = await transactional({ level: name }).check(history, createBudget());
    seen[verdict.verdict]++;
    if (verdict.verdict === "unknown") {
      // Only where nothing completed.
      expect(verdict.reason).toMatch(/^Nothing was proved/u);
      continue;
    }
    const about = `${name} of seed ${seed}: ${verdict.reason}`;
    const firsts = initial === undefined ? firstsOf(small) : [initial];
    const truth = firsts.some((first) => bankHolds(level, small, { kept, first }));
    expect(`${verdict.verdict}, ${about}`).toBe(`${truth ? "valid" : "invalid"}, ${about}`);
    const { certificate } = verdict;
    if (certificate === undefined) throw new Error(`${about}: no certificate`);
    const verified = verifyCertificate({ certificate, history, budget: createBudget() });
    expect(verified, about).toMatchObject({ confirmed: true });
    if (JSON.stringify(certificate).includes('"balances"')) seen.ofRegisters++;
  }
  expect(seen.valid).toBeGreaterThan(HISTORIES / 20);
  expect(seen.invalid).toBeGreaterThan(HISTORIES / 400);
  // What is committed is mostly shown by an order of increments.
  const least = level === "read-committed" ? -1 : HISTORIES / 100;
  expect(seen.ofRegisters).toBeGreaterThan(least);
  expect(seen.unknown).toBeLessThan(HISTORIES / 5);
});
