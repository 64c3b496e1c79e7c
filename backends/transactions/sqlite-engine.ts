/**
 * Transactions of SQLite (through libsql), each on a connection of its own.
 *
 * With a write-ahead log a transaction reads the snapshot of its first read, and may write only
 * while nobody else has committed since: it is serializable, and strict. With a cache that the
 * connections share and `read_uncommitted`, it reads what is in the cache, committed or not.
 */
import { join } from "node:path";
import { messageOf } from "../../src/errors.js";
import { canonical, type Value } from "../../src/history/value.js";
import type { NodeContext } from "../../src/world/world.js";
import { isMeant, type Condition } from "./conditions.js";
import {
  Abort,
  appended,
  increased,
  rowOf,
  tableOf,
  type Row,
  type Transaction,
} from "./transaction.js";

/** The levels that SQLite can give. */
export type SqliteIsolation = "serializable" | "read-uncommitted";

/** As much of the binding as is used here. */
interface Database {
  readonly inTransaction: boolean;
  exec(sql: string): unknown;
  prepare(sql: string): {
    all(...parameters: readonly string[]): readonly unknown[];
  };
  close(): unknown;
}

/** Open connections. */
export interface SqliteEngine {
  begin(): Transaction;
  close(): void;
}

/** Opens the database in the directory of the node. */
export async function sqliteEngine(
  isolation: SqliteIsolation,
  { disk, clock }: NodeContext,
): Promise<SqliteEngine> {
  if (disk.directory === undefined) throw new Error("SQLite needs a real directory");
  // Loaded here and not above: the native library is needed on the node alone.
  const { default: Libsql } = await import("libsql");
  const path = join(disk.directory, "transactions.db");
  const file = isolation === "serializable" ? path : `file:${path}?cache=shared`;
  const open = (): Database => {
    const database = new Libsql(file) as unknown as Database;
    // Waiting is up to us: SQLite's own would hold up everybody in this process.
    database.exec("PRAGMA busy_timeout = 0");
    if (isolation === "read-uncommitted") database.exec("PRAGMA read_uncommitted = 1");
    return database;
  };
  const first = open();
  first.exec("PRAGMA journal_mode = WAL");
  first.exec(
    "CREATE TABLE IF NOT EXISTS row_values " +
      "(name TEXT PRIMARY KEY, table_name TEXT NOT NULL, value TEXT NOT NULL)",
  );
  const all = [first];
  const idle = [first];
  const connect = (): Database => {
    const known = idle.pop();
    if (known !== undefined) return known;
    const opened = open();
    all.push(opened);
    return opened;
  };
  return {
    begin: () => {
      const database = connect();
      database.exec("BEGIN");
      return transactionOn(database, {
        sleep: (delayMs) => clock.sleep(delayMs),
        release: () => idle.push(database),
      });
    },
    close: () => {
      for (const database of all) database.close();
    },
  };
}

/** How often, and how long apart, somebody tries who finds the database locked. */
const TRIES = 100;
const DISTANCE_MS = 5;

function transactionOn(
  database: Database,
  around: {
    readonly sleep: (delayMs: number) => Promise<void>;
    readonly release: () => void;
  },
): Transaction {
  const statement = async <T>(run: () => T): Promise<T> => {
    for (let tries = 1; ; tries++) {
      try {
        return run();
      } catch (error) {
        if (!isLocked(error) || tries >= TRIES) throw abortFor(error);
      }
      await around.sleep(DISTANCE_MS);
    }
  };
  const select = (condition: string, parameters: readonly string[]): readonly Stored[] => {
    const sql = `SELECT name, value FROM row_values WHERE ${condition} ORDER BY name`;
    return database.prepare(sql).all(...parameters) as readonly Stored[];
  };
  const read = (key: string): Value => {
    const [row] = select("name = ?1", [key]);
    return row === undefined ? null : (JSON.parse(row.value) as Value);
  };
  const scan = (table: string, condition: Condition): readonly Row[] =>
    select(`table_name = ?1${CONDITIONS[condition.is]}`, [table, ...parametersOf(condition)])
      .map(({ name, value }) => rowOf(name, JSON.parse(value) as Value))
      // A text that begins with digits is a number to SQLite.
      .filter(({ value }) => isMeant(condition, value));
  /**
   * As one text. A prepared statement of the binding that finds the database locked stays open, and
   * keeps its snapshot beyond the transaction: the next one on this connection would see it.
   */
  const write = (key: string, value: Value): void => {
    const row = [key, tableOf(key), canonical(value)].map(quoted).join(", ");
    database.exec(`INSERT OR REPLACE INTO row_values (name, table_name, value) VALUES (${row})`);
  };
  const remove = (key: string): void => {
    database.exec(`DELETE FROM row_values WHERE name = ${quoted(key)}`);
  };
  return {
    read: (key) => statement(() => read(key)),
    write: (key, value) => statement(() => write(key, value)),
    remove: (key) => statement(() => remove(key)),
    append: (key, element) => statement(() => write(key, appended(read(key), element))),
    increment: (key, amount) => statement(() => write(key, increased(read(key), amount))),
    scan: (table, condition) => statement(() => scan(table, condition)),
    commit: async () => {
      await statement(() => database.exec("COMMIT"));
      around.release();
    },
    abort: async () => {
      try {
        if (database.inTransaction) database.exec("ROLLBACK");
      } finally {
        if (!database.inTransaction) around.release();
      }
    },
  };
}

interface Stored {
  readonly name: string;
  readonly value: string;
}

/** What is asked of a row beside its table. */
const CONDITIONS: { readonly [is in Condition["is"]]: string } = {
  true: "",
  "=": " AND value = ?2",
  mod: " AND ((value % CAST(?2 AS INTEGER)) + ?2) % CAST(?2 AS INTEGER) = CAST(?3 AS INTEGER)",
};

function parametersOf(condition: Condition): readonly string[] {
  if (condition.is === "true") return [];
  if (condition.is === "=") return [canonical(condition.value)];
  return [String(condition.divisor), String(condition.remainder)];
}

/** A text in SQL; canonical JSON has no zero bytes. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function codeOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" ? code : "";
}

/** Whether somebody else holds what it needs, so that it may have it later. */
function isLocked(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED|LOCKED_SHAREDCACHE)$/.test(codeOf(error));
}

function abortFor(error: unknown): Abort {
  if (error instanceof Abort) return error;
  const code = codeOf(error);
  if (code === "SQLITE_BUSY_SNAPSHOT") {
    return new Abort("write-conflict", "somebody has committed since its first read");
  }
  if (isLocked(error)) return new Abort("locked", "somebody else writes for too long");
  // What else can go wrong with a commit is not known to have undone it.
  return new Abort("sqlite", messageOf(error), "info");
}
