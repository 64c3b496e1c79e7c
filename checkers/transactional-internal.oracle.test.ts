/**
 * Transactions on registers that read a key twice, differently, against definitions: at levels that
 * do not ask a transaction to agree with itself, every order of versions is tried.
 */
import { describe, expect, test } from "vitest";
import { createRandom, type Random } from "../src/random.js";
import { judgeIsolation } from "../test/judge-isolation.js";
import type { BruteLevel, Kept } from "../test/oracle/isolation.js";
import { registersHold, type RegisterTransaction } from "../test/oracle/register-isolation.js";
import { historyOfRegisters } from "../test/oracle/small-registers.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 500);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_127);

const LEVELS: readonly BruteLevel[] = ["cursor-stability", "consistent-view"];
const PREFIXES: { readonly [kept in Kept]: string } = {
  nothing: "",
  session: "strong-session-",
  realtime: "strong-",
};
const CASES = LEVELS.flatMap((level) =>
  (Object.keys(PREFIXES) as Kept[]).map(
    (kept) => [`${PREFIXES[kept]}${level}`, level, kept] as const,
  ),
);

describe.each(CASES)("%s", (name, level, kept) => {
  test("is decided, and as defined", { timeout: 3_600_000 }, async () => {
    const counts = { valid: 0, invalid: 0, torn: 0 };
    for (let number = 0; number < HISTORIES; number++) {
      const transactions = tornTransactions(createRandom(SEED + number));
      const about = `seed ${SEED + number}, ${name}`;
      const { verdict, details } = await judgeIsolation(name, historyOfRegisters(transactions));
      const holds = registersHold(transactions, level, { kept, rules: [] });
      expect(`${about}: ${verdict}`).toBe(`${about}: ${holds ? "valid" : "invalid"}`);
      counts[holds ? "valid" : "invalid"]++;
      const ruledOut = (details?.["ruledOut"] ?? []) as readonly string[];
      if (ruledOut.includes("read-atomic")) counts.torn++;
    }
    expect(counts.valid).toBeGreaterThan(HISTORIES / 20);
    expect(counts.invalid).toBeGreaterThan(HISTORIES / 200);
    expect(counts.torn).toBeGreaterThan(HISTORIES / 20);
  });
});

/** Each read is of anything that was written by then, or is there at first. */
function tornTransactions(random: Random): readonly RegisterTransaction[] {
  const written = new Map<string, (number | null)[]>();
  const oldness = random.pick([0, 0.2, 0.5]);
  let value = 0;
  return Array.from({ length: 2 + random.below(3) }, (_, at): RegisterTransaction => {
    const begin = at + random.below(3) * random.float();
    const own: [string, number][] = [];
    const micro = Array.from({ length: 1 + random.below(4) }, () => {
      const key = random.pick(["x", "y"]);
      const versions = written.get(key) ?? [null];
      if (value < 6 && random.chance(0.4)) {
        own.push([key, ++value]);
        return { f: "w" as const, key, value };
      }
      const last = own.findLast(([of]) => of === key)?.[1] ?? versions.at(-1) ?? null;
      const read = random.chance(oldness) ? random.pick(versions) : last;
      return { f: "r" as const, key, value: read };
    });
    const left = new Map(own);
    for (const [key, last] of left) written.set(key, [...(written.get(key) ?? [null]), last]);
    return { process: at, outcome: "ok", begin, end: begin + 0.5 + 3 * random.float(), micro };
  });
}
