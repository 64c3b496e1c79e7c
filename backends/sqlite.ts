/**
 * SQLite (through libsql) on one node: a database that others wrote, as a real child process with a
 * real file. Each operation is one transaction on one table of canonical JSON texts.
 *
 * The journal is a write-ahead log, and `synchronous=FULL` has SQLite sync it at each commit,
 * before the answer; the default of many bindings, `NORMAL`, would lose the last commits with the
 * power.
 */
import { join } from "node:path";
import { messageOf } from "../src/errors.js";
import { canonical, type Value } from "../src/history/value.js";
import type { System } from "../src/runner/system.js";
import { createRpc } from "../src/world/rpc.js";
import type { NodeProgram } from "../src/world/world.js";
import { connectStore, decodeRequest, encodeAnswer } from "./store-client.js";
import {
  applyCommand,
  fail,
  indeterminate,
  stateKeyOf,
  STORE_FUNCTIONS,
  type Command,
  type StoreAnswer,
} from "./store-commands.js";

/** Options of `sqlite`. */
export interface SqliteOptions {
  /**
   * The bug to have: `late-commit` answers first and commits up to 50 ms later, as a store does
   * that trades durability for speed; a kill loses what it has acknowledged. Default none.
   */
  readonly variant?: "late-commit";
}

/** A SQLite database on one node. */
export function sqlite(options: SqliteOptions = {}): System {
  const { variant } = options;
  return {
    name: variant === undefined ? "sqlite" : `sqlite:${variant}`,
    description:
      variant === undefined
        ? "SQLite (libsql) with a write-ahead log and synchronous=FULL, in a child process"
        : "SQLite with a bug of its user: answers come before the commit, and a kill loses writes",
    worlds: ["real"],
    functions: STORE_FUNCTIONS,
    nodes: { min: 1, default: 1, max: 1 },
    promise:
      variant === undefined
        ? { consistency: "linearizable", under: ["kill", "pause"] }
        : {
            consistency: "linearizable",
            under: ["pause"],
            deviation: "it answers before it commits, so that a kill loses acknowledged writes",
          },
    deployment: (nodeCount) => ({
      program: {
        module: import.meta.url,
        export: "sqliteProgram",
        options: { commitDelayMs: variant === undefined ? 0 : COMMIT_DELAY_MS },
      },
      nodeCount,
    }),
    connect: connectStore,
  };
}

const COMMIT_DELAY_MS = 50;

/** What runs on the node of `sqlite`; a commit delay of 0 ms commits before it answers. */
export function sqliteProgram(options: { readonly commitDelayMs: number }): NodeProgram {
  const { commitDelayMs } = options;
  return {
    start: async (node) => {
      const { network, clock, disk } = node;
      if (disk.directory === undefined) throw new Error("SQLite needs a real directory");
      const database = await openDatabase(join(disk.directory, "store.db"));
      let commitIsDue = false;
      /** The bug of the variant: one transaction stays open over many answers. */
      const commitLater = (): void => {
        if (commitIsDue) return;
        commitIsDue = true;
        database.exec("BEGIN IMMEDIATE");
        clock.timer(commitDelayMs, () => {
          commitIsDue = false;
          database.exec("COMMIT");
        });
      };
      createRpc(network, clock).serve((_from, message) => {
        const request = decodeRequest(message);
        if (request === undefined) return encodeAnswer(fail("bad-request", "no such request"));
        if (commitDelayMs > 0) commitLater();
        const answer = commitDelayMs > 0 ? execute(database, request) : transact(database, request);
        if (answer.outcome === "info") node.log(`${request.f}: ${answer.message}`);
        return encodeAnswer(answer);
      });
      return {
        stop: async () => {
          if (commitIsDue) database.exec("COMMIT");
          database.close();
        },
      };
    },
  };
}

/** As much of the binding as is used here. */
interface Database {
  readonly inTransaction: boolean;
  exec(sql: string): unknown;
  prepare(sql: string): {
    run(...parameters: readonly string[]): unknown;
    get(...parameters: readonly string[]): unknown;
  };
  close(): unknown;
}

async function openDatabase(file: string): Promise<Database> {
  // Loaded here and not above: the native library is needed on the node alone.
  const { default: Libsql } = await import("libsql");
  const database = new Libsql(file) as unknown as Database;
  expectPragma(database, "PRAGMA journal_mode = WAL", "wal");
  database.exec("PRAGMA synchronous = FULL");
  expectPragma(database, "PRAGMA synchronous", 2);
  database.exec("CREATE TABLE IF NOT EXISTS store (key TEXT PRIMARY KEY, value TEXT NOT NULL)");
  return database;
}

/** A setting that SQLite cannot make it leaves as it was, without an error. */
function expectPragma(database: Database, pragma: string, expected: unknown): void {
  const row = database.prepare(pragma).get() as { readonly [column: string]: unknown } | undefined;
  const [found] = Object.values(row ?? {});
  if (found !== expected)
    throw new Error(`"${pragma}" gave ${String(found)}, not ${String(expected)}`);
}

/**
 * One command as one transaction. Only a commit that goes wrong leaves it open whether the command
 * happened.
 */
function transact(database: Database, command: Command): StoreAnswer {
  let committing = false;
  try {
    database.exec("BEGIN IMMEDIATE");
    const answer = execute(database, command);
    committing = true;
    database.exec("COMMIT");
    return answer;
  } catch (error) {
    const rolledBack = rollBack(database);
    return committing || !rolledBack
      ? indeterminate("commit-failed", messageOf(error))
      : fail("sqlite", messageOf(error));
  }
}

/** Reads the one row of the command, applies it, and writes the row. */
function execute(database: Database, command: Command): StoreAnswer {
  const key = stateKeyOf(command);
  const row = database.prepare("SELECT value FROM store WHERE key = ?").get(key) as
    | { readonly value: string }
    | undefined;
  const state = new Map<string, Value>();
  if (row !== undefined) state.set(key, JSON.parse(row.value) as Value);
  const { answer, change } = applyCommand(state, command);
  if (change?.value !== undefined) {
    database
      .prepare("INSERT OR REPLACE INTO store (key, value) VALUES (?, ?)")
      .run(change.key, canonical(change.value));
  } else if (change !== undefined) {
    database.prepare("DELETE FROM store WHERE key = ?").run(change.key);
  }
  return answer;
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
