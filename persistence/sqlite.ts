/**
 * States in a SQLite database (through libsql): a row a state, a transaction a call. The journal is
 * a write-ahead log, and `synchronous=FULL` has SQLite sync it at each commit, before the answer.
 * Several processes may have the database open.
 *
 * Versions come from a counter in the database, so that they rise over deletions too.
 */
import { HarnessError, messageOf } from "../src/errors.js";
import { statePersistence } from "../src/state/derive.js";
import type {
  ListedState,
  ListOptions,
  SavedState,
  StateChange,
  StatePersistence,
} from "../src/state/persistence.js";
import { StateError, type StateErrorCode } from "../src/state/state-error.js";
import { checkConditions, notFound } from "../src/state/state-table.js";

/** Options of the SQLite store. */
export interface SqliteOptions {
  /** How long a call waits for another process's transaction, in milliseconds. Default 5,000. */
  readonly busyMs?: number;
}

/**
 * Opens the database of that file, which is made when it is not there.
 * @throws StateError `corrupt` when the file is no database, `unavailable` when it cannot be
 *   opened; HarnessError `bad-argument`
 */
export async function sqlitePersistence(
  file: string,
  options: SqliteOptions = {},
): Promise<StatePersistence> {
  const { busyMs = 5000 } = options;
  if (!(Number.isFinite(busyMs) && busyMs >= 0)) {
    throw new HarnessError("bad-argument", `busyMs is a number from 0 on, not ${busyMs}`);
  }
  // Loaded here and not above: the native library is needed by those who use this store alone.
  const { default: Libsql } = await import("libsql");
  const open = (): Database => {
    const database = new Libsql(file) as unknown as Database;
    prepareDatabase(database, busyMs);
    return database;
  };
  const database = classified("unavailable", open);
  const commit = (changes: readonly StateChange[]): readonly number[] =>
    transact(database, changes);
  return statePersistence({
    name: "sqlite",
    durability: "power-loss",
    saveState: async (key, value, more) =>
      commit([{ kind: "save", key, value, ...more }])[0] as number,
    loadState: async (key) => classified("unavailable", () => load(database, key)),
    deleteState: async (key, more) => {
      commit([{ kind: "delete", key, ...more }]);
    },
    listStates: async (more = {}) => classified("unavailable", () => list(database, more)),
    batch: async (changes) => commit(changes),
    close: async () => {
      database.close();
    },
  });
}

/** As much of the binding as is used here. */
interface Database {
  readonly inTransaction: boolean;
  exec(sql: string): unknown;
  prepare(sql: string): Statement;
  close(): unknown;
}

interface Statement {
  run(...parameters: readonly (string | number)[]): unknown;
  get(...parameters: readonly (string | number)[]): unknown;
  all(...parameters: readonly (string | number)[]): readonly unknown[];
}

function prepareDatabase(database: Database, busyMs: number): void {
  database.prepare(`PRAGMA busy_timeout = ${Math.round(busyMs)}`).get();
  expectPragma(database, "PRAGMA journal_mode = WAL", "wal");
  database.exec("PRAGMA synchronous = FULL");
  expectPragma(database, "PRAGMA synchronous", 2);
  database.exec("BEGIN IMMEDIATE");
  database.exec(`
    CREATE TABLE IF NOT EXISTS states
      (key TEXT PRIMARY KEY, value TEXT NOT NULL, version INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS last_change (only INTEGER PRIMARY KEY, version INTEGER NOT NULL);
    INSERT OR IGNORE INTO last_change VALUES (1, 0);
  `);
  database.exec("COMMIT");
}

/** A setting that SQLite cannot make it leaves as it was, without an error. */
function expectPragma(database: Database, pragma: string, expected: unknown): void {
  const row = database.prepare(pragma).get() as { readonly [column: string]: unknown } | undefined;
  const [found] = Object.values(row ?? {});
  if (found === expected) return;
  throw new StateError("unavailable", `"${pragma}" gave ${String(found)}, not ${String(expected)}`);
}

/** All changes in one transaction; only a commit that goes wrong leaves it open what happened. */
function transact(database: Database, changes: readonly StateChange[]): readonly number[] {
  let committing = false;
  try {
    database.exec("BEGIN IMMEDIATE");
    const versions = execute(database, changes);
    committing = true;
    database.exec("COMMIT");
    return versions;
  } catch (error) {
    const isUndone = rollBack(database);
    throw asStateError(error, committing || !isUndone ? "indeterminate" : "unavailable");
  }
}

function execute(database: Database, changes: readonly StateChange[]): readonly number[] {
  const versionOf = database.prepare("SELECT version FROM states WHERE key = ?");
  checkConditions(changes, (key) => {
    const row = versionOf.get(key) as { readonly version: number } | undefined;
    return row?.version ?? 0;
  });
  const last = database.prepare("SELECT version FROM last_change").get() as { version: number };
  const save = database.prepare("INSERT OR REPLACE INTO states VALUES (?, ?, ?)");
  const remove = database.prepare("DELETE FROM states WHERE key = ?");
  let { version } = last;
  const versions = changes.map((change) => {
    version++;
    if (change.kind === "delete") remove.run(change.key);
    else save.run(change.key, JSON.stringify(change.value), version);
    return change.kind === "delete" ? 0 : version;
  });
  database.prepare("UPDATE last_change SET version = ?").run(version);
  return versions;
}

function load(database: Database, key: string): SavedState {
  const row = database.prepare("SELECT value, version FROM states WHERE key = ?").get(key) as
    | { readonly value: string; readonly version: number }
    | undefined;
  if (row === undefined) throw notFound(key);
  return { value: JSON.parse(row.value) as SavedState["value"], version: row.version };
}

/** The order of SQLite is that of the bytes of UTF-8, which is the order of code points. */
function list(
  database: Database,
  { prefix = "", after = "", limit = -1 }: ListOptions,
): readonly ListedState[] {
  const sql = `SELECT key, version FROM states
    WHERE key > ? AND key >= ? AND substr(key, 1, length(?)) = ? ORDER BY key LIMIT ?`;
  const rows = database.prepare(sql).all(after, prefix, prefix, prefix, limit);
  return (rows as readonly ListedState[]).map(({ key, version }) => ({ key, version }));
}

/** True when no transaction is open any more; some errors have SQLite roll back by itself. */
function rollBack(database: Database): boolean {
  try {
    if (database.inTransaction) database.exec("ROLLBACK");
    return !database.inTransaction;
  } catch {
    return false;
  }
}

function classified<T>(otherwise: StateErrorCode, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw asStateError(error, otherwise);
  }
}

function asStateError(error: unknown, otherwise: StateErrorCode): StateError {
  if (error instanceof StateError) return error;
  const { code } = error as { readonly code?: unknown };
  const isDamaged = typeof code === "string" && /^SQLITE_(CORRUPT|NOTADB)/.test(code);
  return new StateError(isDamaged ? "corrupt" : otherwise, messageOf(error), { cause: error });
}
