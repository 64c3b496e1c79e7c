/**
 * Registers against definitions, on thousands of histories of at most five transactions: what the
 * checker calls invalid is, under the rules that it assumes, and what it calls valid is; all its
 * certificates hold. Much is undecided, because the order of versions is.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { createRandom, type Random } from "../src/random.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import type { BruteLevel, Kept } from "../test/oracle/isolation.js";
import {
  registersHold,
  type RegisterTransaction,
  type Rule,
} from "../test/oracle/register-isolation.js";
import { transactional } from "./transactional.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 1_500);

const LEVELS: readonly BruteLevel[] = [
  "read-committed",
  "cursor-stability",
  "consistent-view",
  "snapshot-isolation",
  "serializable",
];

const PREFIXES: { readonly [kept in Kept]: string } = {
  nothing: "",
  session: "strong-session-",
  realtime: "strong-",
};

const RULES: readonly (readonly Rule[])[] = [
  [],
  ["writes-follow-reads"],
  ["sessions"],
  ["realtime"],
  ["writes-follow-reads", "sessions", "realtime"],
];

describe.each(RULES)("assuming %j %j %j", (...rules) => {
  test.each(LEVELS)("%s", async (level) => {
    const counts = { valid: 0, invalid: 0, unknown: 0 };
    for (let seed = 0; seed < HISTORIES; seed++) {
      const random = createRandom(seed);
      const kept = random.pick(Object.keys(PREFIXES)) as Kept;
      const transactions = randomTransactions(random);
      const name = `${PREFIXES[kept]}${level}`.replace(/^strong-serial/, "strict-serial");
      const history = historyFrom(transactions);
      const verdict = await transactional({ level: name, versions: rules }).check(
        history,
        createBudget(),
      );
      counts[verdict.verdict]++;
      if (verdict.verdict === "unknown") continue;
      const about = `seed ${seed}, ${name}: ${verdict.reason}`;
      // An order that explains everything proves the level without any assumption.
      const assumed = { kept, rules: verdict.verdict === "valid" ? [] : rules };
      const isValid = registersHold(transactions, level, assumed);
      expect(verdict.verdict, about).toBe(isValid ? "valid" : "invalid");
      const { certificate } = verdict;
      if (certificate === undefined) throw new Error(`${about}: no certificate`);
      const verified = verifyCertificate({ certificate, history, budget: createBudget() });
      expect(verified, about).toMatchObject({ confirmed: true });
    }
    expect(counts.valid).toBeGreaterThan(HISTORIES / 20);
    expect(counts.invalid).toBeGreaterThan(HISTORIES / 300);
  });
});

/** Transactions that mostly take effect one after the other, on two keys with unique values. */
function randomTransactions(random: Random): readonly RegisterTransaction[] {
  const count = 2 + random.below(4);
  const store = new Map<string, number | null>([
    ["x", null],
    ["y", null],
  ]);
  const strange = random.float() * 0.6;
  const states: Map<string, number | null>[] = [];
  const busy = new Map<number, number>();
  const transactions: RegisterTransaction[] = [];
  let next = 0;
  let writes = 0;
  for (let each = 0; each < count; each++) {
    const process = random.below(3);
    const outcome = random.chance(0.8) ? "ok" : random.chance(0.5) ? "info" : "fail";
    const earliest = random.chance(0.4) ? next - random.below(4) : next;
    const begin = Math.max(busy.get(process) ?? 0, earliest) + 0.001 * random.float();
    states.push(new Map(store));
    const own = new Map(random.chance(strange) ? random.pick(states) : store);
    const micro = Array.from({ length: 1 + random.below(3) }, () => {
      const key = random.pick(["x", "y"]);
      // Five versions have 120 orders: enough for two keys.
      if (writes < 7 && random.chance(0.45)) {
        own.set(key, ++writes);
        return { f: "w" as const, key, value: writes };
      }
      return { f: "r" as const, key, value: outcome === "ok" ? (own.get(key) ?? null) : undefined };
    });
    const isApplied = outcome === "ok" || (outcome === "info" && random.chance(0.6));
    if (isApplied || random.chance(strange / 3)) {
      for (const { f, key, value } of micro) if (f === "w") store.set(key, value ?? null);
    }
    next += 2;
    const returned = Math.max(begin + 0.1, next + 3 * random.float());
    busy.set(process, outcome === "ok" ? returned + 0.1 : begin + 0.2);
    const end = outcome === "ok" ? returned : Infinity;
    transactions.push({ process, outcome, begin, end, micro });
  }
  return transactions;
}

function historyFrom(transactions: readonly RegisterTransaction[]): History {
  const events: { readonly at: number; readonly event: NewEvent }[] = [];
  for (const { process, outcome, begin, end, micro } of transactions) {
    const asked = micro.map(({ f, key, value }): Value => [
      f,
      key,
      f === "r" ? null : (value as number),
    ]);
    const got = micro.map(({ f, key, value }): Value => [f, key, value ?? null]);
    const about = { process, f: "txn", timeNs: 0 } as const;
    events.push({ at: begin, event: { ...about, type: "invoke", value: asked } });
    const at = outcome === "ok" ? end : begin + 0.1;
    const value = outcome === "ok" ? got : asked;
    events.push({ at, event: { ...about, type: outcome, value } });
  }
  return historyOf(events.toSorted((a, b) => a.at - b.at).map(({ event }) => event));
}
