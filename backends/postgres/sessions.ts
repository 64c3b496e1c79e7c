/**
 * Connections to a PostgreSQL server (through `pg`), and what their errors mean. A statement or
 * transaction that the server refused did certainly not happen, nor did a transaction whose
 * connection broke before its COMMIT was sent. Where the connection breaks later, or the server
 * ends in the middle, it is not known.
 */
import type { Pool } from "pg";
import { HarnessError, messageOf } from "../../src/errors.js";

/** What is known of a call that did not get through. */
export type PostgresErrorCode =
  /** It certainly did not happen. */
  | "failed"
  /** The same, and it was for the sake of another transaction: it may be done again. */
  | "conflict"
  /** It may have happened. */
  | "unknown"
  /** The server found its data damaged. */
  | "corrupt";

/** A call on a server that did not get through. */
export class PostgresError extends Error {
  override readonly name = "PostgresError";
  readonly code: PostgresErrorCode;

  constructor(code: PostgresErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** Values that are bound to the `$1`, `$2`, … of a statement. */
export type Parameters = readonly (string | number | null | readonly string[])[];

/** What a statement answered. */
export interface Answer {
  readonly rows: readonly (readonly unknown[])[];
}

/** One connection, in a transaction. */
export interface Session {
  query(sql: string, parameters?: Parameters): Promise<Answer>;
}

/** The levels that PostgreSQL tells apart. */
export type Isolation = "read committed" | "repeatable read" | "serializable";

/** How to carry out a transaction. */
export interface TransactionOptions {
  /** Default `read committed`. */
  readonly isolation?: Isolation;
  /** How often it is begun at the most when it loses against others; 1 or more. Default 30. */
  readonly triesMax?: number;
}

/** Connections that are opened when they are needed. */
export interface Sessions {
  /** A statement that changes nothing, in a transaction of its own. @throws PostgresError */
  read(sql: string, parameters?: Parameters): Promise<Answer>;
  /** A statement that is a transaction by itself. @throws PostgresError */
  write(sql: string, parameters?: Parameters): Promise<Answer>;
  /**
   * A transaction. What `work` throws undoes it and is passed on; a `conflict` has it done again.
   * @throws PostgresError
   */
  transact<T>(work: (session: Session) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Waits for what is under way. */
  close(): Promise<void>;
}

/** How to connect. */
export interface SessionsOptions {
  /** Connections at the most, 1 or more. */
  readonly connections: number;
  /** How long each statement, and the wait for a connection, may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether a commit waits for the log to be on the disk. */
  readonly synchronousCommit: boolean;
}

const TRIES_MAX = 30;

/** As much of a connection as is used here. */
interface Connection {
  query(query: {
    readonly text: string;
    readonly values: readonly unknown[];
    readonly rowMode: "array";
  }): Promise<Answer & { readonly command: string }>;
  release(destroy: boolean): void;
}

/** @throws HarnessError `unavailable` when `pg` is not installed */
export async function openSessions(url: string, options: SessionsOptions): Promise<Sessions> {
  const client = await loadClient();
  const { connections, timeoutMs, synchronousCommit } = options;
  const pool = new client.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    options:
      "-c default_transaction_isolation=read\\ committed " +
      `-c synchronous_commit=${synchronousCommit ? "on" : "off"}`,
  });
  // A connection that breaks between two statements tells the next one.
  pool.on("connect", (each) => each.on("error", () => undefined));
  pool.on("error", () => undefined);

  const connect = async (): Promise<Connection> => {
    try {
      return await pool.connect();
    } catch (error) {
      throw classified("failed", error);
    }
  };
  const alone = async (
    otherwise: PostgresErrorCode,
    { sql, parameters }: { readonly sql: string; readonly parameters: Parameters },
  ): Promise<Answer> => {
    const connection = await connect();
    try {
      const answer = await query(connection, sql, parameters);
      connection.release(false);
      return answer;
    } catch (error) {
      connection.release(!isRefusal(error));
      throw classified(otherwise, error);
    }
  };
  return {
    read: (sql, parameters = []) => alone("failed", { sql, parameters }),
    write: (sql, parameters = []) => alone("unknown", { sql, parameters }),
    transact: async (work, { isolation = "read committed", triesMax = TRIES_MAX } = {}) => {
      for (let tries = 1; ; tries++) {
        try {
          return await transaction(await connect(), work, isolation);
        } catch (error) {
          const isConflict = error instanceof PostgresError && error.code === "conflict";
          if (!isConflict || tries >= triesMax) throw error;
        }
      }
    },
    close: async () => pool.end(),
  };
}

async function transaction<T>(
  connection: Connection,
  work: (session: Session) => Promise<T>,
  isolation: Isolation,
): Promise<T> {
  let committing = false;
  const ask: Session["query"] = async (sql, parameters = []) => {
    try {
      return await query(connection, sql, parameters);
    } catch (error) {
      throw classified("failed", error);
    }
  };
  try {
    await ask(`BEGIN ISOLATION LEVEL ${isolation.toUpperCase()}`);
    const result = await work({ query: ask });
    committing = true;
    const { command } = await query(connection, "COMMIT");
    if (command !== "COMMIT") throw new PostgresError("failed", `COMMIT gave ${command}`);
    connection.release(false);
    return result;
  } catch (error) {
    if (committing && !isRefusal(error) && !(error instanceof PostgresError)) {
      connection.release(true);
      throw classified("unknown", error);
    }
    // Without a COMMIT, and without the connection, the server undoes it.
    connection.release(!(isUsable(error) && (await rolledBack(connection))));
    throw committing ? classified("failed", error) : error;
  }
}

/** Whether what was thrown in a transaction says nothing against its connection. */
function isUsable(error: unknown): boolean {
  const cause = error instanceof PostgresError ? error.cause : undefined;
  return cause === undefined || isRefusal(cause);
}

async function rolledBack(connection: Connection): Promise<boolean> {
  try {
    await query(connection, "ROLLBACK");
    return true;
  } catch {
    return false;
  }
}

function query(
  connection: Connection,
  text: string,
  values: Parameters = [],
): ReturnType<Connection["query"]> {
  return connection.query({ text, values, rowMode: "array" });
}

function classified(otherwise: PostgresErrorCode, error: unknown): PostgresError {
  if (error instanceof PostgresError) return error;
  const state = stateOf(error);
  // XX001 and XX002: data or an index is damaged. 40001 and 40P01: serialization, deadlock.
  const code: PostgresErrorCode = /^XX00[12]$/.test(state)
    ? "corrupt"
    : /^(40001|40P01)$/.test(state)
      ? "conflict"
      : isRefusal(error)
        ? "failed"
        : otherwise;
  // Several failed connections in one have no message of their own.
  return new PostgresError(code, messageOf(error) || state || "no reason given", error);
}

/**
 * Whether the server refused it, and goes on. FATAL and PANIC mean that it ended instead, perhaps
 * after the commit. The word may be translated, so that codes count too: data, constraints,
 * conflicts and syntax. (40003 is "statement completion unknown".)
 */
function isRefusal(error: unknown): boolean {
  const { severity } = error as { readonly severity?: unknown };
  const state = stateOf(error);
  return (severity === "ERROR" || /^(22|23|40|42)...$/.test(state)) && state !== "40003";
}

/** The SQLSTATE of an error, if it is the server's. */
function stateOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" ? code : "";
}

async function loadClient(): Promise<{ readonly Pool: typeof Pool }> {
  try {
    // Loaded here and not above: it is needed by those who use PostgreSQL alone.
    return (await import("pg")).default;
  } catch (error) {
    throw new HarnessError(
      "unavailable",
      "PostgreSQL needs the package pg, which is not installed: npm install pg",
      { cause: error },
    );
  }
}
