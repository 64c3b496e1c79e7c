/**
 * PostgreSQL on one node: a database server that others wrote. The node starts a server of its own
 * (`postgres/server.ts`) and kills it with itself, so that `kill -9` strikes all its processes. Or
 * it uses a server that runs already, which no fault of ours reaches.
 *
 * Each operation is one transaction on one table of canonical JSON texts; those that depend on what
 * they read hold their key while they do.
 */
import { join } from "node:path";
import { canonical, type Value } from "../src/history/value.js";
import type { System } from "../src/runner/system.js";
import { createRpc } from "../src/world/rpc.js";
import type { FaultKind, NodeContext, NodeProgram } from "../src/world/world.js";
import { startPostgres } from "./postgres/server.js";
import { openSessions, PostgresError, type Session, type Sessions } from "./postgres/sessions.js";
import { connectStore, decodeRequest, encodeAnswer, type StoreRequest } from "./store-client.js";
import {
  applyCommand,
  fail,
  indeterminate,
  stateKeyOf,
  STORE_FUNCTIONS,
  type StoreAnswer,
} from "./store-commands.js";

/** A bug in the use of PostgreSQL. */
export type PostgresVariant = "lost-update" | "async-commit";

/** The bugs, in words. */
export const POSTGRES_VARIANTS: { readonly [variant in PostgresVariant]: string } = {
  "lost-update": "it reads and writes at READ COMMITTED without holding the key in between",
  "async-commit": "it sets synchronous_commit=off, so that a kill loses acknowledged writes",
};

/** Options of `postgres`. */
export interface PostgresOptions {
  /** The bug to have. Default none. */
  readonly variant?: PostgresVariant;
  /**
   * The database of a server that runs already: `postgresql://user:password@host:port/database`.
   * Its table `ordeal_store` is made anew. Default: the environment's `ORDEAL_POSTGRES_URL` (a
   * command line would show its password to everybody), else a server of its own.
   */
  readonly url?: string;
}

/** A PostgreSQL database on one node. */
export function postgres(options: PostgresOptions = {}): System {
  const { variant, url = process.env["ORDEAL_POSTGRES_URL"] } = options;
  const under: readonly FaultKind[] = url === undefined ? ["kill", "pause"] : [];
  return {
    name: variant === undefined ? "postgres" : `postgres:${variant}`,
    description:
      variant === undefined
        ? "PostgreSQL on one node: its own server, where PostgreSQL is installed"
        : `PostgreSQL with a bug of its user: ${POSTGRES_VARIANTS[variant]}`,
    worlds: ["real"],
    functions: STORE_FUNCTIONS,
    nodes: { min: 1, default: 1, max: 1 },
    promise:
      variant === undefined
        ? { consistency: "linearizable", under }
        : {
            consistency: variant === "async-commit" ? "linearizable" : "none",
            under: variant === "async-commit" ? under.filter((fault) => fault !== "kill") : [],
            deviation: POSTGRES_VARIANTS[variant],
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
        export: "postgresProgram",
        options: { variant: variant ?? null, url: url ?? null },
      },
      nodeCount,
    }),
    connect: connectStore,
  };
}

const CONNECTIONS = 20;
const TIMEOUT_MS = 10_000;

/** What runs on the node of `postgres`. */
export function postgresProgram(options: {
  readonly variant: PostgresVariant | null;
  readonly url: string | null;
}): NodeProgram {
  const { variant } = options;
  return {
    start: async (node) => {
      const server = options.url === null ? await serverOf(node) : undefined;
      const sessions = await openSessions(server?.url() ?? (options.url as string), {
        connections: CONNECTIONS,
        timeoutMs: TIMEOUT_MS,
        synchronousCommit: variant !== "async-commit",
      });
      if (server === undefined) await sessions.write("DROP TABLE IF EXISTS ordeal_store");
      await sessions.write(
        "CREATE TABLE IF NOT EXISTS ordeal_store (key text PRIMARY KEY, value text NOT NULL)",
      );
      createRpc(node.network, node.clock).serve(async (_from, message) => {
        const request = decodeRequest(message);
        if (request === undefined) return encodeAnswer(fail("bad-request", "no such request"));
        const answer = await perform(sessions, request, variant === "lost-update");
        if (answer.outcome === "info") node.log(`${request.f}: ${answer.message}`);
        return encodeAnswer(answer);
      });
      return {
        stop: async () => {
          await sessions.close();
          await server?.stop();
        },
      };
    },
  };
}

/**
 * The server of a node, in the node's own directory. For programs of other systems on PostgreSQL,
 * too.
 */
export async function serverOf(node: NodeContext): ReturnType<typeof startPostgres> {
  const { clock, disk } = node;
  if (disk.directory === undefined) throw new Error("PostgreSQL needs a real directory");
  return startPostgres({
    clock,
    directory: join(disk.directory, "postgres"),
    onLine: (line) => node.log(line),
  });
}

async function perform(
  sessions: Sessions,
  request: StoreRequest,
  losesUpdates: boolean,
): Promise<StoreAnswer> {
  const key = stateKeyOf(request);
  try {
    if (request.f === "read" || request.f === "get") {
      const { rows } = await sessions.read(READ, [key]);
      return applyCommand(stateOf(key, rows), request).answer;
    }
    return await sessions.transact(async (session) => {
      if (!losesUpdates) await session.query(HOLD, [key]);
      return execute(session, key, request);
    });
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error;
    return error.code === "unknown"
      ? indeterminate("commit-failed", error.message)
      : fail("postgres", error.message);
  }
}

const READ = "SELECT value FROM ordeal_store WHERE key = $1";
/** A row that is not there cannot be held: this holds its name to the end of the transaction. */
const HOLD = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";

/** Reads the one row of the command, applies it, and writes the row. */
async function execute(session: Session, key: string, request: StoreRequest): Promise<StoreAnswer> {
  const { rows } = await session.query(READ, [key]);
  const { answer, change } = applyCommand(stateOf(key, rows), request);
  if (change?.value !== undefined) {
    await session.query(
      `INSERT INTO ordeal_store VALUES ($1, $2)
       ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
      [change.key, canonical(change.value)],
    );
  } else if (change !== undefined) {
    await session.query("DELETE FROM ordeal_store WHERE key = $1", [change.key]);
  }
  return answer;
}

function stateOf(key: string, rows: readonly (readonly unknown[])[]): ReadonlyMap<string, Value> {
  const [row] = rows;
  return new Map(row === undefined ? [] : [[key, JSON.parse(row[0] as string) as Value]]);
}
