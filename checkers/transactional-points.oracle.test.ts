/**
 * Monotonic snapshot reads and monotonic views against definitions, on random histories of at most
 * six transactions on lists and registers: the one by every order of moments, the other by every
 * order of versions. Every certificate is confirmed, and all is decided, but in rare cases a
 * monotonic view where a transaction reads after it has written, in an order that nothing shows.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import type { History } from "../src/history/history.js";
import { createRandom, type Random } from "../src/random.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import {
  haveContradictingReads,
  holdsByPhenomena,
  type Kept,
  type SmallTransaction,
} from "../test/oracle/isolation.js";
import { holdsByMoments } from "../test/oracle/moments.js";
import { listHistory, randomLists } from "../test/oracle/random-lists.js";
import { randomListSites, randomSites } from "../test/oracle/random-sites.js";
import { registersHold, type RegisterTransaction } from "../test/oracle/register-isolation.js";
import { historyOfRegisters, randomRegisters } from "../test/oracle/small-registers.js";
import { transactional } from "./transactional.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 400);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_127);
const TIMEOUT_MS = 3_600_000;

const SIZE = { transactionsMin: 2, transactionsMax: 5, writesPerKeyMax: 3 };

const LISTS: readonly ((random: Random) => readonly SmallTransaction[])[] = [
  randomLists,
  randomListSites,
];
const REGISTERS: readonly ((random: Random) => readonly RegisterTransaction[])[] = [
  (random) => randomRegisters(random, SIZE),
  randomSites,
];
const KEPT: readonly (readonly [Kept, string])[] = [
  ["nothing", ""],
  ["session", "strong-session-"],
  ["realtime", "strong-"],
];

/** What the verdict is; its certificate is confirmed. */
async function judge(
  history: History,
  {
    level,
    about,
    isOpen,
  }: { readonly level: string; readonly about: string; readonly isOpen: boolean },
): Promise<string> {
  const verdict = await transactional({ level }).check(history, createBudget());
  const { certificate } = verdict;
  if (isOpen && verdict.verdict === "unknown") return "unknown";
  if (certificate === undefined) expect.fail(`${about}: ${verdict.reason}`);
  const verified = verifyCertificate({ certificate, history, budget: createBudget() });
  if (!verified.confirmed) expect.fail(`${about}: ${verified.reason} ${verdict.reason}`);
  return verdict.verdict;
}

/** Whether a read follows a write. */
function readsAfterWrite(micro: readonly { readonly f: string }[]): boolean {
  const first = micro.findIndex(({ f }) => f !== "r");
  return first >= 0 && micro.slice(first).some(({ f }) => f === "r");
}

/** Whether several appended to one list what nobody read, so that nothing orders them. */
function haveUnread(transactions: readonly SmallTransaction[]): boolean {
  const all = transactions.flatMap(({ micro }) => micro);
  const read = new Set(
    all.flatMap(({ f, value }) => (f === "r" && value !== undefined ? value : [])),
  );
  const keys = transactions.flatMap(({ micro }) => {
    const unread = micro.filter(({ f, value }) => f === "append" && !read.has(value));
    return [...new Set(unread.map(({ key }) => key))];
  });
  return new Set(keys).size < keys.length;
}

/** Runs all histories; at least some are valid, and some invalid. */
async function hold<Each extends { readonly outcome: string }>(
  make: (random: Random) => readonly Each[],
  about: {
    readonly name: string;
    readonly historyOf: (transactions: readonly Each[]) => History;
    readonly holds: (transactions: readonly Each[]) => boolean;
    /** Whether the level may be left undecided. */
    readonly mayBeOpen?: (transactions: readonly Each[]) => boolean;
  },
): Promise<void> {
  const { name: level, historyOf, holds, mayBeOpen } = about;
  const counts = { valid: 0, invalid: 0, unknown: 0 };
  for (let number = 0; number < HISTORIES; number++) {
    const transactions = make(createRandom(SEED + number));
    if (transactions.every(({ outcome }) => outcome !== "ok")) continue;
    const expected = holds(transactions) ? "valid" : "invalid";
    const which = `seed ${SEED + number}, ${level}`;
    const isOpen = mayBeOpen?.(transactions) === true;
    const found = await judge(historyOf(transactions), { level, about: which, isOpen });
    if (found === "unknown") counts.unknown++;
    else expect(`${which}: ${found}`).toBe(`${which}: ${expected}`);
    counts[expected]++;
  }
  expect(counts.unknown).toBeLessThan(3 + HISTORIES / 50);
  expect(counts.valid).toBeGreaterThan(HISTORIES / 4);
  expect(counts.invalid).toBeGreaterThan(HISTORIES / 200);
}

describe.each(KEPT)("%s", (kept, prefix) => {
  test.each([0, 1])("lists, monotonic snapshot reads, %i", { timeout: TIMEOUT_MS }, async (of) => {
    const make = LISTS[of] as (typeof LISTS)[number];
    const name = `${prefix}monotonic-snapshot-read`;
    await hold(make, {
      name,
      historyOf: listHistory,
      holds: (transactions) =>
        !haveContradictingReads(transactions) && holdsByMoments(transactions, kept),
    });
  });

  test.each([0, 1])("lists, monotonic view, %i", { timeout: TIMEOUT_MS }, async (of) => {
    const make = LISTS[of] as (typeof LISTS)[number];
    await hold(make, {
      name: `${prefix}monotonic-view`,
      historyOf: listHistory,
      holds: (transactions) => holdsByPhenomena(transactions, "monotonic-view", kept),
      mayBeOpen: (transactions) =>
        haveUnread(transactions) || transactions.some(({ micro }) => readsAfterWrite(micro)),
    });
  });

  test.each([0, 1])(
    "registers, monotonic snapshot reads, %i",
    { timeout: TIMEOUT_MS },
    async (of) => {
      const make = REGISTERS[of] as (typeof REGISTERS)[number];
      await hold(make, {
        name: `${prefix}monotonic-snapshot-read`,
        historyOf: historyOfRegisters,
        holds: (transactions) => holdsByMoments(transactions, kept),
      });
    },
  );

  test.each([0, 1])("registers, monotonic view, %i", { timeout: TIMEOUT_MS }, async (of) => {
    const make = REGISTERS[of] as (typeof REGISTERS)[number];
    await hold(make, {
      name: `${prefix}monotonic-view`,
      historyOf: historyOfRegisters,
      holds: (transactions) => registersHold(transactions, "monotonic-view", { kept, rules: [] }),
      mayBeOpen: (transactions) => transactions.some(({ micro }) => readsAfterWrite(micro)),
    });
  });
});
