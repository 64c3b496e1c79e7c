/**
 * Monotonic atomic view, read atomic and causal consistency of transactions against their
 * definitions, on random histories of up to five transactions on registers, with indeterminate and
 * failed ones, reads of what is intermediate, aborted or nobody's, and repeated values; every
 * certificate goes through the verifier.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { createRandom } from "../src/random.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import type { Kept, SmallTransaction } from "../test/oracle/isolation.js";
import { randomCommittedLists } from "../test/oracle/random-committed.js";
import { randomReads, spread } from "../test/oracle/random-reads.js";
import { historyOfRegisters } from "../test/oracle/small-registers.js";
import type { RegisterTransaction } from "../test/oracle/register-isolation.js";
import { listHistory, randomLists } from "../test/oracle/random-lists.js";
import { listsHold } from "../test/oracle/weak-lists.js";
import { weakHolds, type WeakLevel } from "../test/oracle/weak-isolation.js";
import { transactional } from "./transactional.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 1_500);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_126);

const LEVELS: readonly WeakLevel[] = ["monotonic-atomic-view", "read-atomic", "causal-cerone"];
const KEPT: readonly (readonly [Kept, string])[] = [
  ["nothing", ""],
  ["session", "strong-session-"],
  ["realtime", "strong-"],
];

describe.each(KEPT)("keeping %s", (kept, prefix) => {
  test.each(LEVELS)("%s", { timeout: 3_600_000 }, async (level) => {
    const counts = { valid: 0, invalid: 0, unknown: 0 };
    let ambiguous = 0;
    for (let number = 0; number < HISTORIES; number++) {
      const random = createRandom(SEED + number);
      const made = randomReads(random);
      const transactions = random.chance(0.5) ? made : spread(made, random);
      const history = historyOfRegisters(transactions);
      const checker = transactional({ level: `${prefix}${level}` });
      const verdict = await checker.check(history, createBudget());
      counts[verdict.verdict]++;
      const about = (): string =>
        `seed ${SEED + number}, ${prefix}${level}: ${verdict.reason}\n${JSON.stringify(transactions)}`;
      const hasOk = transactions.some(({ outcome }) => outcome === "ok");
      if (verdict.verdict === "unknown") {
        if (hasRepeated(transactions)) ambiguous++;
        else if (hasOk) expect.fail(about());
        continue;
      }
      const expected = weakHolds(transactions, level, kept) ? "valid" : "invalid";
      if (verdict.verdict !== expected) expect.fail(about());
      const { certificate } = verdict;
      if (certificate === undefined) expect.fail(about());
      const verified = verifyCertificate({ certificate, history, budget: createBudget() });
      if (!verified.confirmed) expect.fail(`${verified.reason}\n${about()}`);
    }
    expect(counts.valid).toBeGreaterThan(HISTORIES / 6);
    expect(counts.invalid).toBeGreaterThan(HISTORIES / 6);
    expect(ambiguous).toBeLessThan(HISTORIES / 5);
  });
});

describe.each(KEPT)("lists, keeping %s", (kept, prefix) => {
  test.each(LEVELS)("%s: what is said is right", { timeout: 3_600_000 }, async (level) => {
    const counts = { valid: 0, invalid: 0, unknown: 0 };
    for (let number = 0; number < HISTORIES; number++) {
      const random = createRandom(SEED + number);
      const transactions = number % 3 === 2 ? randomCommittedLists(random) : randomLists(random);
      const history = listHistory(transactions);
      const checker = transactional({ level: `${prefix}${level}` });
      const verdict = await checker.check(history, createBudget());
      counts[verdict.verdict]++;
      if (verdict.verdict === "unknown") continue;
      const about = (): string =>
        `seed ${SEED + number}, ${prefix}${level}: ${verdict.reason}\n${JSON.stringify(transactions)}`;
      const isInternal = verdict.anomalies.some(({ kind }) => kind === "internal");
      const expected = listsHold(transactions, level, kept) ? "valid" : "invalid";
      if (verdict.verdict !== expected && !isInternal) expect.fail(about());
      // The definitions say nothing of what a transaction appended itself: an atomic view has it.
      if (level === "monotonic-atomic-view") {
        const misses = transactions.some(missesOwn);
        if (isInternal ? !misses : misses && verdict.verdict === "valid") expect.fail(about());
      }
      const { certificate } = verdict;
      if (certificate === undefined) expect.fail(about());
      const verified = verifyCertificate({ certificate, history, budget: createBudget() });
      if (!verified.confirmed) expect.fail(`${verified.reason}\n${about()}`);
    }
    expect(counts.valid).toBeGreaterThan(HISTORIES / 6);
    expect(counts.invalid).toBeGreaterThan(HISTORIES / 40);
    expect(counts.unknown).toBeLessThan(HISTORIES / 12);
  });
});

/** Whether it reads a list without what it had appended. */
function missesOwn({ outcome, micro }: SmallTransaction): boolean {
  return micro.some(
    ({ f, key, value }, at) =>
      f === "r" &&
      outcome === "ok" &&
      micro
        .slice(0, at)
        .some((own) => own.f === "append" && own.key === key && !(value ?? []).includes(own.value)),
  );
}

function hasRepeated(transactions: readonly RegisterTransaction[]): boolean {
  const written = transactions.flatMap(({ micro }) =>
    micro.flatMap(({ f, key, value }) => (f === "w" ? [`${key} ${value}`] : [])),
  );
  return new Set(written).size < written.length;
}
