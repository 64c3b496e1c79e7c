/** The histories that the benchmark of transactions measures are what it takes them to be. */
import { describe, expect, test } from "vitest";
import { makeTransactions, type TransactionsOptions } from "../bench/transactional/transactions.js";
import { transactional } from "../checkers/transactional.js";
import { createBudget } from "../src/checker/checker.js";

const TRANSACTIONS = 3_000;

describe("histories of the benchmark", () => {
  const cases: readonly (readonly [Omit<TransactionsOptions, "transactions">, string, boolean])[] =
    [
      [{ on: "lists" }, "valid", false],
      [{ on: "lists", stale: "one" }, "invalid", false],
      [{ on: "lists", stale: "old" }, "invalid", true],
      [{ on: "registers", stale: "one" }, "invalid", false],
    ];
  test.each(cases)("%j: %s", async (made, expected, isTangled) => {
    const history = makeTransactions({ ...made, transactions: TRANSACTIONS });
    expect(history.length).toBe(2 * TRANSACTIONS);
    const checker = transactional({ versions: ["realtime"] });
    const { verdict, details } = await checker.check(history, createBudget());
    expect(verdict).toBe(expected);
    if (isTangled) expect(details?.["onCycles"]).toBeGreaterThan(TRANSACTIONS / 2);
  });
});
