/**
 * Monotonic atomic view, read atomic and causal consistency of transactions against their
 * definitions, on random histories of up to five transactions on registers, with indeterminate and
 * failed ones, reads of what is intermediate, aborted or nobody's, and repeated values; every
 * certificate goes through the verifier.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { createRandom, type Random } from "../src/random.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import type { Kept } from "../test/oracle/isolation.js";
import type { RegisterTransaction } from "../test/oracle/register-isolation.js";
import { weakHolds, type WeakLevel } from "../test/oracle/weak-isolation.js";
import { transactional } from "./transactional.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 1_500);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_126);

const LEVELS: readonly WeakLevel[] = ["monotonic-atomic-view", "read-atomic", "causal-cerone"];
const KEPT: readonly (readonly [Kept, string])[] = [
  ["nothing", ""],
  ["session", "strong-session-"],
];

describe.each(KEPT)("keeping %s", (kept, prefix) => {
  test.each(LEVELS)("%s", { timeout: 3_600_000 }, async (level) => {
    const counts = { valid: 0, invalid: 0, unknown: 0 };
    let ambiguous = 0;
    for (let number = 0; number < HISTORIES; number++) {
      const random = createRandom(SEED + number);
      const transactions = randomTransactions(random);
      const history = historyFrom(transactions);
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

function hasRepeated(transactions: readonly RegisterTransaction[]): boolean {
  const written = transactions.flatMap(({ micro }) =>
    micro.flatMap(({ f, key, value }) => (f === "w" ? [`${key} ${value}`] : [])),
  );
  return new Set(written).size < written.length;
}

/** Two to five transactions of two or three sessions, which read at random what others write. */
function randomTransactions(random: Random): readonly RegisterTransaction[] {
  const count = 2 + random.below(4);
  const keys = random.chance(0.5) ? ["x", "y"] : ["x", "y", "z"];
  const sessions = 2 + random.below(2);
  const strange = random.chance(0.25);
  const repeats = random.chance(0.1);
  const written = new Map<string, number[]>(keys.map((key) => [key, []]));
  let values = 0;
  const planned = Array.from({ length: count }, () => {
    const outcome = random.chance(0.85) ? "ok" : random.chance(0.7) ? "info" : "fail";
    const micro = Array.from({ length: 1 + random.below(4) }, () => {
      const key = random.pick(keys);
      const isWrite = random.chance(0.4);
      const value = repeats && random.chance(0.5) ? 1 + random.below(3) : ++values;
      return { isWrite, key, value };
    });
    for (const key of keys) {
      const own = micro.filter((each) => each.isWrite && each.key === key);
      const seen = strange ? own : outcome === "fail" ? [] : own.slice(-1);
      written.get(key)?.push(...seen.map(({ value }) => value));
    }
    return { outcome, micro, process: random.below(sessions) } as const;
  });
  return planned.map(({ outcome, micro, process }, number) => {
    const known = new Map<string, number | null>();
    return {
      outcome,
      process,
      begin: 2 * number,
      end: outcome === "ok" ? 2 * number + 1 : Infinity,
      micro: micro.map(({ isWrite, key, value }) => {
        if (isWrite) {
          known.set(key, value);
          return { f: "w" as const, key, value };
        }
        const any = random.chance(0.35)
          ? null
          : strange && random.chance(0.03)
            ? 99
            : random.pick([null, ...(written.get(key) as number[])]);
        const read = random.chance(0.95) ? (known.get(key) ?? any) : any;
        if (random.chance(0.8)) known.set(key, read);
        return { f: "r" as const, key, value: outcome === "ok" ? read : undefined };
      }),
    };
  });
}

function historyFrom(transactions: readonly RegisterTransaction[]): History {
  const events: NewEvent[] = [];
  for (const { process, outcome, micro } of transactions) {
    const asked = micro.map(({ f, key, value }): Value => [
      f,
      key,
      f === "r" ? null : (value ?? 0),
    ]);
    const got = micro.map(({ f, key, value }): Value => [f, key, value ?? null]);
    const about = { process, f: "txn", timeNs: events.length };
    events.push({ ...about, type: "invoke", value: asked });
    events.push({ ...about, type: outcome, value: outcome === "ok" ? got : asked });
  }
  return historyOf(events);
}
