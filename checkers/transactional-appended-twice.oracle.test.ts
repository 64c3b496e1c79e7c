/**
 * Lists to which elements are appended more than once: what some serial order explains is invalid
 * at no level; at levels of which lists are decided the answer is the one of the definitions for
 * every choice of whose each element is that a read shows; and all evidence is confirmed.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { LEVELS } from "../src/consistency/lattice.js";
import { createRandom } from "../src/random.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import {
  holdsByPhenomena,
  someHistory,
  type SmallMicro,
  type SmallTransaction,
} from "../test/oracle/isolation.js";
import { KEPT, LEVELS_BY_CYCLES } from "../test/oracle/levels-by-cycles.js";
import { listHistory, randomLists } from "../test/oracle/random-lists.js";
import { permutations } from "../test/oracle/relations.js";
import { transactional } from "./transactional.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 150);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_128);
/** Whether there have to be some of each kind: of fewer, of other seeds, that is chance. */
const ARE_MANY = HISTORIES >= (process.env["ORDEAL_SEED"] === undefined ? 150 : 1000);

/** Levels that keep no order of time. */
const NAMES = LEVELS.filter(
  ({ family, variant }) => family === "transactional" && variant === undefined,
).map(({ name }) => name);

function folded(transactions: readonly SmallTransaction[], among = 3): readonly SmallTransaction[] {
  const fold = (value: number): number => (value % among) + 1;
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
  if (!ARE_MANY) return;
  expect(counts.serial).toBeGreaterThan(HISTORIES / 10);
  expect(counts.invalid).toBeGreaterThan(HISTORIES / 10);
});

/** Choices beyond these are not tried here. */
const CHOICES_MAX = 1000;

/** Every history in which each append has an element of its own, and what is read one of those. */
function toldApart(
  transactions: readonly SmallTransaction[],
): readonly (readonly SmallTransaction[])[] {
  let next = 0;
  const appends: { readonly key: string; readonly value: number; readonly own: number }[] = [];
  const unique = transactions.map(({ micro, process, outcome, begin, end }) => ({
    process,
    outcome,
    begin,
    end,
    micro: micro.map((each): SmallMicro => {
      if (each.f !== "append") return each;
      const own = ++next;
      appends.push({ key: each.key, value: each.value, own });
      return { ...each, value: own };
    }),
  }));
  let all: (readonly SmallTransaction[])[] = [unique];
  for (const [number, { micro }] of transactions.entries()) {
    for (const [at, { f, key, value }] of micro.entries()) {
      if (f !== "r" || value === undefined) continue;
      for (const [place, element] of value.entries()) {
        const owns = appends.flatMap((each) =>
          each.key === key && each.value === element ? [each.own] : [],
        );
        if (all.length * owns.length > CHOICES_MAX) return [];
        all = all.flatMap((those) =>
          (owns.length === 0 ? [-element] : owns).map((own) => {
            const of = those[number] as SmallTransaction;
            const list = ((of.micro[at] as SmallMicro).value as readonly number[]).with(place, own);
            return those.with(number, { ...of, micro: of.micro.with(at, { f, key, value: list }) });
          }),
        );
      }
    }
  }
  return all;
}

function isRepeated(transactions: readonly SmallTransaction[]): boolean {
  const appended = transactions.flatMap(({ micro }) =>
    micro.flatMap(({ f, key, value }) => (f === "append" ? [`${key} ${value}`] : [])),
  );
  return new Set(appended).size < appended.length;
}

describe.each(KEPT)("whoever appended it, keeping %s", (kept, prefix) => {
  test.each(LEVELS_BY_CYCLES)("%s", { timeout: 3_600_000 }, async (base) => {
    const level =
      base === "serializable" && kept === "realtime" ? "strict-serializable" : `${prefix}${base}`;
    const counts = { valid: 0, invalid: 0, unknown: 0, chosen: 0 };
    for (let seed = SEED; seed < SEED + HISTORIES; seed++) {
      const transactions = folded(randomLists(createRandom(seed)), 1 + (seed % 4)).slice(0, 4);
      const isAny = transactions.some(({ outcome }) => outcome === "ok");
      const choices = toldApart(transactions);
      if (!isAny || choices.length === 0 || !isRepeated(transactions)) continue;
      const history = listHistory(transactions);
      const verdict = await transactional({ level }).check(history, createBudget());
      const { certificate } = verdict;
      const about = `seed ${seed}, ${level}`;
      if (verdict.verdict === "unknown") {
        counts.unknown++;
        continue;
      }
      if (certificate === undefined) expect.fail(`${about}: ${verdict.reason}`);
      const verified = verifyCertificate({ certificate, history, budget: createBudget() });
      expect(verified, `${about}: ${verdict.reason}`).toMatchObject({ confirmed: true });
      const holds = choices.some((each) => holdsByPhenomena(each, base, kept));
      expect(`${about}: ${verdict.verdict}`).toBe(`${about}: ${holds ? "valid" : "invalid"}`);
      counts[verdict.verdict]++;
      const isChosen =
        certificate.kind === "transaction-order"
          ? certificate.sources !== undefined
          : certificate.kind === "isolation-violation" &&
            certificate.phenomenon.name === "no-source";
      if (isChosen) counts.chosen++;
    }
    if (!ARE_MANY) return;
    expect(counts.valid).toBeGreaterThan(HISTORIES / 20);
    expect(counts.invalid).toBeGreaterThan(HISTORIES / 1000);
    expect(counts.chosen).toBeGreaterThan(HISTORIES / 50);
    expect(counts.unknown).toBeLessThan(HISTORIES / 40);
  });
});
