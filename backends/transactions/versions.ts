/**
 * Versions of rows, and which of them a snapshot shows (Bernstein & Goodman, "Multiversion
 * Concurrency Control: Theory and Algorithms", 1983). Whoever commits appends versions; what is
 * there does not change.
 */
import type { Value } from "../../src/history/value.js";
import type { Party } from "./antidependencies.js";
import { isSeen, type Commit, type Snapshot } from "./snapshots.js";
import { tableOf } from "./transaction.js";

/** One value of a row. */
export interface Version {
  readonly value: Value;
  readonly commit: Commit;
  readonly writer: Party;
}

/** All versions of all rows. */
export class Versions {
  readonly #rows = new Map<string, Version[]>();
  readonly #tables = new Map<string, Set<string>>();

  add(key: string, version: Version): void {
    const versions = this.#rows.get(key) ?? [];
    this.#rows.set(key, versions);
    versions.push(version);
    const table = tableOf(key);
    this.#tables.set(table, (this.#tables.get(table) ?? new Set<string>()).add(key));
  }

  /** The latest value that the snapshot shows; null for none. */
  latest(key: string, snapshot: Snapshot): Value {
    const shown = this.#rows.get(key)?.findLast(({ commit }) => isSeen(commit, snapshot));
    return shown?.value ?? null;
  }

  /** Who wrote what the snapshot does not show, because it came later. */
  laterWriters(key: string, snapshot: Snapshot): readonly Party[] {
    const versions = this.#rows.get(key) ?? [];
    return versions.filter(({ commit }) => !isSeen(commit, snapshot)).map(({ writer }) => writer);
  }

  /** All keys of a table, also those whose rows a snapshot does not show. */
  keysOf(table: string): readonly string[] {
    return [...(this.#tables.get(table) ?? [])];
  }
}
