/**
 * Monotonic snapshot reads and monotonic views against definitions, on random histories of at most
 * six transactions on lists and registers: the one by every order of moments, the other by every
 * order of versions. All is decided, and every certificate is confirmed.
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
import { mixedHistory } from "../test/oracle/lists-and-registers.js";
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
  { level, about }: { readonly level: string; readonly about: string },
): Promise<string> {
  const verdict = await transactional({ level }).check(history, createBudget());
  const { certificate } = verdict;
  if (certificate === undefined) expect.fail(`${about}: ${verdict.reason}`);
  const verified = verifyCertificate({ certificate, history, budget: createBudget() });
  if (!verified.confirmed) expect.fail(`${about}: ${verified.reason} ${verdict.reason}`);
  return verdict.verdict;
}

/** Runs all histories; at least some are valid, and some invalid. */
async function hold<Each extends { readonly outcome: string }>(
  make: (random: Random) => readonly Each[],
  about: {
    readonly name: string;
    readonly historyOf: (transactions: readonly Each[]) => History;
    readonly holds: (transactions: readonly Each[]) => boolean;
  },
): Promise<void> {
  const { name: level, historyOf, holds } = about;
  const counts = { valid: 0, invalid: 0 };
  for (let number = 0; number < HISTORIES; number++) {
    const transactions = make(createRandom(SEED + number));
    if (transactions.every(({ outcome }) => outcome !== "ok")) continue;
    const expected = holds(transactions) ? "valid" : "invalid";
    const which = `seed ${SEED + number}, ${level}`;
    const found = await judge(historyOf(transactions), { level, about: which });
    expect(`${which}: ${found}`).toBe(`${which}: ${expected}`);
    counts[expected]++;
  }
  expect(counts.valid).toBeGreaterThan(HISTORIES / 4);
  expect(counts.invalid).toBeGreaterThan(HISTORIES / 200);
}

/** As registers hold it: what was written, and the last element of what was read. */
function toldOf(
  transactions: readonly SmallTransaction[],
  registers: ReadonlySet<string>,
): Parameters<typeof holdsByMoments>[0] {
  return transactions.map((each) => ({
    ...each,
    micro: each.micro.map((micro) => {
      if (!registers.has(micro.key)) return micro;
      const { f, key, value } = micro;
      if (f === "append") return { f: "w", key, value };
      return { f, key, value: value === undefined ? undefined : (value.at(-1) ?? null) };
    }),
  }));
}

describe.each(KEPT)("%s", (kept, prefix) => {
  test.each([0, 1])(
    "lists beside registers, monotonic snapshot reads, %i",
    { timeout: TIMEOUT_MS },
    async (of) => {
      const make = LISTS[of] as (typeof LISTS)[number];
      for (const registers of [new Set(["x"]), new Set(["y", "z"])]) {
        await hold(make, {
          name: `${prefix}monotonic-snapshot-read`,
          historyOf: (transactions) => mixedHistory(transactions, registers),
          holds: (transactions) => holdsByMoments(toldOf(transactions, registers), kept),
        });
      }
    },
  );

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
    });
  });
});
