/**
 * Carries out transactions on rows one step after the other, and back.
 */
import { NONE } from "../../../src/history/history.js";
import { canonical, type Value } from "../../../src/history/value.js";
import { setReadsOf, type SetRead } from "./absent-elements.js";
import type { RowHistory, RowTransaction, Write } from "./layout.js";
import { fits, type Reading, type Version, type Versions } from "./versions.js";

/** Takes a step back. */
export type Undo = () => void;

/**
 * What is asked of the reads of a transaction:
 *
 * - `serial`: they return what is there.
 * - `items`: the same, but what a predicate left out may be as it was at some earlier time.
 * - `snapshot`: what is there at its snapshot; and nobody commits to what it writes until it does.
 *   Whoever deletes a row that its snapshot does not have writes nothing there, as in SQL.
 * - `prefix`: the same, whoever commits in between.
 * - `committed`: anything that somebody left before, or what there was before all transactions.
 * - `uncommitted`: anything that anybody ever wrote.
 */
export type Manner = "serial" | "items" | "snapshot" | "prefix" | "committed" | "uncommitted";

/** A read that does not fit: who wrote what is there, if anybody, and who writes what would. */
export interface Misfit {
  readonly writer: number | undefined;
  /** Those before the writer. */
  readonly earlier: readonly number[];
  readonly later: readonly number[];
}

/** Of so many transactions the readings are remembered: orders are tried again and again. */
const KEPT_MAX = 100;

/** Row → what is left there. */
type Left = ReadonlyMap<number, Value | undefined>;

/** The state between steps. */
export class RowReplay {
  readonly #history: RowHistory;
  readonly #versions: Versions;
  readonly #readings: (readonly Reading[] | undefined)[] = [];
  readonly #writes: (Left | undefined)[] = [];
  /** Row → its value; without an entry, as it was initially. */
  readonly #values = new Map<number, Value | undefined>();
  /** Row → who wrote that value. */
  readonly #writers = new Map<number, number>();
  /** Set → how many elements it has. */
  readonly #present = new Map<string, number>();
  readonly #done = new Set<number>();
  /** Transaction → who has committed first to what it writes since its snapshot, or `NONE`. */
  readonly #open = new Map<number, number>();
  /** Transaction with a snapshot → what it will leave. */
  readonly #leaves = new Map<number, Left>();
  /** Row → those who have a snapshot, and will write it. */
  readonly #willWrite = new Map<number, Set<number>>();

  constructor(history: RowHistory, versions: Versions) {
    this.#history = history;
    this.#versions = versions;
  }

  /** Carries out a whole transaction; undefined when its reads do not allow that. */
  carryOut(transaction: number, manner: Manner): Undo | undefined {
    return this.#allowsAll(transaction, manner)
      ? this.#write(transaction, this.#writesOf(transaction))
      : undefined;
  }

  takeSnapshot(transaction: number): Undo | undefined {
    if (!this.#allowsAll(transaction, "snapshot")) return undefined;
    this.#begin(transaction, this.#leftAfter(transaction));
    return () => this.#end(transaction);
  }

  commit(transaction: number, manner: Manner): Undo | undefined {
    if (manner !== "prefix" && this.#open.get(transaction) !== NONE) return undefined;
    const left = this.#leaves.get(transaction) as Left;
    this.#end(transaction);
    const spoilt: number[] = [];
    for (const row of left.keys()) {
      for (const other of this.#willWrite.get(row) ?? []) {
        if (this.#open.get(other) !== NONE) continue;
        this.#open.set(other, transaction);
        spoilt.push(other);
      }
    }
    const undo = this.#write(transaction, left);
    return () => {
      undo();
      for (const other of spoilt) this.#open.set(other, NONE);
      this.#begin(transaction, left);
    };
  }

  #begin(transaction: number, left: Left): void {
    this.#open.set(transaction, NONE);
    this.#leaves.set(transaction, left);
    for (const row of left.keys()) {
      const known = this.#willWrite.get(row);
      if (known === undefined) this.#willWrite.set(row, new Set([transaction]));
      else known.add(transaction);
    }
  }

  #end(transaction: number): void {
    this.#open.delete(transaction);
    for (const row of this.#leaves.get(transaction)?.keys() ?? []) {
      this.#willWrite.get(row)?.delete(transaction);
    }
    this.#leaves.delete(transaction);
  }

  /** What it leaves if it takes its snapshot now: to delete what is not there leaves nothing. */
  #leftAfter(transaction: number): Left {
    const writes = this.#writesOf(transaction);
    const isThere = (row: number): boolean =>
      (this.#values.has(row) ? this.#values.get(row) : this.#history.initial.get(row)) !==
      undefined;
    const isVoid = ([row, value]: readonly [number, Value | undefined]): boolean =>
      value === undefined && !isThere(row);
    const entries = [...writes];
    return entries.some(isVoid) ? new Map(entries.filter((each) => !isVoid(each))) : writes;
  }

  /** Who has committed to what a transaction writes, since its snapshot. */
  spoilerOf(transaction: number): number | undefined {
    const by = this.#open.get(transaction);
    return by === NONE ? undefined : by;
  }

  /** The reads of a transaction that do not fit. */
  misfits(transaction: number, manner: Manner): readonly Misfit[] {
    const { all } = this.#versions;
    const { outcome } = (this.#history.transactions[transaction] as RowTransaction).operation;
    const readings = outcome === "ok" ? [...this.#versions.readings(transaction)] : [];
    return readings
      .filter((reading) => !this.#allows(reading, manner))
      .map((reading) => {
        const fitting = this.#versions
          .of(reading.row)
          .map((each) => all[each] as Version)
          .filter(({ isLast, value }) => isLast && fits(reading, value))
          .map((version) => version.writer);
        return {
          writer: this.#writers.get(reading.row),
          earlier: fitting.filter((each) => this.#done.has(each)),
          later: fitting.filter((each) => each !== transaction && !this.#done.has(each)),
        };
      });
  }

  isDone(transaction: number): boolean {
    return this.#done.has(transaction);
  }

  /** A text that is equal for equal states, as far as what comes next goes. */
  key(manner: Manner): string {
    const done = [...this.#done].toSorted((a, b) => a - b).join();
    if (manner === "committed" || manner === "uncommitted") return done;
    const values = [...this.#values].toSorted(([a], [b]) => a - b);
    const state = values.map(([row, value]) => `${row}:${canonical(value ?? null)}`).join();
    const open = [...this.#open]
      .toSorted(([a], [b]) => a - b)
      .map(([each, by]) => `${each} ${by}:${[...(this.#leaves.get(each)?.keys() ?? [])].join()}`);
    return `${done};${state};${open.join(" ")}`;
  }

  #allowsAll(transaction: number, manner: Manner): boolean {
    const isAllowed = this.#readingsOf(transaction).every((reading) =>
      this.#allows(reading, manner),
    );
    if (!isAllowed || manner === "committed" || manner === "uncommitted") return isAllowed;
    return this.#setReadsOf(transaction).every((each) => this.#isWhole(each));
  }

  /** Whether a set has no more elements than a read shows of it, but for those of the reader. */
  #isWhole({ read, own }: SetRead): boolean {
    let count = this.#present.get(read.table) ?? 0;
    for (const row of own) {
      if (this.#history.tables[row] === read.table && this.#values.has(row)) count--;
    }
    for (const row of read.shown.keys()) if (!own.has(row)) count--;
    return count === 0;
  }

  #allows(reading: Reading, manner: Manner): boolean {
    const { row, own, isItem } = reading;
    const initial = this.#history.initial.get(row);
    if (manner === "committed" || manner === "uncommitted") {
      return (own !== undefined && fits(reading, own.value)) || this.#isOfSome(reading, manner);
    }
    if (own !== undefined) return fits(reading, own.value);
    if (fits(reading, this.#values.has(row) ? this.#values.get(row) : initial)) return true;
    return !isItem && manner === "items" && this.#isOfSome(reading, manner);
  }

  /** Whether the initial version fits, or an earlier one. */
  #isOfSome(reading: Reading, manner: Manner): boolean {
    const first = this.#history.initial.get(reading.row);
    return fits(reading, first) || this.#isAmong(reading, manner);
  }

  /** Whether a version of the row fits that was committed before, or written by anybody. */
  #isAmong(reading: Reading, manner: Manner): boolean {
    return this.#versions.of(reading.row).some((each) => {
      const version = this.#versions.all[each];
      if (version === undefined || !fits(reading, version.value)) return false;
      return manner === "uncommitted" || (version.isLast && this.#done.has(version.writer));
    });
  }

  #write(transaction: number, left: Left): Undo {
    const before: [row: number, value: Value | undefined, writer: number | undefined][] = [];
    for (const [row, value] of left) {
      before.push([row, this.#values.get(row), this.#writers.get(row)]);
      if (!this.#values.has(row)) this.#count(row, 1);
      this.#values.set(row, value);
      this.#writers.set(row, transaction);
    }
    this.#done.add(transaction);
    return () => {
      this.#done.delete(transaction);
      for (const [row, value, writer] of before) {
        if (writer === undefined) {
          this.#values.delete(row);
          this.#writers.delete(row);
          this.#count(row, -1);
        } else {
          this.#values.set(row, value);
          this.#writers.set(row, writer);
        }
      }
    };
  }

  /** One more element of a set, or one less. */
  #count(row: number, by: number): void {
    const table = this.#history.tables[row] as string;
    this.#present.set(table, (this.#present.get(table) ?? 0) + by);
  }

  #writesOf(transaction: number): Left {
    const known = this.#writes[transaction];
    if (known !== undefined) return known;
    const { deeds } = this.#history.transactions[transaction] as RowTransaction;
    const writes = deeds.filter((deed): deed is Write => deed.f === "write");
    const made = new Map(writes.map(({ row, value }) => [row, value]));
    this.#writes[transaction] = made;
    return made;
  }

  #readingsOf(transaction: number): readonly Reading[] {
    const { operation } = this.#history.transactions[transaction] as RowTransaction;
    if (operation.outcome !== "ok") return [];
    const known = this.#readings[transaction];
    if (known !== undefined) return known;
    const made = [...this.#versions.readings(transaction, true)];
    if (this.#history.transactions.length <= KEPT_MAX) this.#readings[transaction] = made;
    return made;
  }

  #setReadsOf(transaction: number): readonly SetRead[] {
    const each = this.#history.transactions[transaction] as RowTransaction;
    return each.operation.outcome === "ok" ? setReadsOf(each) : [];
  }
}
