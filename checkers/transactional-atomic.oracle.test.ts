/**
 * Update atomicity against its definition, by every order of commits and every relation of who sees
 * whom (Cerone et al. 2015, section 3), and a forward consistent view against its own, by every
 * order of versions and of starts and commits (Adya 1999, chapter 4), on random histories of at
 * most five transactions on registers and lists, one after the other and at two sites that hear of
 * each other later. All is decided, and every certificate is confirmed.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import type { History } from "../src/history/history.js";
import { createRandom, type Random } from "../src/random.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { startsHold } from "../test/oracle/forward-views.js";
import {
  agreesWithItself,
  haveContradictingReads,
  type Kept,
  type SmallTransaction,
} from "../test/oracle/isolation.js";
import { mixedHistory } from "../test/oracle/lists-and-registers.js";
import { listHistory, randomLists } from "../test/oracle/random-lists.js";
import { randomListSites, randomSites } from "../test/oracle/random-sites.js";
import type { RegisterTransaction } from "../test/oracle/register-isolation.js";
import { historyOfRegisters, randomRegisters } from "../test/oracle/small-registers.js";
import { weakHolds } from "../test/oracle/weak-isolation.js";
import { listsHold } from "../test/oracle/weak-lists.js";
import { transactional } from "./transactional.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 300);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_128);
const TIMEOUT_MS = 3_600_000;

const SIZE = { transactionsMin: 2, transactionsMax: 5, writesPerKeyMax: 4 };
const REGISTERS: readonly (readonly [
  string,
  (random: Random) => readonly RegisterTransaction[],
])[] = [
  ["one after the other", (random) => randomRegisters(random, SIZE)],
  ["two sites", randomSites],
];
const LISTS: readonly (readonly [string, (random: Random) => readonly SmallTransaction[]])[] = [
  ["one after the other", randomLists],
  ["two sites", randomListSites],
];
const KEPT: readonly (readonly [Kept, string])[] = [
  ["nothing", ""],
  ["session", "strong-session-"],
  ["realtime", "strong-"],
];

async function judge(history: History, level: string, about: string): Promise<Verdict> {
  const verdict = await transactional({ level }).check(history, createBudget());
  const { certificate } = verdict;
  // A consistent view of lists whose last elements nobody read is rarely left open.
  const mayBeOpen = level.endsWith("forward-consistent-view");
  if (mayBeOpen && verdict.verdict === "unknown") return verdict;
  if (certificate === undefined) expect.fail(`${about}: ${verdict.reason}`);
  const verified = verifyCertificate({ certificate, history, budget: createBudget() });
  if (!verified.confirmed) expect.fail(`${about}: ${verified.reason} ${verdict.reason}`);
  return verdict;
}

/** Compares all of them; some hold, and some do not. */
async function hold<Each extends { readonly outcome: string }>(
  make: (random: Random) => readonly Each[],
  about: {
    readonly level: string;
    readonly historyOf: (transactions: readonly Each[]) => History;
    readonly holds: (transactions: readonly Each[]) => boolean;
    /** Whether some have to hold without snapshots. */
    readonly isAlone?: boolean;
  },
): Promise<void> {
  const { level, historyOf: told, holds } = about;
  const counts = { valid: 0, invalid: 0, alone: 0 };
  let unknown = 0;
  for (let number = 0; number < HISTORIES; number++) {
    const transactions = make(createRandom(SEED + number));
    if (transactions.every(({ outcome }) => outcome !== "ok")) continue;
    const which = `seed ${SEED + number}, ${level}`;
    const verdict = await judge(told(transactions), level, which);
    if (verdict.verdict === "unknown") {
      unknown++;
      continue;
    }
    const expected = holds(transactions) ? "valid" : "invalid";
    if (verdict.verdict !== expected) {
      expect.fail(`${which}: not ${expected}: ${verdict.reason} ${JSON.stringify(transactions)}`);
    }
    counts[expected]++;
    const { certificate } = verdict;
    if (certificate?.kind === "transaction-order" && certificate.manner === "commit") {
      counts.alone++;
    }
  }
  expect(unknown).toBeLessThan(3 + HISTORIES / 50);
  expect(counts.valid).toBeGreaterThan(HISTORIES / 4);
  expect(counts.invalid).toBeGreaterThan(HISTORIES / 100);
  if (about.isAlone === true) expect(counts.alone).toBeGreaterThan(HISTORIES / 400);
}

describe.each(KEPT)("update atomicity, keeping %s", (kept, prefix) => {
  const level = `${prefix}update-atomic`;
  test.each(REGISTERS)("registers, %s", { timeout: TIMEOUT_MS }, async (_, make) => {
    const holds = (transactions: readonly RegisterTransaction[]): boolean =>
      weakHolds(transactions, "update-atomic", kept);
    // With real time what holds mostly has snapshots.
    const isAlone = kept !== "realtime";
    await hold(make, { level, historyOf: historyOfRegisters, holds, isAlone });
  });

  test.each(LISTS)("lists, %s", { timeout: TIMEOUT_MS }, async (name, make) => {
    const isAlone = name === "two sites" && kept !== "realtime";
    const holds = (transactions: readonly SmallTransaction[]): boolean =>
      transactions.every((each) => each.outcome !== "ok" || agreesWithItself(each)) &&
      !haveContradictingReads(transactions) &&
      listsHold(transactions, "update-atomic", kept);
    await hold(make, { level, historyOf: listHistory, holds, isAlone });
  });
});

describe.each(KEPT)("forward consistent view, keeping %s", (kept, prefix) => {
  test.each(LISTS)("lists, %s", { timeout: TIMEOUT_MS }, async (_, make) => {
    const few = (random: Random): readonly SmallTransaction[] => make(random).slice(0, 3);
    const level = `${prefix}forward-consistent-view`;
    const holds = (transactions: readonly SmallTransaction[]): boolean =>
      startsHold(transactions, kept);
    await hold(few, { level, historyOf: listHistory, holds });
  });
});

test.each(KEPT)(
  "lists and registers in one history, keeping %s: all is decided, and confirmed",
  { timeout: TIMEOUT_MS },
  async (kept, prefix) => {
    const level = `${prefix}update-atomic`;
    const counts = { valid: 0, invalid: 0, unknown: 0 };
    for (let number = 0; number < HISTORIES; number++) {
      const random = createRandom(SEED + number);
      const transactions = randomListSites(random);
      if (transactions.every(({ outcome }) => outcome !== "ok")) continue;
      const registers = new Set(random.chance(0.5) ? ["x"] : ["y", "z"]);
      const about = `seed ${SEED + number}, ${level}, with registers`;
      const { verdict } = await judge(mixedHistory(transactions, registers), level, about);
      // Of a register less is known than of the list whose last element it holds.
      const isRight =
        transactions.every((each) => each.outcome !== "ok" || agreesWithItself(each)) &&
        !haveContradictingReads(transactions) &&
        listsHold(transactions, "update-atomic", kept);
      if (isRight) expect(`${about}: ${verdict}`).toBe(`${about}: valid`);
      counts[verdict]++;
    }
    expect(counts.unknown).toBe(0);
    expect(counts.valid).toBeGreaterThan(HISTORIES / 4);
    expect(counts.invalid).toBeGreaterThan(HISTORIES / 40);
  },
);
