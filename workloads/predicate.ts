/**
 * Tables whose rows are read by predicate: who finds none that it means, and inserts one, is in the
 * way of whoever looks for such rows, though no row is there that both could lock. (Adya's G2;
 * phantoms, Eswaran et al. 1976.) Rows that begin or cease to be meant, because they are changed or
 * deleted, are so as well. New tables follow.
 *
 * A row is a number that says its table and its kind, and a predicate means one kind, or all of a
 * table. So what was written here is of no concern to reads of other tables, and most reads tell
 * which version of each row they are of, also of those that they do not show. Some rows are of a
 * passing kind first, which nobody else is to see.
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
/** A row is looked up that one of so many transactions before may have inserted. */
const LOOKS_BACK = 7;
/**
 * One transaction of so many changes the row of the one that is `LOOKS_BACK` before it, which is
 * none of these itself, and may have inserted one.
 */
const CHANGES_EVERY = 3;

type Random = Parameters<Parameters<typeof transactionalWorkload>[0]["transaction"]>[0]["random"];

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for a level that is none of transactions.
 */
export function predicate(options: TransactionalWorkloadOptions = {}): Workload {
  return transactionalWorkload(
    {
      name: "predicate",
      description: "transactions that read rows by predicate, and insert, change and delete others",
      requires: "rows",
      transaction: ({ index, random }) => drawn(Math.floor(index / PER_TABLE), index, random),
      numbered: named,
      reads: (asked) => [...new Set(asked.map(tableOf))].map((table) => [allOf(table)]),
      client: rowsClient,
    },
    options,
  );
}

function drawn(table: number, index: number, random: Random): readonly MicroOperation[] {
  const valueOf = (kind: number): number => kind * TABLES + table;
  const seen: MicroOperation = random.chance(0.3)
    ? allOf(table)
    : ["rp", ["=", valueOf(random.below(KINDS))], null];
  const changed = index - LOOKS_BACK;
  if (index % CHANGES_EVERY === 0 && changed >= table * PER_TABLE) {
    const key = keyOf(table, changed);
    const change: MicroOperation = random.chance(0.5)
      ? ["w", key, valueOf((kindOf(changed) + 1) % KINDS)]
      : ["delete", key, null];
    return [seen, ["r", key, null], change];
  }
  const kind = valueOf(kindOf(index));
  const inserted: readonly MicroOperation[] = random.chance(0.2)
    ? [
        ["insert", null, valueOf(PASSING)],
        ["w", null, kind],
      ]
    : [["insert", null, kind]];
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

/** Of which kind the row is that this transaction may insert; not all that change are of one. */
function kindOf(index: number): number {
  return (index % LOOKS_BACK) % KINDS;
}

function allOf(table: number): MicroOperation {
  return ["rp", ["mod", TABLES, table], null];
}

function keyOf(table: number, index: number): string {
  return `${table}.${index}`;
}

/** A row that is inserted has a key of its own; changes are the same when they are tried again. */
function named(transaction: readonly MicroOperation[], index: number): readonly MicroOperation[] {
  const [, own] = transaction.find(([f]) => f === "insert") ?? [];
  return transaction.map((step) => {
    const [f, key, value] = step;
    const isInserted = f === "insert" || (f === "w" && key === own);
    return isInserted ? [f, keyOf(tableOf(step), index), value] : step;
  });
}

/** The table of a step. */
function tableOf([f, key, value]: MicroOperation): number {
  if (f === "insert" || f === "w") return (value as number) % TABLES;
  if (f === "r" || f === "delete") return Number((key as string).split(".")[0]);
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
