/**
 * Isolation by versions: readers see a snapshot and wait for nobody.
 *
 * | level | snapshot | writes |
 * |---|---|---|
 * | read committed | for each statement | locked to the end, as in Oracle and PostgreSQL |
 * | cursor stability | for each statement | the same, of rows that are still what it had read |
 * | snapshot isolation | at the beginning | the first to commit wins (Berenson et al. 1995, 4.2) |
 * | serializable | at the beginning or a little before it | the same, and no pivots |
 * | strict serializable | at the beginning | the same, and no pivots (`antidependencies.ts`) |
 *
 * A snapshot from a little before the beginning is what a reader of a replica gets (Elnikety et al.
 * 2005, generalized snapshot isolation): it is as if the transaction had begun then.
 */
import type { Value } from "../../src/history/value.js";
import type { NodeContext } from "../../src/world/world.js";
import { addEdge, partyAt, Readers, type Party } from "./antidependencies.js";
import { Locks } from "./locks.js";
import type { MvccVariant } from "./mvcc-variants.js";
import { Snapshots, type Snapshot } from "./snapshots.js";
import { isMeant, type Condition } from "./conditions.js";
import {
  Abort,
  appended,
  increased,
  rowOf,
  tableOf,
  type Row,
  type Transaction,
} from "./transaction.js";
import { Versions } from "./versions.js";

/** The levels that versions can give. */
export type MvccIsolation =
  | "read-committed"
  | "cursor-stability"
  | "snapshot-isolation"
  | "serializable"
  | "strict-serializable";

/** What an engine is made from. */
export interface MvccOptions {
  readonly isolation: MvccIsolation;
  readonly variant: MvccVariant | undefined;
}

interface Store extends MvccOptions {
  readonly versions: Versions;
  readonly snapshots: Snapshots;
  readonly readers: Readers;
  readonly locks: Locks;
  readonly active: Set<Party>;
}

/** A store of versions; the function begins a transaction. */
export function mvccEngine(options: MvccOptions, random: NodeContext["random"]): () => Transaction {
  const store: Store = {
    ...options,
    versions: new Versions(),
    snapshots: new Snapshots(options, random),
    readers: new Readers(),
    locks: new Locks(),
    active: new Set(),
  };
  return () => new MvccTransaction(store);
}

class MvccTransaction implements Transaction {
  readonly #store: Store;
  /** Whether each statement has a snapshot of its own, and writes are locked. */
  readonly #isByStatement: boolean;
  readonly #isSerializable: boolean;
  readonly #site: number;
  readonly #snapshot: Snapshot;
  readonly #party: Party;
  readonly #writes = new Map<string, Value>();
  /** Row → the snapshot in which it was first read: a cursor stands on it from then on. */
  readonly #cursors = new Map<string, Snapshot>();

  constructor(store: Store) {
    this.#store = store;
    this.#isByStatement =
      store.isolation === "read-committed" || store.isolation === "cursor-stability";
    this.#isSerializable = store.isolation.endsWith("serializable");
    this.#site = store.snapshots.site();
    this.#snapshot = store.snapshots.take(this.#site);
    this.#party = partyAt(this.#snapshot[0] ?? 0);
    store.active.add(this.#party);
  }

  async read(key: string): Promise<Value> {
    return this.#read(key, this.#seen(key));
  }

  async write(key: string, value: Value): Promise<void> {
    await this.#beginWrite(key);
    this.#writes.set(key, value);
  }

  async remove(key: string): Promise<void> {
    // A version that says that nothing is there.
    await this.write(key, null);
  }

  async append(key: string, element: Value): Promise<void> {
    await this.#change(key, (latest) => appended(latest, element));
  }

  async increment(key: string, amount: Value): Promise<void> {
    await this.#change(key, (latest) => increased(latest, amount));
  }

  /** As one statement. */
  async #change(key: string, change: (latest: Value) => Value): Promise<void> {
    await this.#beginWrite(key);
    const latest = this.#store.versions.latest(key, this.#seen(key));
    this.#writes.set(key, change(this.#writes.get(key) ?? latest));
  }

  async scan(table: string, condition: Condition): Promise<readonly Row[]> {
    const { versions, readers, variant } = this.#store;
    const known = versions.keysOf(table);
    // One snapshot for the statement.
    const seen = this.#seen(`${table}/`);
    const own = [...this.#writes.keys()].filter((key) => tableOf(key) === table);
    let keys: readonly string[] = [...new Set([...known, ...own])];
    if (variant === "ssi-phantoms") {
      const isFound = (value: Value): boolean => value !== null && isMeant(condition, value);
      keys = keys.filter((key) => own.includes(key) || isFound(versions.latest(key, seen)));
    } else if (this.#isSerializable) readers.addTable(table, this.#party);
    for (const key of keys) this.#store.snapshots.lookUp(key, seen);
    return keys
      .map((key) => rowOf(key, this.#read(key, seen)))
      .filter(({ value }) => value !== null && isMeant(condition, value));
  }

  async commit(): Promise<void> {
    const { variant } = this.#store;
    if (variant === "installed-too-soon") this.#install();
    this.#assertFirst();
    if (this.#isSerializable) this.#assertNoPivot();
    if (variant !== "installed-too-soon") this.#install();
    this.#finish();
  }

  async abort(): Promise<void> {
    // Whoever did not happen has read nothing.
    this.#party.commit ??= 0;
    this.#finish();
  }

  /** The snapshot of the next statement, which is about this row. */
  #seen(key: string): Snapshot {
    const { snapshots, variant } = this.#store;
    const isEach = this.#isByStatement || variant === "late-snapshot";
    const seen = isEach ? snapshots.take(this.#site) : this.#snapshot;
    snapshots.lookUp(key, seen);
    return seen;
  }

  #read(key: string, seen: Snapshot): Value {
    const { versions, readers, variant, isolation } = this.#store;
    const own = this.#writes.get(key);
    if (own !== undefined && variant !== "own-writes-unseen") return own;
    if (this.#isSerializable) {
      readers.addRow(key, this.#party);
      if (variant !== "ssi-later-writes-missed") {
        for (const writer of versions.laterWriters(key, seen)) {
          addEdge(this.#party, writer, this.#party);
        }
      }
      this.#assertSound();
    }
    const isFirst = !this.#cursors.has(key) || variant === "cursor-follows-rereads";
    if (isolation === "cursor-stability" && isFirst) this.#cursors.set(key, seen);
    return versions.latest(key, seen);
  }

  async #beginWrite(key: string): Promise<void> {
    if (!this.#isByStatement) {
      this.#store.snapshots.lookUp(key, this.#snapshot);
      return;
    }
    await this.#store.locks.acquire(this.#party, key, "exclusive");
    if (this.#store.variant === "cursor-unchecked") return;
    const read = this.#cursors.get(key);
    if (read === undefined || this.#store.versions.laterWriters(key, read).length === 0) return;
    throw new Abort("write-conflict", `somebody else has committed ${key} since it was read`);
  }

  #assertFirst(): void {
    const { versions, variant } = this.#store;
    if (this.#isByStatement || variant === "last-committer-wins") return;
    for (const key of this.#writes.keys()) {
      const later = versions.laterWriters(key, this.#snapshot);
      if (later.every((writer) => writer === this.#party)) continue;
      throw new Abort("write-conflict", `somebody else has committed ${key} since it began`);
    }
  }

  #assertNoPivot(): void {
    for (const key of this.#writes.keys()) {
      for (const reader of this.#store.readers.besides(key, this.#party)) {
        addEdge(reader, this.#party, this.#party);
      }
    }
    this.#assertSound();
  }

  #assertSound(): void {
    if (!this.#party.isDoomed) return;
    throw new Abort("pivot", "it reads what others overwrite, and overwrites what others read");
  }

  #install(): void {
    const { versions, snapshots } = this.#store;
    const commitOf = snapshots.commit(this.#writes.keys(), this.#site);
    this.#party.commit = commitOf("").number;
    for (const [key, value] of this.#writes) {
      versions.add(key, { value, commit: commitOf(key), writer: this.#party });
    }
  }

  #finish(): void {
    const { active, locks, readers, snapshots, variant } = this.#store;
    active.delete(this.#party);
    locks.releaseAll(this.#party);
    if (!this.#isSerializable) return;
    const oldest = Math.min(snapshots.oldest(), ...[...active].map(({ snapshot }) => snapshot));
    readers.prune(({ commit }) => {
      if (commit === undefined) return false;
      return commit <= oldest || variant === "ssi-readers-forgotten";
    });
  }
}
