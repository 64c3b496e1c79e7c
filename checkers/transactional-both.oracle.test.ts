/**
 * Lists beside registers in one history, at the levels about what a transaction sees, against every
 * order of commits: all is decided where nothing is strange, and confirmed. And lists that are read
 * twice, differently, at a monotonic atomic view; and levels about the order of versions.
 */
import { expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { createRandom } from "../src/random.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import type { Kept, SmallTransaction } from "../test/oracle/isolation.js";
import { mixedHistory, mixedHolds, mixedKeeps } from "../test/oracle/lists-and-registers.js";
import { randomCommittedLists } from "../test/oracle/random-committed.js";
import { randomLists } from "../test/oracle/random-lists.js";
import { randomListSites } from "../test/oracle/random-sites.js";
import type { WeakLevel } from "../test/oracle/weak-isolation.js";
import { transactional } from "./transactional.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 300);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_128);

const LEVELS = ["monotonic-atomic-view", "read-atomic", "causal-cerone"] as const;
const KEPT: readonly (readonly [Kept, string])[] = [
  ["nothing", ""],
  ["session", "strong-session-"],
  ["realtime", "strong-"],
];

const BESIDE = [
  "cursor-stability",
  "consistent-view",
  "parallel-snapshot-isolation",
  "update-atomic",
  "prefix",
  "snapshot-isolation",
  "serializable",
].flatMap((base) => KEPT.map(([kept, prefix]) => [`${prefix}${base}`, kept] as const));

test.each(BESIDE)(
  "%s of lists beside registers is confirmed",
  { timeout: 3_600_000 },
  async (level, kept) => {
    const counts = { valid: 0, invalid: 0, unknown: 0 };
    for (let number = 0; number < HISTORIES; number++) {
      const random = createRandom(SEED + number);
      const all = random.chance(0.5) ? randomListSites(random) : randomLists(random);
      if (all.every(({ outcome }) => outcome !== "ok")) continue;
      const registers = new Set(random.chance(0.5) ? ["x"] : ["y", "z"]);
      const history = mixedHistory(all, registers);
      const about = `seed ${SEED + number}, ${level}`;
      const verdict = await transactional({ level }).check(history, createBudget());
      counts[verdict.verdict]++;
      const { certificate, reason } = verdict;
      // Left open where a transaction contradicts itself, of which this level says nothing.
      if (verdict.verdict === "unknown") continue;
      // Of a register less is known than of the list whose last element it holds.
      const lists = mixedHistory(all, new Set());
      const known = await transactional({ level }).check(lists, createBudget());
      if (known.verdict === "valid") expect(`${about} ${verdict.verdict}`).toBe(`${about} valid`);
      if (certificate === undefined) expect.fail(`${about}: ${reason}`);
      const verified = verifyCertificate({ certificate, history, budget: createBudget() });
      expect(verified, `${about}, ${kept}: ${reason}`).toMatchObject({ confirmed: true });
    }
    expect(counts.valid).toBeGreaterThan(HISTORIES / 4);
    expect(counts.invalid).toBeGreaterThan(HISTORIES / 40);
    expect(counts.unknown).toBeLessThan(HISTORIES / 20);
  },
);

const CASES = LEVELS.flatMap((base) =>
  KEPT.flatMap(([kept, prefix]) =>
    [true, false].map((areMixed) => [`${prefix}${base}`, areMixed, base, kept] as const),
  ),
);

test.each(CASES)(
  "%s, registers too: %s",
  { timeout: 3_600_000 },
  async (level, areMixed, ...at) => {
    const [base, kept] = at satisfies readonly [WeakLevel, Kept];
    const counts = { valid: 0, invalid: 0, unknown: 0 };
    for (let number = 0; number < HISTORIES; number++) {
      const random = createRandom(SEED + number);
      const all = random.chance(0.5) ? randomListSites(random) : randomLists(random);
      const transactions = all.slice(0, 5);
      if (transactions.every(({ outcome }) => outcome !== "ok")) continue;
      const registers = new Set(!areMixed ? [] : random.chance(0.5) ? ["x"] : ["y", "z"]);
      const history = mixedHistory(transactions, registers);
      const about = `seed ${SEED + number}, ${level}`;
      const { verdict, reason, certificate } = await transactional({ level }).check(
        history,
        createBudget(),
      );
      counts[verdict]++;
      if (verdict === "unknown") continue;
      const expected = mixedHolds(transactions, registers, { level: base, kept });
      expect(`${about}: ${verdict} ${reason}`).toBe(
        `${about}: ${expected ? "valid" : "invalid"} ${reason}`,
      );
      if (certificate === undefined) expect.fail(`${about}: no certificate`);
      const verified = verifyCertificate({ certificate, history, budget: createBudget() });
      expect(verified, `${about}: ${reason}`).toMatchObject({ confirmed: true });
    }
    expect(counts.valid).toBeGreaterThan(HISTORIES / 4);
    expect(counts.invalid).toBeGreaterThan(HISTORIES / 40);
    expect(counts.unknown).toBeLessThanOrEqual(areMixed ? 0 : HISTORIES / 250);
  },
);

/** Whether a key has more orders of versions than are tried in a moment. */
function areMany(transactions: readonly SmallTransaction[]): boolean {
  const appends = transactions.flatMap(({ micro }) => micro.filter(({ f }) => f === "append"));
  return ["x", "y", "z"].some((key) => appends.filter((each) => each.key === key).length > 5);
}

const BY_VERSIONS = (
  ["consistent-view", "cursor-stability", "monotonic-view", "update-serializable"] as const
).flatMap((base) => KEPT.map(([kept, prefix]) => [`${prefix}${base}`, base, kept] as const));

test.each(BY_VERSIONS)(
  "%s of lists beside registers, in every order of versions",
  { timeout: 3_600_000 },
  async (level, base, kept) => {
    const counts = { valid: 0, invalid: 0, unknown: 0 };
    for (let number = 0; number < HISTORIES; number++) {
      const random = createRandom(SEED + number);
      const made = random.chance(0.4) ? randomCommittedLists(random) : randomLists(random);
      const all = made.slice(0, 4);
      if (all.every(({ outcome }) => outcome !== "ok") || areMany(all)) continue;
      const registers = new Set(random.pick([[], ["x"], ["y", "z"], ["x", "y", "z"]]));
      const history = mixedHistory(all, registers);
      const verdict = await transactional({ level }).check(history, createBudget());
      const about = `seed ${SEED + number}, ${level}: ${verdict.reason}`;
      counts[verdict.verdict]++;
      if (verdict.verdict === "unknown") continue;
      const truth = mixedKeeps(all, registers, { level: base, kept });
      expect(`${verdict.verdict}, ${about}`).toBe(`${truth ? "valid" : "invalid"}, ${about}`);
      const { certificate } = verdict;
      if (certificate === undefined) expect.fail(about);
      const verified = verifyCertificate({ certificate, history, budget: createBudget() });
      expect(verified, about).toMatchObject({ confirmed: true });
    }
    expect(counts.valid).toBeGreaterThan(HISTORIES / 10);
    expect(counts.invalid).toBeGreaterThan(HISTORIES / 60);
    expect(counts.unknown).toBe(0);
  },
);
