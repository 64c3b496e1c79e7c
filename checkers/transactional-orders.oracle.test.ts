/**
 * Strong levels of registers against definitions: every history is decided, as brute force over the
 * orders of versions says (at most five transactions), and as trying what may come next says (at
 * most ten); every order and every refutation is confirmed, and no refutation is once a part of it
 * is taken out.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { createRandom } from "../src/random.js";
import type { IsolationViolationCertificate } from "../src/verdict/isolation-certificate.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import type { Kept } from "../test/oracle/isolation.js";
import { someOrder } from "../test/oracle/next-transaction.js";
import { historyOfRegisters, randomRegisters } from "../test/oracle/small-registers.js";
import { registersHold } from "../test/oracle/register-isolation.js";
import { transactional } from "./transactional.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 200);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_126);

const LEVELS = ["serializable", "repeatable-read", "snapshot-isolation"] as const;
/** Levels whose anti-dependencies do not all count. */
const VIEWS = [
  "cursor-stability",
  "consistent-view",
  "parallel-snapshot-isolation",
  "update-serializable",
] as const;
const KEPT: readonly (readonly [Kept, string])[] = [
  ["nothing", ""],
  ["session", "strong-session-"],
  ["realtime", "strong-"],
];
const CASES = casesOf(LEVELS);

function casesOf<Level extends string>(
  levels: readonly Level[],
): readonly (readonly [name: string, level: Level, kept: Kept])[] {
  return levels.flatMap((level) =>
    KEPT.map(([kept, prefix]) => [nameOf(prefix, level), level, kept] as const),
  );
}

function nameOf(prefix: string, level: string): string {
  return `${prefix}${level}`.replace("strong-serializable", "strict-serializable");
}

async function judge(history: History, level: string, about: string): Promise<Verdict> {
  const verdict = await transactional({ level }).check(history, createBudget());
  const { certificate } = verdict;
  if (certificate === undefined) return verdict;
  const verified = verifyCertificate({ certificate, history, budget: createBudget() });
  expect(verified, `${about}: ${verdict.reason}`).toMatchObject({ confirmed: true });
  return verdict;
}

/** Whether any certificate that lacks one of the cycles of this one is confirmed. */
function isConfirmedWithLess(
  certificate: IsolationViolationCertificate,
  history: History,
): boolean {
  const { phenomenon } = certificate;
  if (phenomenon.name !== "no-version-order") return false;
  return phenomenon.contradictions.some((_, place) => {
    const contradictions = phenomenon.contradictions.toSpliced(place, 1);
    const less = { ...certificate, phenomenon: { ...phenomenon, contradictions } };
    return verifyCertificate({ certificate: less, history, budget: createBudget() }).confirmed;
  });
}

describe("every order of versions", () => {
  test.each([...CASES, ...casesOf(VIEWS)])(
    "%s",
    { timeout: 600_000 + HISTORIES * 10 },
    async (name, level, kept) => {
      const counts = { valid: 0, invalid: 0, searched: 0 };
      for (let each = 0; each < HISTORIES; each++) {
        const random = createRandom(SEED + each);
        const size = { transactionsMin: 2, transactionsMax: 5, writesPerKeyMax: 5 };
        const transactions = randomRegisters(random, size);
        if (transactions.every(({ outcome }) => outcome !== "ok")) continue;
        const history = historyOfRegisters(transactions);
        const about = `seed ${SEED + each}, ${name}`;
        const verdict = await judge(history, name, about);
        const holds = registersHold(transactions, level, { kept, rules: [] });
        expect(`${about}: ${verdict.verdict}`).toBe(`${about}: ${holds ? "valid" : "invalid"}`);
        counts[holds ? "valid" : "invalid"]++;
        if (verdict.anomalies[0]?.kind === "no-version-order") counts.searched++;
      }
      expect(counts.valid).toBeGreaterThan(HISTORIES / 4);
      expect(counts.invalid).toBeGreaterThan(HISTORIES / 40);
      // Who loses an update mostly shows it alone.
      if (level !== "cursor-stability") expect(counts.searched).toBeGreaterThan(HISTORIES / 250);
    },
  );
});

describe("what may come next", () => {
  test.each(casesOf([...LEVELS, "prefix"]))(
    "%s",
    { timeout: 600_000 + HISTORIES * 10 },
    async (name, level, kept) => {
      const isSnapshot = level === "snapshot-isolation" || level === "prefix";
      const wanted = { isSnapshot, alone: level !== "prefix", kept };
      const counts = { valid: 0, invalid: 0, searched: 0, redundant: 0 };
      for (let each = 0; each < HISTORIES; each++) {
        const random = createRandom(SEED + 1_000_000 + each);
        const transactionsMax = isSnapshot ? 8 : 10;
        const size = { transactionsMin: 5, transactionsMax, writesPerKeyMax: 8 };
        const transactions = randomRegisters(random, size);
        if (transactions.every(({ outcome }) => outcome !== "ok")) continue;
        const history = historyOfRegisters(transactions);
        const about = `seed ${SEED + 1_000_000 + each}, ${name}`;
        const verdict = await judge(history, name, about);
        const { certificate, anomalies, details } = verdict;
        // What fails here is read nevertheless, or what is read is written over: no order is asked.
        const kind = anomalies[0]?.kind ?? "";
        if (["G1a", "G1b"].includes(kind)) continue;
        const holds = someOrder(transactions, wanted);
        expect(`${about}: ${verdict.verdict}`).toBe(`${about}: ${holds ? "valid" : "invalid"}`);
        counts[holds ? "valid" : "invalid"]++;
        if (Number(details?.["conflicts"] ?? 0) > 0) counts.searched++;
        if (certificate?.kind !== "isolation-violation") continue;
        if (isConfirmedWithLess(certificate, history)) counts.redundant++;
      }
      expect(counts.valid).toBeGreaterThan(HISTORIES / 10);
      expect(counts.invalid).toBeGreaterThan(HISTORIES / 20);
      expect(counts.searched).toBeGreaterThan(HISTORIES / 50);
      expect(counts.redundant).toBe(0);
    },
  );
});

/** All overlap; some take an old state for the present one. */
function mixedHistory(seed: number): History {
  const random = createRandom(seed);
  const store = new Map<string, Value>([
    ["a", []],
    ["b", []],
    ["x", null],
    ["y", null],
  ]);
  const states = [new Map(store)];
  const made = Array.from({ length: 3 + random.below(5) }, (_, number) => {
    const seen = new Map(random.chance(0.4) ? random.pick(states) : store);
    const micro = Array.from({ length: 1 + random.below(3) }, (_, place): Value => {
      const key = random.pick(["a", "b", "x", "y"]);
      const list = seen.get(key);
      if (random.chance(0.4)) return ["r", key, list ?? null];
      const value = 10 * number + place;
      for (const each of [seen, store]) {
        const before = each.get(key);
        each.set(key, Array.isArray(before) ? [...(before as readonly Value[]), value] : value);
      }
      return [Array.isArray(list) ? "append" : "w", key, value];
    });
    states.push(new Map(store));
    return micro;
  });
  const events: NewEvent[] = [];
  for (const type of ["invoke", "ok"] as const) {
    for (const [process, value] of made.entries()) {
      events.push({ process, f: "txn", type, value, timeNs: 0 });
    }
  }
  return historyOf(events);
}

test(
  "lists and registers in one history: all is decided, and confirmed",
  { timeout: 600_000 },
  async () => {
    const counts = { valid: 0, invalid: 0, unknown: 0, searched: 0 };
    for (let each = 0; each < 6 * HISTORIES; each++) {
      const history = mixedHistory(SEED + each);
      const answers = new Map<string, string>();
      for (const level of ["prefix", "snapshot-isolation", "serializable"]) {
        const verdict = await judge(history, level, `seed ${SEED + each}, ${level}`);
        counts[verdict.verdict]++;
        if (verdict.anomalies[0]?.kind === "no-version-order") counts.searched++;
        answers.set(level, verdict.verdict);
      }
      if (answers.get("serializable") === "invalid") continue;
      expect([...answers.values()]).toEqual(["valid", "valid", "valid"]);
    }
    expect(counts.unknown).toBe(0);
    expect(counts.valid).toBeGreaterThan(6 * HISTORIES);
    expect(counts.invalid).toBeGreaterThan(HISTORIES / 10);
    expect(counts.searched).toBeGreaterThan(0);
  },
);
