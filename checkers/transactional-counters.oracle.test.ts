/**
 * Transactions on counters, and banks, against definitions tried out, on histories of at most five
 * transactions. Whatever the checker decides is so, and its evidence holds; the levels that have an
 * order of moments are decided.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import type { History } from "../src/history/history.js";
import { createRandom } from "../src/random.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import {
  countersHaveSerialOrder,
  countersHaveSnapshots,
  countersKeep,
  countersSee,
  type SmallCounting,
} from "../test/oracle/counter-isolation.js";
import type { BruteLevel, Kept } from "../test/oracle/isolation.js";
import type { WeakLevel } from "../test/oracle/weak-isolation.js";
import {
  bankHistory,
  counterHistory,
  firstsOf,
  randomBank,
  randomCounters,
} from "../test/oracle/random-counters.js";
import { transactional } from "./transactional.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 600);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_126);

/** Level → whether each history is decided; of the others there may be too many lists to try. */
const LEVELS: { readonly [level in BruteLevel]: boolean } = {
  "read-uncommitted": true,
  "read-committed": true,
  "cursor-stability": true,
  "monotonic-view": false,
  "consistent-view": false,
  "parallel-snapshot-isolation": false,
  "snapshot-isolation": true,
  "repeatable-read": true,
  "update-serializable": false,
  serializable: true,
};
const ALL = [...Object.keys(LEVELS), "prefix"] as readonly (BruteLevel | "prefix")[];

const PREFIXES: { readonly [kept in Kept]: string } = {
  nothing: "",
  session: "strong-session-",
  realtime: "strong-",
};
const KEPT = Object.keys(PREFIXES) as readonly Kept[];

function nameOf(level: string, kept: Kept): string {
  return `${PREFIXES[kept]}${level}`.replace(/^strong-serializable$/, "strict-serializable");
}

/** Levels about what a transaction sees, which have no order of moments of their own. */
const SIGHTS = [
  "monotonic-atomic-view",
  "read-atomic",
  "causal-cerone",
  "update-atomic",
] as const satisfies readonly WeakLevel[];

/** The truth, by each way in which it can be had. */
function truthsOf(
  level: BruteLevel | "prefix",
  transactions: readonly SmallCounting[],
  about: { readonly kept: Kept; readonly initial: ReadonlyMap<string, number> },
): readonly boolean[] {
  const isSmall = transactions.length < 5;
  const truths = level === "prefix" ? [] : [countersKeep(level, transactions, about)];
  if (level === "serializable") truths.push(countersHaveSerialOrder(transactions, about));
  if (isSmall && (level === "prefix" || level === "snapshot-isolation")) {
    truths.push(countersHaveSnapshots(transactions, { ...about, alone: level !== "prefix" }));
  }
  return truths;
}

function confirm(verdict: Verdict, history: History, about: string): void {
  const { certificate } = verdict;
  if (certificate === undefined) throw new Error(`${about}: no certificate`);
  const verified = verifyCertificate({ certificate, history, budget: createBudget() });
  expect(verified, about).toMatchObject({ confirmed: true });
}

/** Random ones in which somebody adds, each with what it keeps. */
function* histories(): Generator<{
  readonly seed: number;
  readonly transactions: readonly SmallCounting[];
  readonly kept: Kept;
  readonly history: History;
}> {
  for (let seed = SEED; seed < SEED + HISTORIES; seed++) {
    const transactions = randomCounters(createRandom(seed));
    if (!transactions.some(({ micro }) => micro.some(({ f }) => f === "inc"))) continue;
    yield {
      seed,
      transactions,
      kept: KEPT[seed % 3] as Kept,
      history: counterHistory(transactions),
    };
  }
}

describe("counters", () => {
  test.each(ALL)("%s", { timeout: 3_600_000 }, async (level) => {
    const seen = { valid: 0, invalid: 0, unknown: 0 };
    for (const { seed, transactions, kept, history } of histories()) {
      const name = nameOf(level, kept);
      const verdict = await transactional({ level: name }).check(history, createBudget());
      seen[verdict.verdict]++;
      const about = `${name} of seed ${seed}: ${verdict.reason}`;
      if (verdict.verdict === "unknown") {
        const isDecided = level === "prefix" || LEVELS[level];
        expect(isDecided && !/Nothing was proved/.test(verdict.reason), about).toBe(false);
        continue;
      }
      for (const truth of truthsOf(level, transactions, { kept, initial: new Map() })) {
        expect(`${verdict.verdict}, ${about}`).toBe(`${truth ? "valid" : "invalid"}, ${about}`);
      }
      confirm(verdict, history, about);
    }
    expect(seen.valid).toBeGreaterThan(HISTORIES / 20);
    expect(seen.invalid).toBeGreaterThan(HISTORIES / 200);
    expect(seen.unknown).toBeLessThan(HISTORIES / 20);
  });

  test.each(SIGHTS)("%s", { timeout: 3_600_000 }, async (level) => {
    const seen = { valid: 0, invalid: 0, unknown: 0, ofLists: 0 };
    for (const { seed, transactions, kept, history } of histories()) {
      const name = nameOf(level, kept);
      const verdict = await transactional({ level: name }).check(history, createBudget());
      seen[verdict.verdict]++;
      if (verdict.verdict === "unknown") continue;
      const about = `${name} of seed ${seed}: ${verdict.reason}`;
      const truth = countersSee(level, transactions, { kept, initial: new Map() });
      expect(`${verdict.verdict}, ${about}`).toBe(`${truth ? "valid" : "invalid"}, ${about}`);
      confirm(verdict, history, about);
      const { certificate } = verdict;
      const isOfLists =
        certificate?.kind === "transaction-order"
          ? certificate.counted !== undefined
          : certificate?.kind === "isolation-violation" &&
            certificate.phenomenon.name === "no-lists";
      if (isOfLists) seen.ofLists++;
    }
    expect(seen.valid).toBeGreaterThan(HISTORIES / 20);
    expect(seen.invalid).toBeGreaterThan(HISTORIES / 200);
    expect(seen.ofLists).toBeGreaterThan(HISTORIES / 200);
    expect(seen.unknown).toBeLessThan(HISTORIES / 20);
  });
});

/** Levels at which two transfers of one account cannot lose each other's money. */
const OF_BANKS = ALL.filter(
  (level): level is BruteLevel =>
    !["read-uncommitted", "read-committed", "monotonic-view", "prefix"].includes(level),
);

describe("banks", () => {
  test.each(OF_BANKS)("%s", { timeout: 3_600_000 }, async (level) => {
    const seen = { valid: 0, invalid: 0, unknown: 0 };
    for (let seed = SEED; seed < SEED + HISTORIES; seed++) {
      const { transactions, initial } = randomBank(createRandom(seed));
      const functions = new Set(transactions.map(({ micro }) => micro[0]?.f));
      if (functions.size < 2) continue;
      const kept = KEPT[seed % 3] as Kept;
      const name = nameOf(level, kept);
      const history = bankHistory(transactions, initial);
      const verdict = await transactional({ level: name }).check(history, createBudget());
      seen[verdict.verdict]++;
      const about = `${name} of seed ${seed}: ${verdict.reason}`;
      if (verdict.verdict === "unknown") {
        expect(LEVELS[level] && !/Nothing was proved/.test(verdict.reason), about).toBe(false);
        continue;
      }
      const firsts = initial === undefined ? firstsOf(transactions) : [initial];
      const truth = firsts.some((first) =>
        truthsOf(level, transactions, { kept, initial: first }).every(Boolean),
      );
      expect(`${verdict.verdict}, ${about}`).toBe(`${truth ? "valid" : "invalid"}, ${about}`);
      confirm(verdict, history, about);
    }
    expect(seen.valid).toBeGreaterThan(HISTORIES / 20);
    expect(seen.invalid).toBeGreaterThan(HISTORIES / 200);
  });

  test("read-uncommitted: nothing is said but of what no transfers explain", async () => {
    const kinds = new Set<string>();
    for (let seed = SEED; seed < SEED + HISTORIES; seed++) {
      const { transactions, initial } = randomBank(createRandom(seed));
      const history = bankHistory(transactions, initial);
      const asked = transactional({ level: "read-uncommitted" });
      const verdict = await asked.check(history, createBudget());
      if (verdict.verdict === "unknown") continue;
      confirm(verdict, history, `seed ${seed}: ${verdict.reason}`);
      for (const { kind } of verdict.anomalies) kinds.add(kind);
    }
    expect([...kinds].filter((kind) => kind === "no-order" || kind === "wrong-total")).toEqual([]);
  });
});
