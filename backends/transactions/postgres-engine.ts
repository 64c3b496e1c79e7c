/**
 * Transactions of PostgreSQL at one of its levels: `read committed` with a snapshot for each
 * statement, `repeatable read`, which is snapshot isolation where the first to update wins, and
 * `serializable` by serializable snapshot isolation (Ports & Grittner, VLDB 2012).
 */
import { canonical, type Value } from "../../src/history/value.js";
import {
  PostgresError,
  type Isolation,
  type Session,
  type Sessions,
} from "../postgres/sessions.js";
import type { Condition } from "./conditions.js";
import { Abort, rowOf, tableOf, type Statements, type Transact } from "./transaction.js";

const TABLE = `CREATE TABLE IF NOT EXISTS ordeal_rows
  (name text PRIMARY KEY, table_name text NOT NULL, value jsonb NOT NULL)`;
const INSERT = "INSERT INTO ordeal_rows VALUES ($1, $2, $3::jsonb) ON CONFLICT (name) DO UPDATE";

/** Makes the table. */
export async function prepareRows(sessions: Sessions, isNew: boolean): Promise<void> {
  if (isNew) await sessions.write("DROP TABLE IF EXISTS ordeal_rows");
  await sessions.write(TABLE);
  await sessions.write("CREATE INDEX IF NOT EXISTS ordeal_tables ON ordeal_rows (table_name)");
}

/** Carries out transactions, each tried once. */
export function transactOn(sessions: Sessions, isolation: Isolation): Transact {
  return async (work) => {
    try {
      return await sessions.transact((session) => work(statementsOf(session)), {
        isolation,
        triesMax: 1,
      });
    } catch (error) {
      if (!(error instanceof PostgresError)) throw error;
      const outcome = error.code === "unknown" ? "info" : "fail";
      throw new Abort(error.code, error.message, outcome);
    }
  };
}

function statementsOf(session: Session): Statements {
  return {
    read: async (key) => {
      const sql = "SELECT value FROM ordeal_rows WHERE name = $1";
      const { rows } = await session.query(sql, [key]);
      return (rows[0]?.[0] ?? null) as Value;
    },
    write: async (key, value) => {
      const sql = `${INSERT} SET value = excluded.value`;
      await session.query(sql, [key, tableOf(key), canonical(value)]);
    },
    remove: async (key) => {
      await session.query("DELETE FROM ordeal_rows WHERE name = $1", [key]);
    },
    append: async (key, element) => {
      const sql = `${INSERT} SET value = ordeal_rows.value || excluded.value`;
      await session.query(sql, [key, tableOf(key), canonical([element])]);
    },
    increment: async (key, amount) => {
      const sum = "ordeal_rows.value::numeric + excluded.value::numeric";
      const sql = `${INSERT} SET value = to_jsonb(${sum})`;
      await session.query(sql, [key, tableOf(key), canonical(amount)]);
    },
    scan: async (table, condition) => {
      const sql = `SELECT name, value FROM ordeal_rows
        WHERE table_name = $1 AND ${CONDITIONS[condition.is]} ORDER BY name`;
      const { rows } = await session.query(sql, [table, ...parametersOf(condition)]);
      return rows.map(([name, value]) => rowOf(name as string, value as Value));
    },
  };
}

/** What is asked of a row beside its table. */
const CONDITIONS: { readonly [is in Condition["is"]]: string } = {
  true: "true",
  "=": "value = $2::jsonb",
  mod: `CASE jsonb_typeof(value) WHEN 'number'
    THEN mod(mod(value::numeric, $2::numeric) + $2::numeric, $2::numeric) = $3::numeric
    ELSE false END`,
};

function parametersOf(condition: Condition): readonly (string | number)[] {
  if (condition.is === "true") return [];
  if (condition.is === "=") return [canonical(condition.value)];
  return [condition.divisor, condition.remainder];
}
