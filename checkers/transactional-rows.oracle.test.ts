/**
 * Transactions on rows, by predicates and on sets, against definitions tried out, on histories of
 * at most four transactions. Whatever the checker decides is so, and its evidence holds; sets are
 * decided at each of the levels that speak of cycles, and small histories by predicate as well.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import type { Kept } from "../test/oracle/isolation.js";
import { randomRows } from "../test/oracle/random-rows.js";
import { rowsKeep, type RowLevel } from "../test/oracle/row-isolation.js";
import { ROW_LEVELS } from "../test/oracle/row-levels.js";
import { transactional } from "./transactional.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 400);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_126);

const PREFIXES: { readonly [kept in Kept]: string } = {
  nothing: "",
  session: "strong-session-",
  realtime: "strong-",
};

/** Seeds of rarer histories that were once judged wrongly. */
const RARE: readonly number[] = [5001768, 5005060, 5005174, 81001176, 340010036, 900002458];

const KINDS = [
  ["predicates", "predicates", false],
  ["sets", "sets", false],
  ["predicates, own writes missed", "predicates", true],
] as const;
const ALL = Object.keys(ROW_LEVELS) as readonly RowLevel[];

describe.each(KINDS)("%s", (_, kind, areForgetful) => {
  test.each(ALL)("%s", { timeout: 3_600_000 }, async (level) => {
    const seen = { valid: 0, invalid: 0, unknown: 0 };
    const cases = [
      ...Array.from({ length: HISTORIES }, (_, number) => [SEED + number, number % 3] as const),
      ...RARE.flatMap((seed) => [0, 1, 2].map((place) => [seed, place] as const)),
    ];
    for (const [seed, place] of cases) {
      const history = randomRows(seed, kind, areForgetful);
      if (!history.functionNames.includes("txn")) continue;
      if (!/"(insert|delete|rp|add)"/.test(JSON.stringify(history.pool))) continue;
      const kept = (Object.keys(PREFIXES) as readonly Kept[])[place] as Kept;
      const name = `${PREFIXES[kept]}${level}`.replace(
        /^strong-serializable$/,
        "strict-serializable",
      );
      const verdict = await transactional({ level: name }).check(history, createBudget());
      seen[verdict.verdict]++;
      const about = `${name} of seed ${seed}: ${verdict.reason}`;
      if (verdict.verdict === "unknown") {
        const hasOk = history.types.includes(1);
        expect(
          ROW_LEVELS[level] && hasOk && !/Nothing was proved/.test(verdict.reason ?? ""),
          about,
        ).toBe(false);
        continue;
      }
      const truth = rowsKeep(level, history, kept) ? "valid" : "invalid";
      expect(`${about} ${verdict.verdict}`).toBe(`${about} ${truth}`);
      const { certificate } = verdict;
      if (certificate === undefined) throw new Error(`${about}: no certificate`);
      const verified = verifyCertificate({ certificate, history, budget: createBudget() });
      expect(verified, about).toMatchObject({ confirmed: true });
    }
    expect(seen.valid).toBeGreaterThan(HISTORIES / 20);
    expect(seen.invalid).toBeGreaterThan(HISTORIES / 200);
  });
});
