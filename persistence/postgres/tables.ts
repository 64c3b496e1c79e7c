/**
 * The table of the PostgreSQL store and its statements. Keys are compared by their bytes (collation
 * "C"), which is the order of code points; values are JSON as text, because `jsonb` would take no
 * zero characters in strings.
 */
import type { Sessions } from "../../backends/postgres/sessions.js";
import { HarnessError } from "../../src/errors.js";
import { StateError } from "../../src/state/state-error.js";

/** The statements; each key is given once. */
export interface Tables {
  /** Key: value and version. */
  readonly load: string;
  /** After, prefix, limit: keys and versions. */
  readonly list: string;
  /** Key, value, expected version or null: the new version, or nothing. */
  readonly update: string;
  /** Key, expected version or null: the key, or nothing. */
  readonly remove: string;
  /** Keys: those that are there with their versions, held until the end of the transaction. */
  readonly hold: string;
  /** Keys, values: the keys that were new. */
  readonly insert: string;
  /** Keys: keys and their new versions. */
  readonly number: string;
  /** Keys, values: keys and their new versions. */
  readonly updateAll: string;
  /** Keys. */
  readonly removeAll: string;
}

/** What the server is, and the statements for it. */
export interface Prepared {
  readonly tables: Tables;
  /** Whether it syncs its log at all. */
  readonly syncs: boolean;
}

/** PostgreSQL cuts names at 63 bytes; the sequence has a suffix. */
const NAME = /^(?:[A-Za-z_]\w{0,49}\.)?[A-Za-z_]\w{0,49}$/;

/** Any number that no other program is likely to lock; held while tables are made. */
const LOCK = 7_306_841_209;

/**
 * Makes the table when it is not there.
 * @throws StateError `unavailable` when the server is not as it has to be
 */
export async function prepareTable(sessions: Sessions, name: string): Promise<Prepared> {
  if (!NAME.test(name)) {
    const message = `a table's name is made of letters, digits and "_", not ${JSON.stringify(name)}`;
    throw new HarnessError("bad-argument", message);
  }
  const settings = await sessions.read(
    `SELECT current_setting('server_encoding'), current_setting('default_transaction_isolation'),
       current_setting('fsync'), current_setting('server_version_num')::int`,
  );
  const [encoding, isolation, fsync, version] = settings.rows[0] as [
    string,
    string,
    string,
    number,
  ];
  if (encoding !== "UTF8") throw unfit(`its encoding is ${encoding}, not UTF8`);
  if (version < 110_000) throw unfit("it is older than version 11");
  if (isolation !== "read committed") throw unfit(`the URL sets the isolation to ${isolation}`);
  const table = quoted(name);
  const sequence = quoted(`${name}_version`);
  await sessions.transact(async (session) => {
    await session.query("SELECT pg_advisory_xact_lock($1)", [LOCK]);
    const found = await session.query("SELECT to_regclass($1) IS NOT NULL", [table]);
    if (found.rows[0]?.[0] === true) return;
    await session.query(`CREATE SEQUENCE ${sequence}`);
    await session.query(
      `CREATE TABLE ${table}
         (key text COLLATE "C" PRIMARY KEY, value text NOT NULL, version bigint NOT NULL)`,
    );
  });
  const next = `nextval('${sequence}')`;
  return { tables: statements(table, next), syncs: fsync === "on" };
}

function statements(table: string, next: string): Tables {
  const pairs = "unnest($1::text[], $2::text[]) AS given (key, value)";
  return {
    load: `SELECT value, version FROM ${table} WHERE key = $1`,
    list: `SELECT key, version FROM ${table}
      WHERE key > $1 AND key >= $2 AND starts_with(key, $2) ORDER BY key LIMIT $3::bigint`,
    update: `UPDATE ${table} SET value = $2, version = ${next}
      WHERE key = $1 AND version = coalesce($3::bigint, version) RETURNING version`,
    remove: `DELETE FROM ${table}
      WHERE key = $1 AND version = coalesce($2::bigint, version) RETURNING key`,
    hold: `SELECT key, version FROM ${table} WHERE key = ANY ($1::text[]) ORDER BY key FOR UPDATE`,
    insert: `INSERT INTO ${table} (key, value, version)
      SELECT key, value, 0 FROM ${pairs} ORDER BY key COLLATE "C"
      ON CONFLICT DO NOTHING RETURNING key`,
    number: `UPDATE ${table} SET version = ${next}
      WHERE key = ANY ($1::text[]) RETURNING key, version`,
    updateAll: `UPDATE ${table} AS held SET value = given.value, version = ${next}
      FROM ${pairs} WHERE held.key = given.key RETURNING held.key, held.version`,
    removeAll: `DELETE FROM ${table} WHERE key = ANY ($1::text[])`,
  };
}

function quoted(name: string): string {
  return name
    .split(".")
    .map((part) => `"${part}"`)
    .join(".");
}

function unfit(why: string): StateError {
  return new StateError("unavailable", `this PostgreSQL server cannot keep states: ${why}`);
}
