/**
 * Isolation by locks on one copy of the data, with the degrees of Gray et al. 1976 as Berenson et
 * al. define them ("A Critique of ANSI SQL Isolation Levels", 1995, table 2). Write locks are kept
 * to the end at every level, so that nobody writes over what is not committed, and an abort can
 * put back what was there.
 *
 * | level | read locks on rows | on tables |
 * |---|---|---|
 * | read uncommitted | none | none |
 * | read committed | while reading | while reading |
 * | cursor stability | until another row is read | while reading |
 * | repeatable read | to the end | while reading |
 * | serializable | to the end | to the end |
 *
 * The row that was read last is where the cursor stands (Date 1990). Of a row that it has left, who
 * writes it finds out by a count of changes whether it is still what was read, as optimistic
 * cursors do by row versions: so no update is lost of any row.
 *
 * Locks that are kept until after the commit put transactions in the order of their commits, which
 * are between their calls and their returns: `serializable` is strict.
 */
import type { Value } from "../../src/history/value.js";
import { Locks, type LockMode, type Owner } from "./locks.js";
import type { LockingVariant } from "./locking-variants.js";
import { isMeant } from "./conditions.js";
import {
  Abort,
  appended,
  increased,
  rowOf,
  tableOf,
  type Row,
  type Transaction,
} from "./transaction.js";

/** The levels that locks can give. */
export type LockingIsolation =
  | "read-uncommitted"
  | "read-committed"
  | "cursor-stability"
  | "repeatable-read"
  | "serializable";

type Span = "none" | "short" | "cursor" | "long";

const ROW_READS: { readonly [level in LockingIsolation]: Span } = {
  "read-uncommitted": "none",
  "read-committed": "short",
  "cursor-stability": "cursor",
  "repeatable-read": "long",
  serializable: "long",
};

const TABLE_READS: { readonly [level in LockingIsolation]: Span } = {
  "read-uncommitted": "none",
  "read-committed": "short",
  "cursor-stability": "short",
  "repeatable-read": "short",
  serializable: "long",
};

/** What an engine is made from. */
export interface LockingOptions {
  readonly isolation: LockingIsolation;
  readonly variant: LockingVariant | undefined;
}

/** A store whose transactions lock what they use; the function begins one. */
export function lockingEngine(options: LockingOptions): () => Transaction {
  const store: Store = {
    rows: new Map(),
    tables: new Map(),
    changes: new Map(),
    locks: new Locks(),
  };
  return () => begin(store, options);
}

interface Store {
  readonly rows: Map<string, Value>;
  /** Keys by table, in the order in which they came. */
  readonly tables: Map<string, Set<string>>;
  /** Row → how often it was changed. */
  readonly changes: Map<string, number>;
  readonly locks: Locks;
}

function begin(store: Store, { isolation, variant }: LockingOptions): Transaction {
  const { rows, changes, locks } = store;
  const owner: Owner = {};
  /** Row → how often it had been changed when it was first read, but for own changes. */
  const seen = new Map<string, number>();
  /** Where the cursor stands. */
  let cursor: string | undefined;
  /** What was there before each write; undefined for nothing. */
  const undo: (readonly [key: string, before: Value | undefined])[] = [];
  const rowSpan = rowSpanOf(isolation, variant);
  const tableSpan = variant === "phantoms" ? "none" : TABLE_READS[isolation];

  const changesOf = (key: string): number => changes.get(key) ?? 0;
  const lockFor = async <T>(span: Span, name: string, use: () => Promise<T> | T): Promise<T> => {
    if (span === "none") return use();
    const isNew = await locks.acquire(owner, name, "shared");
    const result = await use();
    if (span === "short" && isNew) locks.release(owner, name, "shared");
    if (span === "cursor" && cursor !== name) {
      if (cursor !== undefined) locks.release(owner, cursor, "shared");
      cursor = name;
    }
    return result;
  };
  const lockToWrite = async (key: string): Promise<void> => {
    await locks.acquire(owner, nameOfTable(tableOf(key)), "intention");
    if (variant === "upgrade-gap") locks.release(owner, key, "shared");
    await locks.acquire(owner, key, "exclusive");
    if (variant === "left-rows-unchecked" && cursor !== key) return;
    if (rowSpan !== "cursor" || (seen.get(key) ?? changesOf(key)) === changesOf(key)) return;
    throw new Abort("row-changed", `somebody else has changed ${key} since it was read`);
  };
  const put = (key: string, value: Value | undefined): void => {
    undo.push([key, rows.get(key)]);
    set(store, key, value);
    seen.set(key, changesOf(key));
    if (variant !== "dirty-writes") return;
    const early: readonly (readonly [string, LockMode])[] = [
      [key, "exclusive"],
      [nameOfTable(tableOf(key)), "intention"],
    ];
    for (const [name, mode] of early) locks.release(owner, name, mode);
  };
  const readRow = async (key: string): Promise<Value> =>
    lockFor(rowSpan, key, () => {
      if (!seen.has(key)) seen.set(key, changesOf(key));
      return rows.get(key) ?? null;
    });

  return {
    read: readRow,
    write: async (key, value) => {
      await lockToWrite(key);
      put(key, value);
    },
    remove: async (key) => {
      await lockToWrite(key);
      put(key, undefined);
    },
    append: async (key, element) => {
      await lockToWrite(key);
      put(key, appended(rows.get(key) ?? null, element));
    },
    increment: async (key, amount) => {
      await lockToWrite(key);
      put(key, increased(rows.get(key) ?? null, amount));
    },
    scan: async (table, condition) =>
      lockFor(tableSpan, nameOfTable(table), async () => {
        const found: Row[] = [];
        for (const key of store.tables.get(table) ?? []) {
          const value = await readRow(key);
          if (value !== null && isMeant(condition, value)) found.push(rowOf(key, value));
        }
        return found;
      }),
    commit: async () => locks.releaseAll(owner),
    abort: async () => {
      if (variant !== "undo-forgotten") {
        for (const [key, before] of undo.toReversed()) set(store, key, before);
      }
      locks.releaseAll(owner);
    },
  };
}

function rowSpanOf(isolation: LockingIsolation, variant: LockingVariant | undefined): Span {
  if (variant === "dirty-reads") return "none";
  const isShort = variant === "short-read-locks" || variant === "cursor-released-early";
  return isShort ? "short" : ROW_READS[isolation];
}

/** No row has this name, because a row's has no slash at its end. */
function nameOfTable(table: string): string {
  return `${table}/`;
}

function set({ rows, tables, changes }: Store, key: string, value: Value | undefined): void {
  changes.set(key, (changes.get(key) ?? 0) + 1);
  const table = tableOf(key);
  const keys = tables.get(table) ?? new Set();
  tables.set(table, keys);
  if (value === undefined) {
    rows.delete(key);
    keys.delete(key);
  } else {
    rows.set(key, value);
    keys.add(key);
  }
}
