/**
 * SQLite (through libsql) as a database with transactions of several steps, on one node of the real
 * world: a database that others wrote, at two levels of isolation
 * (`transactions/sqlite-engine.ts`).
 */
import type { System } from "../src/runner/system.js";
import type { NodeProgram } from "../src/world/world.js";
import { connectStore } from "./store-client.js";
import { TRANSACTION_FUNCTIONS } from "./transactions/procedures.js";
import { serveTransactions } from "./transactions/serve.js";
import { sqliteEngine, type SqliteIsolation } from "./transactions/sqlite-engine.js";
import { transactBy } from "./transactions/transaction.js";

export type { SqliteIsolation } from "./transactions/sqlite-engine.js";

/** Options of `sqliteTransactions`. */
export interface SqliteTransactionsOptions {
  /**
   * `serializable`: snapshots of a write-ahead log, and strict. `read-uncommitted`: a cache that
   * the connections share. Default `serializable`.
   */
  readonly isolation?: SqliteIsolation;
}

/** SQLite with transactions that overlap. */
export function sqliteTransactions(options: SqliteTransactionsOptions = {}): System {
  const { isolation = "serializable" } = options;
  const isDefault = isolation === "serializable";
  return {
    name: isDefault ? "sqlite-transactions" : `sqlite-transactions:${isolation}`,
    description: isDefault
      ? "transactions of SQLite (libsql), isolated by its write-ahead log: serializable"
      : "transactions of SQLite (libsql) with a shared cache: read-uncommitted",
    worlds: ["real"],
    functions: TRANSACTION_FUNCTIONS,
    nodes: { min: 1, default: 1, max: 1 },
    promise: {
      consistency: "none",
      under: ["kill", "pause"],
      deviation: `its promise is of transactions: ${isDefault ? "strict-serializable" : isolation}`,
    },
    deployment: (nodeCount) => ({
      program: {
        module: import.meta.url,
        export: "sqliteTransactionsProgram",
        options: { isolation },
      },
      nodeCount,
    }),
    connect: connectStore,
  };
}

/** What runs on the node of `sqliteTransactions`. */
export function sqliteTransactionsProgram(options: {
  readonly isolation: SqliteIsolation;
}): NodeProgram {
  return {
    start: async (node) => {
      const engine = await sqliteEngine(options.isolation, node);
      serveTransactions(
        node,
        transactBy(() => engine.begin()),
      );
      return { stop: async () => engine.close() };
    },
  };
}
