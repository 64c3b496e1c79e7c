/**
 * Connections to PostgreSQL, and what their errors mean. A statement or transaction that the server
 * refused did certainly not happen, nor did a transaction whose connection broke before its COMMIT
 * was sent. Where the connection breaks later, or the server ends in the middle, it is not known.
 */
import type { Pool } from "pg";
import { HarnessError, messageOf } from "../../src/errors.js";
import { StateError } from "../../src/state/state-error.js";

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

/** Connections that are opened when they are needed. All errors are `StateError`s. */
export interface Sessions {
  /** A statement that changes nothing. */
  read(sql: string, parameters?: Parameters): Promise<Answer>;
  /** A statement that is a transaction by itself. */
  write(sql: string, parameters?: Parameters): Promise<Answer>;
  /** A transaction; done again from its beginning when it lost against others. */
  transact<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** Waits for what is under way. */
  close(): Promise<void>;
}

/** How to connect. */
export interface SessionsOptions {
  readonly connections: number;
  readonly timeoutMs: number;
  readonly synchronousCommit: boolean;
}

/** Thrown in a transaction that has to be done again. */
export class Outrun extends Error {}

const TRIES_MAX = 30;

/** As much of the client as is used here. */
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
      throw stateError("unavailable", error);
    }
  };
  const alone = async (otherwise: Certainty, [sql, parameters]: [string, Parameters]) => {
    const connection = await connect();
    try {
      const answer = await query(connection, sql, parameters);
      connection.release(false);
      return answer;
    } catch (error) {
      connection.release(!isRefusal(error));
      throw stateError(isRefusal(error) ? "unavailable" : otherwise, error);
    }
  };
  return {
    read: (sql, parameters = []) => alone("unavailable", [sql, parameters]),
    write: (sql, parameters = []) => alone("indeterminate", [sql, parameters]),
    transact: async (work) => {
      for (let tries = 1; ; tries++) {
        try {
          return await transaction(await connect(), work);
        } catch (error) {
          if (!(error instanceof Outrun)) throw error;
          if (tries < TRIES_MAX) continue;
          throw new StateError("unavailable", "others were faster, again and again: try again", {
            cause: error,
          });
        }
      }
    },
    close: async () => pool.end(),
  };
}

type Certainty = "unavailable" | "indeterminate";

async function transaction<T>(
  connection: Connection,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  let committing = false;
  try {
    await query(connection, "BEGIN ISOLATION LEVEL READ COMMITTED");
    const result = await work({
      query: (sql, parameters = []) => query(connection, sql, parameters),
    });
    committing = true;
    const { command } = await query(connection, "COMMIT");
    if (command !== "COMMIT") throw new StateError("unavailable", `COMMIT gave ${command}`);
    connection.release(false);
    return result;
  } catch (error) {
    if (committing && !isRefusal(error) && !(error instanceof StateError)) {
      connection.release(true);
      throw stateError("indeterminate", error);
    }
    // Without a COMMIT, and without the connection, the server undoes it.
    connection.release(!(await rolledBack(connection)));
    throw isConflict(error) ? new Outrun(messageOf(error)) : stateError("unavailable", error);
  }
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

function stateError(otherwise: Certainty, error: unknown): Error {
  if (error instanceof StateError || error instanceof Outrun) return error;
  // XX001 and XX002: data or an index is damaged.
  const code = /^XX00[12]$/.test(codeOf(error)) ? "corrupt" : otherwise;
  return new StateError(code, messageOf(error), { cause: error });
}

/**
 * Whether the server refused it, and goes on. FATAL and PANIC mean that it ended instead, perhaps
 * after the commit. The word may be translated, so that codes count too: data, constraints,
 * conflicts and syntax.
 */
function isRefusal(error: unknown): boolean {
  const { severity } = error as { readonly severity?: unknown };
  const code = codeOf(error);
  return (severity === "ERROR" || /^(22|23|40|42)...$/.test(code)) && code !== "40003";
}

/** A deadlock or a failed serialization: the transaction was undone, for others' sake. */
function isConflict(error: unknown): boolean {
  return ["40001", "40P01"].includes(codeOf(error)) || error instanceof Outrun;
}

function codeOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" ? code : "";
}

async function loadClient(): Promise<{ readonly Pool: typeof Pool }> {
  try {
    // Loaded here and not above: it is needed by those who use this store alone.
    return (await import("pg")).default;
  } catch (error) {
    throw new HarnessError(
      "unavailable",
      "PostgreSQL needs the package pg, which is not installed: npm install pg",
      { cause: error },
    );
  }
}
