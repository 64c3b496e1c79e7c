/**
 * The cases of `npm run bench -- transactional`: lists at strict serializability, right and with
 * one stale read; lists where every transaction reads an old store, so that most of the history
 * lies on cycles; registers, whose versions are known by real time, or by what their writers read;
 * and registers at the levels that need no versions, which are named as AWDIT names them.
 */
import { transactional, type TransactionalOptions } from "../../checkers/transactional.js";
import type { Benchmark, Case } from "../rows/case.js";
import { makeHotKeys, type HotKeysOptions } from "./hot-keys.js";
import { makeTransactions, type TransactionsOptions } from "./transactions.js";

const SIZES: readonly number[] = [10_000, 100_000, 1_000_000];
/** Most of a history on cycles: as long as Elle's largest component, and longer. */
const TANGLED_SIZES: readonly number[] = [20_602, 100_000];

/** What the benchmark is made of. */
export const TRANSACTIONAL: Benchmark = {
  name: "transactional",
  program: "bench/transactional/measure",
  cases: () => [
    ...SIZES.map((transactions) => row("list-append", "right", { transactions, on: "lists" })),
    ...SIZES.map((transactions) =>
      row("list-append", "one stale read", { transactions, on: "lists", stale: "one" }),
    ),
    ...TANGLED_SIZES.map((transactions) =>
      row("tangled", "old reads", { transactions, on: "lists", stale: "old" }),
    ),
    ...SIZES.map((transactions) =>
      row("rw-register", "right", { transactions, on: "registers" }, { versions: ["realtime"] }),
    ),
    ...SIZES.map((transactions) =>
      row(
        "rw-register",
        "one stale read",
        { transactions, on: "registers", stale: "one" },
        { versions: ["realtime"] },
      ),
    ),
    ...SIZES.map((transactions) =>
      row(
        "rw-register-follow",
        "right",
        { transactions, on: "registers" },
        { versions: ["writes-follow-reads"] },
      ),
    ),
    ...SIZES.map((transactions) =>
      row(
        "rw-register-follow",
        "one stale read",
        { transactions, on: "registers", stale: "one" },
        { versions: ["writes-follow-reads"] },
      ),
    ),
    ...LEVELS.flatMap(({ family, level }) =>
      SIZES.flatMap((transactions) => [
        row(family, "right", { transactions, on: "registers" }, { level }),
        row(family, "old reads", { transactions, on: "registers", stale: "old" }, { level }),
      ]),
    ),
    ...ORDERED.flatMap(({ level, isolation }) =>
      [1_000, 2_000].flatMap((transactions) => [
        orderRow(level, { transactions, keys: 10, isolation }),
        orderRow(level, { transactions, keys: 10, isolation, stale: true }),
      ]),
    ),
    ...ORDERED.map(({ level, isolation }) =>
      orderRow(level, { transactions: 10_000, keys: 10_000, isolation }),
    ),
  ],
};

/** Levels that need an order of versions, and the store that keeps them. */
const ORDERED = [
  { level: "strong-session-snapshot-isolation", isolation: "snapshot" },
  { level: "strong-session-serializable", isolation: "serializable" },
] as const;

/** Levels that need no order of versions, by the names that others have for them. */
const LEVELS: readonly { readonly family: string; readonly level: string }[] = [
  { family: "read-committed", level: "strong-session-monotonic-atomic-view" },
  { family: "read-atomic", level: "strong-session-read-atomic" },
  { family: "causal", level: "strong-session-causal-cerone" },
];

function orderRow(level: string, made: HotKeysOptions): Case {
  const { transactions, keys, stale = false } = made;
  const expected = stale ? "invalid" : "valid";
  return {
    family: level,
    variant: `${keys} keys, ${stale ? "one stale read" : "right"}`,
    operations: transactions,
    expected,
    absence: () => undefined,
    subjects: async () => {
      const checker = transactional({ level });
      return [{ history: makeHotKeys(made), checker, object: "transactions", expected }];
    },
  };
}

function row(
  family: string,
  variant: string,
  made: TransactionsOptions,
  options: TransactionalOptions = {},
): Case {
  const expected = made.stale === undefined ? "valid" : "invalid";
  return {
    family,
    variant,
    operations: made.transactions,
    expected,
    absence: () => undefined,
    subjects: async () => {
      const history = makeTransactions(made);
      return [{ history, checker: transactional(options), object: "transactions", expected }];
    },
  };
}
