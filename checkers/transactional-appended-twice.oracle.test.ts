/**
 * Lists to which elements are appended more than once: what some serial order explains is invalid
 * at no level, and all evidence is confirmed.
 */
import { expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { LEVELS } from "../src/consistency/lattice.js";
import { createRandom } from "../src/random.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { someHistory, type SmallMicro, type SmallTransaction } from "../test/oracle/isolation.js";
import { listHistory, randomLists } from "../test/oracle/random-lists.js";
import { permutations } from "../test/oracle/relations.js";
import { transactional } from "./transactional.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 150);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_128);

/** Levels that keep no order of time. */
const NAMES = LEVELS.filter(
  ({ family, variant }) => family === "transactional" && variant === undefined,
).map(({ name }) => name);

function folded(transactions: readonly SmallTransaction[]): readonly SmallTransaction[] {
  const fold = (value: number): number => (value % 3) + 1;
  return transactions.slice(0, 5).map(({ process, outcome, begin, end, micro }) => ({
    process,
    outcome,
    begin,
    end,
    micro: micro.map((access): SmallMicro => {
      if (access.f === "append") return { ...access, value: fold(access.value) };
      return access.value === undefined ? access : { ...access, value: access.value.map(fold) };
    }),
  }));
}

function isSerial(transactions: readonly SmallTransaction[]): boolean {
  return someHistory(transactions, (happened) =>
    permutations(happened.map((_, number) => number)).some((order) => {
      const lists = new Map<string, readonly number[]>();
      return order.every((number) =>
        (happened[number]?.micro ?? []).every((access) => {
          const list = lists.get(access.key) ?? [];
          if (access.f === "append") lists.set(access.key, [...list, access.value]);
          else if (access.value !== undefined) return String(access.value) === String(list);
          return true;
        }),
      );
    }),
  );
}

test("what a serial order explains is invalid nowhere", { timeout: 3_600_000 }, async () => {
  const counts = { valid: 0, invalid: 0, unknown: 0, serial: 0 };
  for (let seed = SEED; seed < SEED + HISTORIES; seed++) {
    const transactions = folded(randomLists(createRandom(seed)));
    const history = listHistory(transactions);
    const isRight = isSerial(transactions);
    if (isRight) counts.serial++;
    for (const level of NAMES) {
      const { verdict, reason, certificate } = await transactional({ level }).check(
        history,
        createBudget(),
      );
      counts[verdict]++;
      const about = `seed ${seed}, ${level}: ${verdict} ${reason}`;
      if (isRight) expect(verdict, about).not.toBe("invalid");
      if (verdict === "unknown") continue;
      if (certificate === undefined) expect.fail(`${about}: no certificate`);
      const verified = verifyCertificate({ certificate, history, budget: createBudget() });
      expect(verified, about).toMatchObject({ confirmed: true });
    }
  }
  expect(counts.serial).toBeGreaterThan(HISTORIES / 10);
  expect(counts.invalid).toBeGreaterThan(HISTORIES / 10);
});
