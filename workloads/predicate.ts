/**
 * Tables whose rows are read by predicate: who finds none that it means, and inserts one, is in the
 * way of whoever looks for such rows, though no row is there that both could lock. (Adya's G2;
 * phantoms, Eswaran et al. 1976.) New tables follow.
 *
 * Each row is inserted once, so that of any read it is known which version it is of: also of a row
 * that is not shown. A row is a number that says its table and its kind, and a predicate means one
 * kind, or all of a table. Some rows are of a passing kind first, which nobody else is to see.
 */
import type { Value } from "../src/history/value.js";
import type { Client } from "../src/runner/client.js";
import type { Workload } from "../src/runner/workload.js";
import { objectClient } from "./objects.js";
import {
  transactionalWorkload,
  type MicroOperation,
  type TransactionalWorkloadOptions,
} from "./transactions/workload.js";

/** Transactions on a table. */
const PER_TABLE = 40;
/** So many tables there can be: a row is its table and its kind times this. */
const TABLES = 2 ** 20;
const KINDS = 3;
/** The kind that rows are of for a moment. */
const PASSING = KINDS;
/** A row is looked up by the key of one of so many transactions before. */
const LOOKS_BACK = 6;

type Random = Parameters<Parameters<typeof transactionalWorkload>[0]["transaction"]>[0]["random"];

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for a level that is none of transactions.
 */
export function predicate(options: TransactionalWorkloadOptions = {}): Workload {
  return transactionalWorkload(
    {
      name: "predicate",
      description: "transactions that read rows by predicate and insert others",
      requires: "rows",
      transaction: ({ index, random }) => drawn(Math.floor(index / PER_TABLE), index, random),
      numbered: (transaction, index) => transaction.map((step) => named(step, index)),
      reads: (asked) => [...new Set(asked.map(tableOf))].map((table) => [allOf(table)]),
      client: rowsClient,
    },
    options,
  );
}

function drawn(table: number, index: number, random: Random): readonly MicroOperation[] {
  const kind = random.below(KINDS) * TABLES + table;
  const seen: MicroOperation = random.chance(0.3)
    ? allOf(table)
    : ["rp", ["=", random.below(KINDS) * TABLES + table], null];
  const inserted: readonly MicroOperation[] = random.chance(0.2)
    ? [
        ["insert", [table], PASSING * TABLES + table],
        ["w", [table], kind],
      ]
    : [["insert", [table], kind]];
  const earlier = Math.max(table * PER_TABLE, index - 1 - random.below(LOOKS_BACK));
  const looked: MicroOperation = ["r", keyOf(table, earlier), null];
  return random.pick([
    [seen, ...inserted],
    [seen, ...inserted],
    [looked, ...inserted],
    [...inserted, seen],
    [seen, looked],
    [looked, seen],
    [seen, allOf(table)],
  ]);
}

function allOf(table: number): MicroOperation {
  return ["rp", ["mod", TABLES, table], null];
}

function keyOf(table: number, index: number): string {
  return `${table}.${index}`;
}

/** A row that is inserted has a key of its own; which table it is in is said until then. */
function named([f, key, value]: MicroOperation, index: number): MicroOperation {
  if (f !== "insert" && f !== "w") return [f, key, value];
  return [f, keyOf((value as number) % TABLES, index), value];
}

/** The table of a step. */
function tableOf([f, key, value]: MicroOperation): number {
  if (f === "insert" || f === "w") return (value as number) % TABLES;
  if (f === "r") return Number((key as string).split(".")[0]);
  const [name, first, second] = key as readonly [string, number, number];
  return name === "=" ? first % TABLES : second;
}

/** The rows of a table are one object of the store. */
function rowsClient(inner: Client): Client {
  const store = objectClient(inner, "rows");
  return {
    invoke: async ({ f, value }) => {
      const [step] = value as unknown as readonly MicroOperation[];
      const key: Value = step === undefined ? null : tableOf(step);
      return store.invoke({ f, key, value });
    },
    close: async () => store.close(),
  };
}
