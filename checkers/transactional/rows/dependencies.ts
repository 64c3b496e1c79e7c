/**
 * Dependencies of transactions on rows, each with what implies it (Adya 1999, definitions 2 to 5):
 *
 * - `wr`: it read what the other left. By predicate as well: that a row was not among those that
 *   were meant, which only what the other left explains.
 * - `rw`: it read a version that the other replaced; of what was only found not to be meant, by one
 *   that is meant. The initial version comes before all others. Of two more it is known which
 *   replaced which when a transaction read the one and wrote the other: the other way round it
 *   would have read what comes after its own write, and that is a cycle of ww and wr.
 *
 * So nothing is assumed of the order of versions, but what is found here holds from read committed
 * on. Nothing needs `ww`: who replaces a version that it has read depends on its writer by `wr`.
 */
import { NONE, OK, INFO, FAIL } from "../../../src/history/history.js";
import type { Outcome } from "../../../src/history/operation.js";
import type { RowEdge } from "../../../src/verdict/isolation-certificate.js";
import { LabelledEdges } from "../../../src/graph/labelled-digraph.js";
import { AllBut } from "../all-but.js";
import { Dependencies, RW, UPDATE, WR } from "../dependencies.js";
import type { Transactions } from "../layout.js";
import { AbsentElements, setReadsOf } from "./absent-elements.js";
import type { Row, RowHistory, RowTransaction } from "./layout.js";
import { fits, Versions, type Reading, type Version } from "./versions.js";
import { RowFindings } from "./findings.js";

/** The rw of a read by predicate, where only such a read tells it. */
const PREDICATE_RW = 64;

/** So many versions after the first are overwritten by its readers one by one. */
const CROWD = 2;

/** A reading of which a version is known that another transaction wrote, or the initial one. */
export interface Known {
  readonly reading: Reading;
  readonly version: number;
}

/** All that is known of a history of rows. */
export class RowDependencies {
  readonly history: RowHistory;
  readonly versions: Versions;
  readonly dependencies: Dependencies;
  readonly findings: RowFindings;
  /** Transaction → its known readings. */
  readonly #known: (readonly Known[])[] = [];
  /** Version → what those wrote over it who had read it. */
  readonly #replaced = new Map<number, number[]>();
  readonly #crowds = new Map<number, AllBut>();
  /** Kind → node → the reader whose edge to or from there was added last. */
  readonly #added = new Map<number, Int32Array>();

  constructor(history: RowHistory, check: () => void) {
    this.history = history;
    this.versions = new Versions(history);
    this.dependencies = new Dependencies(columnsOf(history));
    this.findings = new RowFindings(history);
    for (const kind of [WR, RW, PREDICATE_RW, UPDATE]) {
      this.#added.set(kind, new Int32Array(history.transactions.length).fill(NONE));
    }
    for (const [each, { operation }] of history.transactions.entries()) {
      check();
      this.#known.push(operation.outcome === "ok" ? this.#findReads(each) : []);
    }
    for (const known of this.#known) {
      check();
      for (const each of known) this.#noteReplaced(each);
    }
    for (const known of this.#known) {
      check();
      for (const each of known) this.#addEdges(each);
    }
    const absent = new AbsentElements(this, (row) => this.writersOf(row));
    for (const [each, { operation }] of history.transactions.entries()) {
      check();
      if (operation.outcome === "ok") absent.addFrom(each);
    }
  }

  /** Who certainly left a version of a row. */
  writersOf(row: number): readonly number[] {
    return this.versions
      .of(row)
      .filter((each) => this.#isLeft(each))
      .map((each) => (this.versions.all[each] as Version).writer);
  }

  #isLeft(version: number): boolean {
    const { writer, isLast } = this.versions.all[version] as Version;
    const isPossible = this.dependencies.transactions.outcomes[writer] !== FAIL;
    return isLast && isPossible && this.dependencies.happened[writer] === 1;
  }

  /** The edges where reads by predicate forbid as much as others, or nothing. */
  edges(arePredicatesIn: boolean): LabelledEdges {
    const edges = new LabelledEdges();
    const { froms, tos, labels, length } = this.dependencies.edges;
    for (let edge = 0; edge < length; edge++) {
      const label = labels[edge] as number;
      if (label === PREDICATE_RW && !arePredicatesIn) continue;
      const kind = label === PREDICATE_RW ? RW : label;
      edges.add(froms[edge] as number, tos[edge] as number, kind);
    }
    return edges;
  }

  /**
   * The readings of a transaction of which the version is known, without elements of sets that were
   * not there.
   */
  readsOf(transaction: number): readonly Known[] {
    return this.#known[transaction] ?? [];
  }

  /** Who left what a reading is of; undefined for what was there at first. */
  writerOf({ version }: Known): number | undefined {
    return this.versions.all[version]?.writer;
  }

  /** Whether one certainly wrote a row that another read as it was at first. */
  hasReplaced(writer: number, { reading }: Known): boolean {
    const last = this.versions.lastBy(writer, reading.row);
    if (last === undefined || writer === reading.transaction) return false;
    return this.#isLeft(last) && this.#isWritten(last);
  }

  /** Who certainly replaced what a reading is of: to delete what is not there replaces nothing. */
  overwritersOf(known: Known): readonly number[] {
    return this.#laterThan(known)
      .filter((later) => this.#isWritten(later))
      .map((later) => (this.versions.all[later] as Version).writer);
  }

  #isWritten(version: number): boolean {
    const { row, value, writer } = this.versions.all[version] as Version;
    if (value !== undefined) return true;
    return this.readsOf(writer).some(({ reading }) => reading.row === row && wasThere(reading));
  }

  /** That elements of these were not there when a transaction read their sets. */
  absentReadsOf(transaction: number, rows: Iterable<number>): readonly Known[] {
    const found: Known[] = [];
    const reads = setReadsOf(this.history.transactions[transaction] as RowTransaction);
    if (reads.length === 0) return found;
    for (const row of rows) {
      for (const { read, own } of reads) {
        if (this.history.tables[row] !== read.table || own.has(row) || read.shown.has(row))
          continue;
        const { at, matches: isMeant } = read;
        const about = { transaction, at, row, isItem: true, isMeant };
        const reading: Reading = { ...about, value: undefined, own: undefined };
        found.push({ reading, version: NONE });
      }
    }
    return found;
  }

  /** The rows that a transaction wrote. */
  writtenBy(transaction: number): ReadonlySet<number> {
    const deeds = this.history.transactions[transaction]?.deeds ?? [];
    return new Set(deeds.flatMap((deed) => (deed.f === "write" ? [deed.row] : [])));
  }

  /** Why there is an edge: a read of a row as such, if there is one. */
  reasonOf(from: number, to: number, kind: number): RowEdge | undefined {
    const of = kind === WR ? this.readsOf(to) : this.#missesOf(from, to);
    const isReason = (each: Known): boolean => {
      if (kind === WR) return this.versions.all[each.version]?.writer === from;
      const { reading } = each;
      const isUpdate = reading.isItem && this.#replacementOf(reading) !== undefined;
      if (kind === UPDATE && !isUpdate) return false;
      return this.#laterThan(each).some((later) => this.versions.all[later]?.writer === to);
    };
    const reasons = of.filter(isReason);
    const found = reasons.find(({ reading }) => reading.isItem) ?? reasons[0];
    return found === undefined ? undefined : this.edgeOf(found, { from, to, kind });
  }

  #missesOf(from: number, to: number): readonly Known[] {
    return [...this.readsOf(from), ...this.absentReadsOf(from, this.writtenBy(to))];
  }

  /** An edge because of a reading. */
  edgeOf(
    { reading, version }: Known,
    { from, to, kind }: { readonly from: number; readonly to: number; readonly kind: number },
  ): RowEdge {
    const { at, row, isItem } = reading;
    const { invocations } = this.dependencies.transactions;
    const after = version === NONE ? "initial" : "read";
    return {
      from: invocations[from] as number,
      to: invocations[to] as number,
      by: kind === WR ? "wr" : kind === UPDATE ? "update" : "rw",
      ...(this.history.rows[row] as Row),
      at,
      reads: isItem ? "item" : "predicate",
      ...(kind === WR ? {} : { after }),
    };
  }

  #findReads(transaction: number): readonly Known[] {
    const { versions, findings } = this;
    const known: Known[] = [];
    /** Row → its last reading as an item. */
    const items = new Map<number, Reading>();
    for (const deed of this.history.transactions[transaction]?.deeds ?? []) {
      const { at } = deed;
      const twice = deed.f === "table" ? (deed.twice ?? []) : [];
      for (const row of twice) findings.add("duplicate-elements", { transaction, at, row });
    }
    for (const reading of versions.readings(transaction, true)) {
      const { row, own, isItem, value, isMeant } = reading;
      const before = items.get(row);
      if (isItem) items.set(row, reading);
      if (value !== undefined && !isMeant(value)) findings.add("predicate-mismatch", reading);
      if (own !== undefined) {
        if (fits(reading, own.value)) continue;
        findings.add("internal", reading);
        if (versions.resolve(reading).is === "garbage") findings.add(garbageOf(reading), reading);
        continue;
      }
      if (isItem && before !== undefined && !fits(before, value)) findings.add("internal", reading);
      const resolved = versions.resolve(reading);
      if (resolved.is === "version") known.push({ reading, version: resolved.version });
      else if (resolved.is === "garbage") findings.add(garbageOf(reading), reading);
      else if (resolved.is !== "open") {
        findings.add(resolved.is, reading, versions.all[resolved.version]);
      }
    }
    return known;
  }

  #noteReplaced({ reading, version }: Known): void {
    const written = this.versions.all[version];
    if (written === undefined) return;
    this.dependencies.happened[written.writer] = 1;
    const next = this.#replacementOf(reading);
    if (next === undefined) return;
    const known = this.#replaced.get(version);
    if (known === undefined) this.#replaced.set(version, [next]);
    else known.push(next);
  }

  /** What the transaction of a reading wrote over what it read, if it certainly did. */
  #replacementOf(reading: Reading): number | undefined {
    const { transaction, row } = reading;
    const { all } = this.versions;
    const last = this.versions.lastBy(transaction, row);
    if (last === undefined || all[last]?.value !== undefined) return last;
    return wasThere(reading) ? last : undefined;
  }

  #addEdges(known: Known): void {
    const { reading, version } = known;
    const { transaction, isItem } = reading;
    const written = this.versions.all[version];
    if (written !== undefined) {
      this.#add(written.writer, transaction, { kind: WR, reader: transaction });
    }
    if (this.isCrowded(known)) {
      const crowd = this.#crowdOf(reading.row);
      crowd.add(transaction, RW);
      if (this.#replacementOf(reading) !== undefined) crowd.add(transaction, UPDATE);
      return;
    }
    const later = this.#laterThan(known);
    const updates = later.length > 0 && isItem && this.#replacementOf(reading) !== undefined;
    for (const each of later) {
      const { writer } = this.versions.all[each] as Version;
      const kind = isItem ? RW : PREDICATE_RW;
      this.#add(transaction, writer, { kind, reader: transaction });
      if (updates) this.#add(transaction, writer, { kind: UPDATE, reader: transaction });
    }
  }

  /** Whether what is read is the first version of a row that many write. */
  isCrowded({ reading, version }: Known): boolean {
    return version === NONE && reading.isItem && this.versions.of(reading.row).length > CROWD;
  }

  /** All who certainly wrote a row. */
  #crowdOf(row: number): AllBut {
    const known = this.#crowds.get(row);
    if (known !== undefined) return known;
    const made = new AllBut(this.dependencies, [...new Set(this.writersOf(row))]);
    this.#crowds.set(row, made);
    return made;
  }

  /** The versions that are known to come later and that the reading is about. */
  #laterThan({ reading, version }: Known): readonly number[] {
    const later = version === NONE ? this.versions.of(reading.row) : this.#replaced.get(version);
    return (later ?? []).filter((each) => {
      const { writer, value } = this.versions.all[each] as Version;
      if (!this.#isLeft(each)) return false;
      return writer !== reading.transaction && (reading.isItem || !fits(reading, value));
    });
  }

  #add(
    from: number,
    to: number,
    { kind, reader }: { readonly kind: number; readonly reader: number },
  ): void {
    const added = this.#added.get(kind) as Int32Array;
    const other = from === reader ? to : from;
    if (added[other] === reader) return;
    added[other] = reader;
    this.dependencies.add(from, to, kind);
  }
}

/** What a reading is called that no version explains. */
function garbageOf({ isItem }: Reading): "garbage-read" | "predicate-read-miss" {
  return isItem ? "garbage-read" : "predicate-read-miss";
}

/** Whether the row was read as being there. */
function wasThere({ isItem, value }: Reading): boolean {
  return isItem && value !== undefined;
}

const OUTCOMES: { readonly [outcome in Outcome]: number } = { ok: OK, fail: FAIL, info: INFO };

/** The transactions as columns, without what they did. */
function columnsOf({ history, transactions, init }: RowHistory): Transactions {
  const operations = transactions.map(({ operation }) => operation);
  const none = new Int32Array(0);
  return {
    history,
    count: operations.length,
    invocations: Int32Array.from(operations, ({ invocation }) => invocation),
    completions: Int32Array.from(operations, ({ completion }) => completion ?? NONE),
    outcomes: Uint8Array.from(operations, ({ outcome }) => OUTCOMES[outcome]),
    processes: Int32Array.from(operations, ({ process }) => Number(process)),
    starts: new Int32Array(operations.length + 1),
    owners: none,
    kinds: new Uint8Array(0),
    keys: none,
    keyCount: 0,
    values: none,
    lists: { starts: none, items: none },
    valueCount: 0,
    nullAt: 0,
    valueAt: () => null,
    keyAt: () => null,
    leftOut: history.invocations().length - operations.length - (init === undefined ? 0 : 1),
  };
}
