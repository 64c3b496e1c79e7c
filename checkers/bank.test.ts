/** Bank: totals, overdrafts and accounts, against the definitions written out. */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { checkerContract } from "../src/testing/index.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { events, operations } from "../test/oracle/events.js";
import { compareWithDefinition } from "../test/oracle/random-events.js";
import { bank, type BankOptions } from "./bank.js";

const check = async (given: readonly NewEvent[], options: BankOptions = {}): Promise<Verdict> =>
  bank(options).check(historyOf(given), createBudget());

const shows = (startMs: number, ...balances: readonly Value[]): readonly NewEvent[] =>
  balances.flatMap((value, i) => operations(startMs + 2 * i, [1, "read", null, value]));

describe("contract", () => {
  const contract = checkerContract({
    checker: bank(),
    valid: [
      ...operations(0, [0, "transfer", { from: "a", to: "b", amount: 3 }]),
      ...shows(10, { a: 2, b: 8 }, null, { a: 5, b: 5 }),
    ],
    violations: {
      "money made": shows(90, { a: 5, b: 6 }),
      "an overdraft": shows(90, { a: -1, b: 11 }),
      "an account gone": shows(90, { a: 10 }),
      "a foreign account": shows(90, { a: 5, b: 5, z: 0 }),
    },
    unobserved: events(0, ["invoke", 9, "transfer"], ["info", 9, "transfer"]),
  });
  for (const { name, run } of contract) test(name, run);
});

test("total, accounts and overdrafts may be given", async () => {
  const given = shows(0, { a: -1, b: 11 });
  expect((await check(given, { negative: true })).verdict).toBe("valid");
  expect((await check(given, { negative: true, total: 9 })).anomalies).toMatchObject([
    { kind: "wrong-total", operations: [0], details: { total: 10 } },
  ]);
  const three = await check(given, { negative: true, accounts: ["a", "b", "c"] });
  expect(three.anomalies).toMatchObject([{ kind: "missing-account" }]);
});

test("a total that the first read gave names it; a balance of null is none", async () => {
  const verdict = await check(shows(0, { a: 1, b: 2 }, { a: 1, b: 3 }, { a: 1, b: null }));
  expect(verdict.anomalies).toMatchObject([
    { kind: "wrong-total", operations: [0, 2] },
    { kind: "missing-account", operations: [4] },
  ]);
  expect(verdict.anomalies[0]?.message).toBe(
    'process 1\'s read (2 ms to 3 ms) shows {"a":1,"b":3}: 4 in all, not 3.',
  );
});

test("pairs are accounts, too; what is neither is refused", async () => {
  const pairs = [
    [1, 4],
    [2, 6],
  ];
  expect((await check(shows(0, pairs, { 1: 5, 2: 5 }))).verdict).toBe("valid");
  expect(() => bank().check(historyOf(shows(0, 5)), createBudget())).toThrow(/cannot read objects/);
  expect(() => bank().check(historyOf(shows(0, [1])), createBudget())).toThrow(/cannot read/);
});

test("an account that is shown twice, or one for another, hides none that is missing", async () => {
  const options = { total: 10, accounts: ["a", "b"] };
  const twice = [
    ["a", 5],
    ["a", 5],
  ];
  for (const shown of [twice, { a: 5, z: 5 }]) {
    const { anomalies } = await check(shows(0, shown), options);
    expect(anomalies.map(({ kind }) => kind)).toEqual(["missing-account", "unexpected-account"]);
  }
});

test("the extremes of what reads showed are facts of the verdict", async () => {
  const { details } = await check(shows(0, { a: 5, b: 5 }, { a: 9, b: 5 }, { a: 1, b: 1 }));
  expect(details).toMatchObject({ total: 10, lowest: 2, highest: 14 });
});

test("agrees with the definitions on random histories", async () => {
  const tally = await compareWithDefinition(
    bank({ total: 3, accounts: ["a", "b"] }),
    (calls) =>
      calls
        .filter(({ f, outcome, output }) => f === "read" && outcome === "ok" && output !== null)
        .flatMap(({ output }) => {
          const balances = output as { readonly [account: string]: number };
          const names = Object.keys(balances);
          const total = Object.values(balances).reduce((sum, each) => sum + each, 0);
          const missing = ["a", "b"].some((name) => !names.includes(name));
          const kinds = missing ? ["missing-account"] : total === 3 ? [] : ["wrong-total"];
          if (names.includes("z")) kinds.push("unexpected-account");
          if (Object.values(balances).some((each) => each < 0)) kinds.push("negative-balance");
          return kinds;
        }),
    {
      histories: 3000,
      operationsMax: 4,
      call: (dice) => {
        if (dice(5) === 0) return { f: "transfer", input: null, output: null };
        const a = dice(5) - 1;
        const b = dice(10) === 0 ? dice(5) : 3 - a;
        const all = { a, b, ...(dice(12) === 0 ? { z: 0 } : {}) };
        const odd: readonly Value[] = [{ a }, { a, z: b }, null];
        const output = dice(8) === 0 ? (odd[dice(3)] ?? null) : all;
        return { f: "read", input: null, output };
      },
    },
  );
  expect(tally.invalid).toBeLessThan(2800);
  for (const kind of ["wrong-total", "negative-balance", "missing-account", "unexpected-account"]) {
    expect(tally.kinds[kind], kind).toBeGreaterThan(100);
  }
});
