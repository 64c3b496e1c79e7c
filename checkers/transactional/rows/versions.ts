/**
 * Which version of a row each read is of. What was shown is told by its value. Of what was not, all
 * versions that would have been shown are out; where one is left, it is the one (the closed
 * universe of Elle's predicates). Versions are numbered through all rows: that a row was not there
 * at first, or had its initial value, is its version `NONE`, before which there is none.
 */
import { NONE } from "../../../src/history/history.js";
import { canonical, type Value } from "../../../src/history/value.js";
import type { Deed, ReadTable, RowHistory, RowTransaction, Write } from "./layout.js";
import type { Predicate } from "./predicates.js";

/** A write of a row. */
export interface Version {
  readonly row: number;
  readonly value: Value | undefined;
  readonly writer: number;
  readonly at: number;
  /** Whether its transaction did not write the row again. */
  readonly isLast: boolean;
}

/** A read of one row, as part of a read of a table or alone. */
export interface Reading {
  readonly transaction: number;
  readonly at: number;
  readonly row: number;
  /** Whether the row itself was read, or only found not to be among those that are meant. */
  readonly isItem: boolean;
  /** What was shown; undefined when the row was not. */
  readonly value: Value | undefined;
  /** Which rows would have been shown. */
  readonly isMeant: Predicate;
  /** What the transaction had written there itself before. */
  readonly own: Write | undefined;
}

/** Whether a version would have been shown as it was. */
export function fits({ value, isMeant }: Reading, version: Value | undefined): boolean {
  if (value === undefined) return version === undefined || !isMeant(version);
  return isSame(version, value);
}

const ANY: Predicate = () => true;

/** What can be said of a reading. */
export type Resolved =
  | { readonly is: "version"; readonly version: number }
  /** Nothing is known: several versions are possible. */
  | { readonly is: "open" }
  /** No version explains it. */
  | { readonly is: "garbage" }
  /** All that it may be of was aborted, overwritten by its own transaction, or written later. */
  | { readonly is: "G1a" | "G1b" | "future-read"; readonly version: number };

const OPEN: Resolved = { is: "open" };
const INITIAL: Resolved = { is: "version", version: NONE };

/** All versions, and who reads which. */
export class Versions {
  readonly all: readonly Version[];
  readonly #history: RowHistory;
  /** Row → its versions. */
  readonly #ofRow: readonly (readonly number[])[];
  readonly #ofTable = new Map<string, number[]>();
  /** Row → text of a value, or undefined → its versions. */
  readonly #byValue: readonly ReadonlyMap<string | undefined, readonly number[]>[];
  /** Row → who wrote it → its last version. */
  readonly #byWriter: readonly ReadonlyMap<number, number>[];
  /** Predicate → the rows of which it means a version. */
  readonly #meant = new Map<Predicate, readonly number[]>();

  constructor(history: RowHistory) {
    this.#history = history;
    const all: Version[] = [];
    const ofRow: number[][] = history.rows.map(() => []);
    const byValue = history.rows.map(() => new Map<string | undefined, number[]>());
    const byWriter = history.rows.map(() => new Map<number, number>());
    for (const [writer, { deeds }] of history.transactions.entries()) {
      const last = lastWrites(deeds);
      for (const { f, at, ...deed } of deeds) {
        if (f !== "write") continue;
        const { row, value } = deed as Write;
        (ofRow[row] as number[]).push(all.length);
        const same = byValue[row] as Map<string | undefined, number[]>;
        const text = textOf(value);
        const known = same.get(text);
        if (known === undefined) same.set(text, [all.length]);
        else known.push(all.length);
        byWriter[row]?.set(writer, all.length);
        all.push({ row, value, writer, at, isLast: last.get(row) === at });
      }
    }
    for (const [row, table] of history.tables.entries()) {
      const known = this.#ofTable.get(table);
      if (known === undefined) this.#ofTable.set(table, [row]);
      else known.push(row);
    }
    this.all = all;
    this.#ofRow = ofRow;
    this.#byValue = byValue;
    this.#byWriter = byWriter;
  }

  /** The versions of a row. */
  of(row: number): readonly number[] {
    return this.#ofRow[row] ?? [];
  }

  /** The last version of a row that a transaction wrote. */
  lastBy(transaction: number, row: number): number | undefined {
    return this.#byWriter[row]?.get(transaction);
  }

  /** The rows of a table; of a set they are its elements. */
  inTable(table: string): readonly number[] {
    return this.#ofTable.get(table) ?? [];
  }

  /**
   * Every reading of a transaction; if it is to be brief, without elements of sets that were not
   * shown, but for those that the transaction had added, or had been shown, before.
   */
  *readings(transaction: number, isBrief = false): Iterable<Reading> {
    const { deeds } = this.#history.transactions[transaction] as RowTransaction;
    const own = new Map<number, Write>();
    /** Table → what was shown of it, or added to it, as far as that may matter. */
    const told = new Map<string, Set<number>>();
    const tellingOf = ({ table, shown }: ReadTable): Iterable<number> => {
      const rows = told.get(table) ?? new Set<number>();
      told.set(table, rows);
      for (const row of own.keys()) if (this.#history.tables[row] === table) rows.add(row);
      for (const row of shown.keys()) rows.add(row);
      return rows;
    };
    for (const deed of deeds) {
      if (deed.f === "write") own.set(deed.row, deed);
      else if (deed.f === "row") {
        const { at, row, value } = deed;
        yield { transaction, at, row, isItem: true, value, isMeant: ANY, own: own.get(row) };
      } else {
        const { at, table, matches: isMeant, shown, isItem } = deed;
        const elements = isBrief ? tellingOf(deed) : this.inTable(table);
        for (const row of isItem ? elements : this.#rowsOf(deed)) {
          const value = shown.get(row);
          const isRead = isItem || value !== undefined;
          yield { transaction, at, row, isItem: isRead, value, isMeant, own: own.get(row) };
        }
      }
    }
  }

  /** The rows of a read by predicate that it shows, or may show: of others it tells nothing. */
  #rowsOf({ table, matches, shown }: ReadTable): readonly number[] {
    const meant = this.#meant.get(matches) ?? this.#meantIn(table, matches);
    this.#meant.set(matches, meant);
    const others = [...shown.keys()].filter((row) => !this.#isEverMeant(row, matches));
    return others.length === 0 ? meant : [...meant, ...others].toSorted((a, b) => a - b);
  }

  #meantIn(table: string, matches: Predicate): readonly number[] {
    return (this.#ofTable.get(table) ?? []).filter((row) => this.#isEverMeant(row, matches));
  }

  #isEverMeant(row: number, matches: Predicate): boolean {
    const initial = this.#history.initial.get(row);
    if (initial !== undefined && matches(initial)) return true;
    return this.of(row).some((each) => {
      const { value } = this.all[each] as Version;
      return value !== undefined && matches(value);
    });
  }

  /** Of which version a reading is, which does not follow what its transaction wrote itself. */
  resolve(reading: Reading): Resolved {
    const { transaction, row } = reading;
    const initial = this.#history.initial.get(row);
    const isInitial = fits(reading, initial);
    let only: number | undefined;
    let dirty: number | undefined;
    for (const each of this.#candidates(reading)) {
      if (!this.#isCommitted(each, transaction)) dirty ??= each;
      else if (isInitial || only !== undefined) return OPEN;
      else only = each;
    }
    if (isInitial) return INITIAL;
    if (only !== undefined) return { is: "version", version: only };
    if (dirty !== undefined) return this.#dirty(dirty, transaction);
    return { is: "garbage" };
  }

  /** The versions of its row that a reading fits. */
  *#candidates(reading: Reading): Iterable<number> {
    const { row, value, isItem } = reading;
    if (isItem) yield* this.#byValue[row]?.get(textOf(value)) ?? [];
    else for (const each of this.of(row)) if (fits(reading, this.all[each]?.value)) yield each;
  }

  /** Whether a transaction may read this when it reads nothing that is uncommitted. */
  #isCommitted(version: number, reader: number): boolean {
    const { writer, isLast } = this.all[version] as Version;
    const { operation } = this.#history.transactions[writer] as RowTransaction;
    return isLast && writer !== reader && operation.outcome !== "fail";
  }

  #dirty(version: number, reader: number): Resolved {
    const { writer } = this.all[version] as Version;
    const { operation } = this.#history.transactions[writer] as RowTransaction;
    if (operation.outcome === "fail") return { is: "G1a", version };
    if (writer !== reader) return { is: "G1b", version };
    // Had it written before, it would have read that.
    return { is: "future-read", version };
  }
}

/** Row → the micro-operation that wrote it last. */
function lastWrites(deeds: readonly Deed[]): ReadonlyMap<number, number> {
  const last = new Map<number, number>();
  for (const deed of deeds) if (deed.f === "write") last.set(deed.row, deed.at);
  return last;
}

/** Equal for equal values; undefined where there is none. */
function textOf(value: Value | undefined): string | undefined {
  return value === undefined ? undefined : canonical(value);
}

/** Whether two values, or that there is none, are the same. */
function isSame(a: Value | undefined, b: Value | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a === b || canonical(a) === canonical(b);
}
