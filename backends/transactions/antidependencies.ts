/**
 * Serializable snapshot isolation (Cahill, Röhm & Fekete, "Serializable Isolation for Snapshot
 * Databases", SIGMOD 2008). In every history of snapshot isolation that is not serializable some
 * transaction, the pivot, both read what a concurrent one overwrote and overwrote what a concurrent
 * one had read (Fekete et al. 2005). So no transaction may have an edge in and an edge out: the
 * pivot is aborted, or, when it has committed, whoever noticed the second edge.
 *
 * An edge is noticed by whoever comes second: who reads an old version sees the later ones, and who
 * commits a version sees who has read before. So readers stay known after their commit, as long as
 * somebody is active who does not see it. By the same proof the order is also that of real time,
 * where snapshots are as new as can be.
 */
import { tableOf } from "./transaction.js";

/** A transaction, as far as edges go. */
export interface Party {
  /** The number of the last commit that it sees. */
  readonly snapshot: number;
  hasEdgeIn: boolean;
  hasEdgeOut: boolean;
  /** The number of its commit; undefined while it is active, 0 when it was aborted. */
  commit: number | undefined;
  /** Whether it must not commit. */
  isDoomed: boolean;
}

/** A transaction that begins. */
export function partyAt(snapshot: number): Party {
  return {
    snapshot,
    hasEdgeIn: false,
    hasEdgeOut: false,
    commit: undefined,
    isDoomed: false,
  };
}

/** Who has read what. */
export class Readers {
  readonly #rows = new Map<string, Set<Party>>();
  readonly #tables = new Map<string, Set<Party>>();

  addRow(key: string, reader: Party): void {
    remember(this.#rows, key, reader);
  }

  addTable(table: string, reader: Party): void {
    remember(this.#tables, table, reader);
  }

  /** Those who read the row, or its table, and whose commit this writer does not see. */
  besides(key: string, writer: Party): readonly Party[] {
    const readers = [...(this.#rows.get(key) ?? []), ...(this.#tables.get(tableOf(key)) ?? [])];
    return readers.filter(
      (reader) =>
        reader !== writer && (reader.commit === undefined || reader.commit > writer.snapshot),
    );
  }

  /** Forgets readers of whom this says that they are over. */
  prune(isOver: (reader: Party) => boolean): void {
    for (const all of [this.#rows, this.#tables]) {
      for (const [name, readers] of all) {
        for (const reader of readers) if (isOver(reader)) readers.delete(reader);
        if (readers.size === 0) all.delete(name);
      }
    }
  }
}

function remember(all: Map<string, Set<Party>>, name: string, reader: Party): void {
  all.set(name, (all.get(name) ?? new Set<Party>()).add(reader));
}

/** Notes that one read what the other overwrote; `current` is the one that noticed. */
export function addEdge(from: Party, to: Party, current: Party): void {
  from.hasEdgeOut = true;
  to.hasEdgeIn = true;
  for (const pivot of [from, to]) {
    if (!pivot.hasEdgeIn || !pivot.hasEdgeOut) continue;
    (pivot.commit === undefined ? pivot : current).isDoomed = true;
  }
}
