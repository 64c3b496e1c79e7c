/**
 * PostgreSQL as a database with transactions of several steps, on one node of the real world, at
 * each of its three levels of isolation (`transactions/postgres-engine.ts`). The server is one of
 * its own, as for `postgres`, or one that runs already.
 */
import type { System } from "../src/runner/system.js";
import type { NodeProgram } from "../src/world/world.js";
import { openSessions, type Isolation } from "./postgres/sessions.js";
import { serverOf } from "./postgres.js";
import { connectStore } from "./store-client.js";
import { prepareRows, transactOn } from "./transactions/postgres-engine.js";
import { TRANSACTION_FUNCTIONS } from "./transactions/procedures.js";
import { serveTransactions } from "./transactions/serve.js";

/** A level of PostgreSQL. */
export type PostgresIsolation = "serializable" | "repeatable-read" | "read-committed";

/** The levels, with their names in SQL and what they keep. */
const POSTGRES_LEVELS: {
  readonly [isolation in PostgresIsolation]: {
    readonly sql: Isolation;
    readonly keeps: string;
  };
} = {
  serializable: { sql: "serializable", keeps: "serializable" },
  "repeatable-read": { sql: "repeatable read", keeps: "snapshot-isolation" },
  "read-committed": { sql: "read committed", keeps: "read-committed" },
};

/** The levels, from strong to weak. */
export const POSTGRES_ISOLATIONS: readonly PostgresIsolation[] = Object.keys(
  POSTGRES_LEVELS,
) as PostgresIsolation[];

/** Options of `postgresTransactions`. */
export interface PostgresTransactionsOptions {
  /** Default `serializable`. */
  readonly isolation?: PostgresIsolation;
  /**
   * The database of a server that runs already: `postgresql://user:password@host:port/database`.
   * Its table `ordeal_rows` is made anew. Default: a server of its own.
   */
  readonly url?: string;
}

/** PostgreSQL with transactions that overlap. */
export function postgresTransactions(options: PostgresTransactionsOptions = {}): System {
  const { isolation = "serializable", url } = options;
  const { keeps } = POSTGRES_LEVELS[isolation];
  const isDefault = isolation === "serializable";
  return {
    name: isDefault ? "postgres-transactions" : `postgres-transactions:${isolation}`,
    description: `transactions of PostgreSQL at its level ${isolation}${keeps === isolation ? "" : `, which is ${keeps}`}`,
    worlds: ["real"],
    functions: TRANSACTION_FUNCTIONS,
    nodes: { min: 1, default: 1, max: 1 },
    promise: {
      consistency: "none",
      under: ["kill", "pause"],
      deviation: `its promise is of transactions: ${keeps}`,
    },
    availability: () =>
      url === undefined
        ? { available: true }
        : {
            available: false,
            reason: "the server at the URL is not ours to break",
            alternative: "leave the URL out, for a server that is",
          },
    deployment: (nodeCount) => ({
      program: {
        module: import.meta.url,
        export: "postgresTransactionsProgram",
        options: { isolation, url: url ?? null },
      },
      nodeCount,
    }),
    connect: connectStore,
  };
}

const CONNECTIONS = 20;
const TIMEOUT_MS = 10_000;

/** What runs on the node of `postgresTransactions`. */
export function postgresTransactionsProgram(options: {
  readonly isolation: PostgresIsolation;
  readonly url: string | null;
}): NodeProgram {
  const { isolation, url } = options;
  return {
    start: async (node) => {
      const server = url === null ? await serverOf(node) : undefined;
      const sessions = await openSessions(server?.url() ?? (url as string), {
        connections: CONNECTIONS,
        timeoutMs: TIMEOUT_MS,
        synchronousCommit: true,
      });
      await prepareRows(sessions, server === undefined);
      serveTransactions(node, transactOn(sessions, POSTGRES_LEVELS[isolation].sql));
      return {
        stop: async () => {
          await sessions.close();
          await server?.stop();
        },
      };
    },
  };
}
