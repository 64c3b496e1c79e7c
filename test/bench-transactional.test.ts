/** The histories that the benchmark of transactions measures are what it takes them to be. */
import { describe, expect, test } from "vitest";
import { ENCODERS } from "../bench/rows/encode.js";
import { makeHotKeys } from "../bench/transactional/hot-keys.js";
import { makeTransactions, type TransactionsOptions } from "../bench/transactional/transactions.js";
import { transactional } from "../checkers/transactional.js";
import { createBudget } from "../src/checker/checker.js";
import { decodeHistory } from "../src/history/codec.js";
import type { History } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";

const TRANSACTIONS = 3_000;

/** What each process did, in its order. */
function transactionsBySession(history: History): ReadonlyMap<number, readonly Value[]> {
  const sessions = new Map<number, Value[]>();
  for (const at of history.invocations()) {
    const { process, output } = history.operation(at);
    const known = sessions.get(process as number) ?? [];
    sessions.set(process as number, known);
    known.push(output as Value);
  }
  return sessions;
}

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

  test.each([
    [undefined, "valid"],
    ["old", "invalid"],
  ] as const)("weak levels, stale: %s", async (stale, expected) => {
    const made = { on: "registers", transactions: TRANSACTIONS } as const;
    const history = makeTransactions(stale === undefined ? made : { ...made, stale });
    for (const level of ["monotonic-atomic-view", "read-atomic", "causal-cerone"]) {
      const checker = transactional({ level: `strong-session-${level}` });
      expect(await checker.check(history, createBudget())).toMatchObject({ verdict: expected });
    }
    // What a peer is given is the same history.
    const lines = ENCODERS["plume"]?.({ history, object: "transactions" });
    const text = Buffer.from(Array.from(lines ?? [], (line) => `${line}\n`).join(""));
    const chunks = (async function* () {
      yield text;
    })();
    const decoded = await decodeHistory(chunks, { file: "h", format: "plume" });
    expect(transactionsBySession(decoded.history)).toEqual(transactionsBySession(history));
  });
});

describe("histories of keys that everybody writes", () => {
  const hot: readonly (readonly ["snapshot" | "serializable", boolean, string, string])[] = [
    ["snapshot", false, "snapshot-isolation", "valid"],
    ["snapshot", true, "snapshot-isolation", "invalid"],
    ["serializable", false, "serializable", "valid"],
    ["serializable", true, "serializable", "invalid"],
    // The store that keeps snapshots lets through what is not serializable.
    ["snapshot", false, "serializable", "invalid"],
  ];
  test.each(hot)("ten keys, %s, stale %s: %s is %s", async (isolation, stale, level, expected) => {
    const history = makeHotKeys({ transactions: 500, keys: 10, isolation, stale });
    expect(history.length).toBe(1_000);
    const { verdict } = await transactional({ level }).check(history, createBudget());
    expect(verdict).toBe(expected);
  });
});
