/**
 * Edges from those who read a set to all who added elements that they did not find, in linear
 * space: the elements of a set are the leaves of a tree, and each range of them between those that
 * a read shows is a few nodes of it, which lead on to all who added one.
 */
import { CONTINUES, RW, UPDATE, type Dependencies } from "../dependencies.js";
import type { ReadTable, RowHistory, RowTransaction } from "./layout.js";
import type { Versions } from "./versions.js";

/** A read of a set, and what its transaction had added before. */
export interface SetRead {
  readonly read: ReadTable;
  readonly own: ReadonlySet<number>;
}

/** The reads of sets of a transaction. */
export function setReadsOf({ deeds }: RowTransaction): readonly SetRead[] {
  const found: SetRead[] = [];
  const own = new Set<number>();
  for (const deed of deeds) {
    if (deed.f === "write") own.add(deed.row);
    else if (deed.f === "table" && deed.isItem) found.push({ read: deed, own: new Set(own) });
  }
  return found;
}

/** The elements of one set. */
interface Tree {
  readonly rows: readonly number[];
  /** Row → its leaf. */
  readonly places: ReadonlyMap<number, number>;
  /** The node before the first. */
  readonly base: number;
}

/** Adds what follows from what was not there. */
export class AbsentElements {
  readonly #history: RowHistory;
  readonly #versions: Versions;
  readonly #dependencies: Dependencies;
  readonly #addersOf: (row: number) => readonly number[];
  readonly #trees = new Map<string, Tree>();

  /** `addersOf` an element are those that certainly added it. */
  constructor(
    {
      history,
      versions,
      dependencies,
    }: {
      readonly history: RowHistory;
      readonly versions: Versions;
      readonly dependencies: Dependencies;
    },
    addersOf: (row: number) => readonly number[],
  ) {
    this.#history = history;
    this.#versions = versions;
    this.#dependencies = dependencies;
    this.#addersOf = addersOf;
  }

  /** Adds the edges from one that reads. */
  addFrom(transaction: number): void {
    const each = this.#history.transactions[transaction] as RowTransaction;
    for (const { read, own } of setReadsOf(each)) {
      const tree = this.#treeOf(read.table);
      const places: number[] = [];
      for (const row of read.shown.keys()) places.push(tree.places.get(row) as number);
      for (const deed of each.deeds) {
        if (deed.f !== "write") continue;
        const place = tree.places.get(deed.row);
        if (place === undefined) continue;
        places.push(place);
        if (own.has(deed.row) || read.shown.has(deed.row)) continue;
        // It adds itself later what it did not find.
        for (const other of this.#addersOf(deed.row)) {
          this.#dependencies.add(transaction, other, RW);
          this.#dependencies.add(transaction, other, UPDATE);
        }
      }
      places.push(tree.rows.length);
      let first = 0;
      for (const place of places.sort((a, b) => a - b)) {
        this.#addRange(transaction, tree, first, place);
        first = place + 1;
      }
    }
  }

  #treeOf(table: string): Tree {
    const known = this.#trees.get(table);
    if (known !== undefined) return known;
    const rows = this.#versions.inTable(table);
    const { length } = rows;
    const base = this.#dependencies.addNodes(2 * length) - 1;
    for (let node = 1; node < length; node++) {
      this.#dependencies.add(base + node, base + 2 * node, CONTINUES);
      this.#dependencies.add(base + node, base + 2 * node + 1, CONTINUES);
    }
    for (const [place, row] of rows.entries()) {
      for (const adder of this.#addersOf(row)) {
        this.#dependencies.add(base + length + place, adder, CONTINUES);
      }
    }
    const places = new Map(rows.map((row, place) => [row, place]));
    const tree = { rows, places, base };
    this.#trees.set(table, tree);
    return tree;
  }

  /** The nodes of a range, as a segment tree has them. */
  #addRange(transaction: number, { rows, base }: Tree, first: number, end: number): void {
    let left = first + rows.length;
    let right = end + rows.length;
    while (left < right) {
      if (left % 2 === 1) this.#dependencies.add(transaction, base + left++, RW);
      if (right % 2 === 1) this.#dependencies.add(transaction, base + --right, RW);
      left >>= 1;
      right >>= 1;
    }
  }
}
