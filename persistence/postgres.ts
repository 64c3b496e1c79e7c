/**
 * States in a PostgreSQL database (through `pg`): a row a state, and most calls are one statement.
 * Any number of processes may share the table.
 *
 * Versions come from a sequence, and are drawn while the key is held: an update draws its number
 * anew when it had to wait for somebody's else (READ COMMITTED evaluates the row again), and a new
 * row is numbered after it was inserted, when nobody else can have the key. So they rise, also over
 * deletions.
 */
import {
  openSessions,
  PostgresError,
  type Answer,
  type PostgresErrorCode,
  type Session,
  type Sessions,
} from "../backends/postgres/sessions.js";
import { statePersistence } from "../src/state/derive.js";
import type {
  ChangeOptions,
  ListedState,
  ListOptions,
  SavedState,
  StateChange,
  StatePersistence,
} from "../src/state/persistence.js";
import { StateError, type StateErrorCode } from "../src/state/state-error.js";
import { checkConditions, notFound } from "../src/state/state-table.js";
import { prepareTable, type Tables } from "./postgres/tables.js";

type Value = SavedState["value"];

/** Options of the PostgreSQL store. */
export interface PostgresOptions {
  /** The table, which is made when it is not there. Default `ordeal_states`. */
  readonly table?: string;
  /** Connections at the most, 1 or more. Default 10. */
  readonly connections?: number;
  /** How long a call may take, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
  /**
   * Whether a commit waits for the log to be on the disk. Without, a crash of the server loses what
   * was answered just before. Default true.
   */
  readonly synchronousCommit?: boolean;
}

/**
 * Opens the store in the database of that URL (`postgresql://user:password@host:port/database`).
 * @throws StateError `unavailable` when it cannot be reached, or `pg` is not installed
 */
export async function postgresPersistence(
  url: string,
  options: PostgresOptions = {},
): Promise<StatePersistence> {
  const { synchronousCommit = true, table = "ordeal_states" } = options;
  const sessions = await openSessions(url, {
    connections: options.connections ?? 10,
    timeoutMs: options.timeoutMs ?? 30_000,
    synchronousCommit,
  });
  const { tables, syncs } = await classified(() => prepareTable(sessions, table)).catch(
    async (error: unknown) => {
      await sessions.close();
      throw error;
    },
  );
  const states = new States(sessions, tables);
  return statePersistence({
    name: "postgres",
    durability: !synchronousCommit ? "volatile" : syncs ? "power-loss" : "kill",
    saveState: (key, value, more) => classified(() => states.save(key, value, more)),
    loadState: (key) => classified(() => states.load(key)),
    deleteState: (key, more) => classified(() => states.remove(key, more)),
    listStates: (more) => classified(() => states.list(more)),
    batch: (changes) => classified(() => states.change(changes)),
    close: async () => sessions.close(),
  });
}

const CODES: { readonly [code in PostgresErrorCode]: StateErrorCode } = {
  failed: "unavailable",
  conflict: "unavailable",
  unknown: "indeterminate",
  corrupt: "corrupt",
};

async function classified<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error;
    throw new StateError(CODES[error.code], error.message, { cause: error });
  }
}

/** The calls, on the rows. */
class States {
  readonly #sessions: Sessions;
  readonly #tables: Tables;

  constructor(sessions: Sessions, tables: Tables) {
    this.#sessions = sessions;
    this.#tables = tables;
  }

  async load(key: string): Promise<SavedState> {
    const { rows } = await this.#sessions.read(this.#tables.load, [key]);
    if (rows[0] === undefined) throw notFound(key);
    const [text, version] = rows[0] as [string, string];
    return { value: parsed(key, text), version: Number(version) };
  }

  async list({ prefix = "", after = "", limit }: ListOptions = {}): Promise<ListedState[]> {
    const found = await this.#sessions.read(this.#tables.list, [after, prefix, limit ?? null]);
    return (found.rows as [string, string][]).map(([key, version]) => ({
      key,
      version: Number(version),
    }));
  }

  /** One statement for a state that is there; what is new, or wrong, goes the long way. */
  async save(key: string, value: Value, options: ChangeOptions = {}): Promise<number> {
    if (options.expected !== 0) {
      const found = [key, JSON.stringify(value), options.expected ?? null];
      const { rows } = await this.#sessions.write(this.#tables.update, found);
      if (rows[0] !== undefined) return Number(rows[0][0]);
    }
    return (await this.change([{ kind: "save", key, value, ...options }]))[0] as number;
  }

  async remove(key: string, options: ChangeOptions = {}): Promise<void> {
    const { rows } = await this.#sessions.write(this.#tables.remove, [
      key,
      options.expected ?? null,
    ]);
    if (rows[0] === undefined) await this.change([{ kind: "delete", key, ...options }]);
  }

  async change(changes: readonly StateChange[]): Promise<readonly number[]> {
    if (changes.length === 0) return [];
    return this.#sessions.transact((session) => execute(session, this.#tables, changes));
  }
}

/** Holds what is there, checks the conditions, and changes it. */
async function execute(
  session: Session,
  tables: Tables,
  changes: readonly StateChange[],
): Promise<readonly number[]> {
  const versions = new Map<string, number>();
  const note = ({ rows }: Answer): void => {
    for (const [key, version] of rows) versions.set(key as string, Number(version));
  };
  note(await session.query(tables.hold, [changes.map(({ key }) => key)]));
  checkConditions(changes, (key) => versions.get(key) ?? 0);

  const saves = changes.flatMap((change) => (change.kind === "save" ? [change] : []));
  const held = saves.filter(({ key }) => versions.has(key));
  const fresh = saves.filter(({ key }) => !versions.has(key));
  const gone = changes.filter(({ kind }) => kind === "delete").map(({ key }) => key);
  if (held.length > 0) note(await session.query(tables.updateAll, columns(held)));
  if (fresh.length > 0) {
    const { rows } = await session.query(tables.insert, columns(fresh));
    // Somebody else's came in between: now it can be held.
    if (rows.length < fresh.length)
      throw new PostgresError("conflict", "others insert the same keys");
    note(await session.query(tables.number, [fresh.map(({ key }) => key)]));
  }
  if (gone.length > 0) await session.query(tables.removeAll, [gone]);
  return changes.map(({ key, kind }) => (kind === "delete" ? 0 : (versions.get(key) as number)));
}

function columns(
  saves: readonly { readonly key: string; readonly value: Value }[],
): [readonly string[], readonly string[]] {
  return [saves.map(({ key }) => key), saves.map(({ value }) => JSON.stringify(value))];
}

/** @throws StateError `corrupt` when it is no JSON: then it is not of ours */
function parsed(key: string, text: string): Value {
  try {
    return JSON.parse(text) as Value;
  } catch (error) {
    const message = `the state ${JSON.stringify(key)} is no JSON`;
    throw new StateError("corrupt", message, { key, cause: error });
  }
}
