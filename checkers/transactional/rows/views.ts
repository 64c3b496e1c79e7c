/**
 * Transactions on rows committed one after the other, each with the versions that it reads, for
 * levels that say what a transaction may not miss. In an order of commits whoever overwrites a row
 * comes later, and each read is of a version that is there already. What remains is which one:
 *
 * - `cursor`: of a row that it reads as such and then writes, the last one; of what it reads there
 *   after it has written, any.
 * - `monotonic`: none that was overwritten by somebody from whom the transaction has read before;
 *   of what predicates leave out it says nothing, for repeatable read does not, which implies it.
 * - `atomic`: none that was overwritten by somebody from whom it reads, or who precedes it in time.
 * - `causal`: nor by anybody on whom one of these depends by reading and time.
 * - `view`: nor by anybody on whom it depends by reading, overwriting and time.
 *
 * A transaction takes the earliest version that this allows, so that it depends on as few as may
 * be: whoever left an earlier one is, for `view`, among those on whom the others depend. A deletion
 * may be of nothing, as a read that finds the row absent, unless its transaction saw the row.
 */
import { OK } from "../../../src/history/history.js";
import type { Value } from "../../../src/history/value.js";
import type { RowSight } from "../../../src/verdict/isolation-certificate.js";
import type { Time } from "../cycles.js";
import { productOf, subsetsOf } from "./combinations.js";
import type { RowDependencies } from "./dependencies.js";
import type { Row, RowTransaction, Write } from "./layout.js";
import type { Misfit, Undo } from "./replay.js";
import { fits, type Reading, type Version } from "./versions.js";

/** What a level says of reads. */
export type Sight = "cursor" | "monotonic" | "atomic" | "causal" | "view";

/** A read, and who left what it is of; undefined for the first version. */
interface Source {
  readonly reading: Reading;
  readonly writer: number | undefined;
}

interface Placed {
  readonly place: number;
  /** On whom it depends at once, but for time. */
  readonly needs: readonly number[];
  /** Reads that might have been of other versions as well. */
  readonly open: readonly Source[];
  /** Rows that it deletes without finding them. */
  readonly idle: ReadonlySet<number>;
}

/** Of a look for nothing: no predicate means anything. */
const MEANS_ALL = (): boolean => true;

/** The state between commits. */
export class RowViews {
  readonly #known: RowDependencies;
  readonly #sight: Sight;
  readonly #precedes: (one: number, other: number) => boolean;
  readonly #time: Time;
  /** Row → its versions in order, without the first. */
  readonly #lines: number[][];
  readonly #order: number[] = [];
  readonly #placed = new Map<number, Placed>();
  /** Transaction → how it was placed last, also when that was taken back. */
  readonly #last = new Map<number, Placed>();

  constructor(
    known: RowDependencies,
    about: {
      readonly sight: Sight;
      readonly time: Time;
      readonly precedes: (one: number, other: number) => boolean;
    },
  ) {
    this.#known = known;
    this.#sight = about.sight;
    this.#time = about.time;
    this.#precedes = about.precedes;
    this.#lines = known.history.rows.map(() => []);
  }

  /** Commits a transaction next with the earliest versions; undefined where none will do. */
  take(transaction: number): Undo | undefined {
    const [blind, shown] = this.#deletionsOf(transaction);
    const isGone = (row: number): boolean =>
      this.#contentAt(row, this.#lineOf(row).length) === undefined;
    const usual = new Set(blind.filter((row) => shown.has(row) || isGone(row)));
    const options = blind.length === 0 ? [usual] : [usual, new Set<number>(), new Set(blind)];
    for (const idle of options) {
      const looks = this.#looksOf(transaction, idle);
      const places = looks === undefined ? undefined : this.#earliest(transaction, looks, idle);
      if (looks !== undefined && places !== undefined) {
        return this.#place(transaction, idle, { looks, places });
      }
    }
    return undefined;
  }

  /** Every way in which a transaction may commit next. */
  *takes(transaction: number): Iterable<Undo> {
    for (const idle of subsetsOf(this.#deletionsOf(transaction)[0])) {
      const looks = this.#looksOf(transaction, idle);
      if (looks === undefined) continue;
      const choices = looks.map((look) => this.#fittingPlaces(transaction, look, idle));
      for (const places of productOf(choices)) {
        const isSeen = this.#sightOf(transaction, { looks, places, idle });
        const isWrong = looks.some((look, at) => this.#misses(look, places[at] as number, isSeen));
        if (!isWrong) yield this.#place(transaction, idle, { looks, places });
      }
    }
  }

  /** What keeps a transaction from committing now, as far as single reads go. */
  misfits(transaction: number): readonly Misfit[] {
    const { versions, history } = this.#known;
    const idle = new Set<number>();
    return (this.#looksOf(transaction, idle) ?? []).map((reading): Misfit => {
      const line = this.#lineOf(reading.row);
      const fitting = versions
        .of(reading.row)
        .map((each) => versions.all[each] as Version)
        .filter(({ isLast, value }) => isLast && fits(reading, value))
        .map(({ writer }) => writer)
        .filter((each) => each !== transaction)
        .filter((each) => history.transactions[each]?.operation.outcome !== "fail");
      const isAny = this.#fittingPlaces(transaction, reading, idle).length > 0;
      const last = versions.all[line.at(-1) ?? -1]?.writer;
      return {
        writer: isAny && this.#sight !== "cursor" ? undefined : last,
        earlier: fitting.filter((each) => this.#placed.has(each)),
        later: fitting.filter((each) => !this.#placed.has(each)),
      };
    });
  }

  isDone(transaction: number): boolean {
    return this.#placed.has(transaction);
  }

  /** A text that is equal for equal states, as far as what comes next goes. */
  key(): string {
    const placed = [...this.#placed].toSorted(([a], [b]) => a - b);
    const isDeep = this.#sight === "causal" || this.#sight === "view";
    const needs = placed
      .map(([each, { needs: all }]) => (isDeep ? `${each}:${all.join()}` : each))
      .join(" ");
    return `${needs};${this.#lines.map((line) => line.join()).join(";")}`;
  }

  /** Of an order that was found: what does not follow from it alone. */
  sightsOf(order: readonly number[]): readonly RowSight[] {
    const { invocations } = this.#known.dependencies.transactions;
    return order.flatMap((reader) => {
      const { open, idle } = this.#last.get(reader) as Placed;
      const finds = [...idle].map((row) => this.#told(reader, row, {}));
      const reads = open.map(({ reading: { row, at }, writer }) => {
        const of = writer === undefined ? null : (invocations[writer] as number);
        return this.#told(reader, row, { at, of });
      });
      return [...finds, ...reads];
    });
  }

  #told(reader: number, row: number, of: Pick<RowSight, "at" | "of">): RowSight {
    const { history, dependencies } = this.#known;
    const name = dependencies.transactions.invocations[reader] as number;
    return { reader: name, ...(history.rows[row] as Row), ...of };
  }

  #lineOf(row: number): number[] {
    return this.#lines[row] as number[];
  }

  #contentAt(row: number, place: number): Value | undefined {
    if (place === 0) return this.#known.history.initial.get(row);
    return this.#known.versions.all[this.#lineOf(row)[place - 1] as number]?.value;
  }

  /** Rows that are deleted and were not seen to be there; and those seen to be absent. */
  #deletionsOf(transaction: number): readonly [readonly number[], ReadonlySet<number>] {
    const left = this.#writesOf(transaction);
    const deleted = [...left].filter(([, value]) => value === undefined).map(([row]) => row);
    if (deleted.length === 0) return [[], new Set()];
    const looks = this.#looksOf(transaction, new Set()) ?? [];
    const items = looks.filter(({ isItem, own }) => isItem && own === undefined);
    const absent = items.filter(({ value }) => value === undefined).map(({ row }) => row);
    const there = new Set(items.filter(({ value }) => value !== undefined).map(({ row }) => row));
    return [deleted.filter((row) => !there.has(row)), new Set(absent)];
  }

  #writesOf(transaction: number): ReadonlyMap<number, Value | undefined> {
    const { deeds } = this.#known.history.transactions[transaction] as RowTransaction;
    const writes = deeds.filter((deed): deed is Write => deed.f === "write");
    return new Map(writes.map(({ row, value }) => [row, value]));
  }

  /** What it reads that it has not written itself; undefined where it misses that. */
  #looksOf(transaction: number, idle: ReadonlySet<number>): readonly Reading[] | undefined {
    const { history, versions } = this.#known;
    const { operation, deeds } = history.transactions[transaction] as RowTransaction;
    const looks: Reading[] = [];
    if (operation.outcome === "ok") {
      for (const reading of versions.readings(transaction)) {
        const { own } = reading;
        if (own !== undefined && fits(reading, own.value)) continue;
        if (own !== undefined && this.#sight !== "cursor" && this.#sight !== "view")
          return undefined;
        looks.push(reading);
      }
    }
    for (const row of idle) {
      const at = deeds.findLast((deed) => deed.f === "write" && deed.row === row)?.at ?? 0;
      const none = { value: undefined, isMeant: MEANS_ALL, own: undefined };
      looks.push({ transaction, at, row, isItem: true, ...none });
    }
    return looks;
  }

  #fittingPlaces(
    transaction: number,
    reading: Reading,
    idle: ReadonlySet<number>,
  ): readonly number[] {
    const { row, isItem, own } = reading;
    const last = this.#lineOf(row).length;
    // What is read after the row was written is none of a cursor's business.
    const isOfCursor = this.#sight === "cursor" && isItem && own === undefined;
    const isUpdate = isOfCursor && !idle.has(row) && this.#writesOf(transaction).has(row);
    const places: number[] = [];
    for (let place = isUpdate ? last : 0; place <= last; place++) {
      if (fits(reading, this.#contentAt(row, place))) places.push(place);
    }
    return places;
  }

  /** Whether a read may be of several versions that are there. */
  #isOpen(reading: Reading): boolean {
    let count = 0;
    for (let place = 0; place <= this.#lineOf(reading.row).length && count < 2; place++) {
      if (fits(reading, this.#contentAt(reading.row, place))) count++;
    }
    return count > 1;
  }

  /** The earliest places that agree with one another. */
  #earliest(
    transaction: number,
    looks: readonly Reading[],
    idle: ReadonlySet<number>,
  ): readonly number[] | undefined {
    const choices = looks.map((look) => this.#fittingPlaces(transaction, look, idle));
    const at = looks.map(() => 0);
    const placeOf = (look: number): number | undefined => choices[look]?.[at[look] as number];
    if (looks.some((_, look) => placeOf(look) === undefined)) return undefined;
    for (;;) {
      const places = looks.map((_, look) => placeOf(look) as number);
      const isSeen = this.#sightOf(transaction, { looks, places, idle });
      let moved = false;
      for (const [number, look] of looks.entries()) {
        for (;;) {
          const place = placeOf(number);
          if (place === undefined) return undefined;
          if (!this.#misses(look, place, isSeen)) break;
          at[number] = (at[number] as number) + 1;
          moved = true;
        }
      }
      if (!moved) return places;
    }
  }

  /** Whether a read misses what it has to see, if it is of the version at this place. */
  #misses(
    reading: Reading,
    place: number,
    isSeen: (writer: number, reading: Reading) => boolean,
  ): boolean {
    return this.#overwriters(reading, place).some((writer) => isSeen(writer, reading));
  }

  #overwriters(reading: Reading, place: number): readonly number[] {
    if (this.#sight === "cursor") return [];
    const later: number[] = [];
    for (const each of this.#lineOf(reading.row).slice(place)) {
      const { writer, value } = this.#known.versions.all[each] as Version;
      const isMissed = this.#sight !== "monotonic" && !fits(reading, value);
      if (reading.isItem || isMissed) later.push(writer);
    }
    return later;
  }

  /** Whom a transaction sees that reads these versions. */
  #sightOf(
    transaction: number,
    reads: {
      readonly looks: readonly Reading[];
      readonly places: readonly number[];
      readonly idle: ReadonlySet<number>;
    },
  ): (writer: number, reading: Reading) => boolean {
    const { looks, places, idle } = reads;
    const from = looks.map((look, at) => this.#writerAt(look.row, places[at] as number));
    switch (this.#sight) {
      case "cursor":
        return () => false;
      case "monotonic":
        return (writer, reading) =>
          from.some((each, at) => each === writer && (looks[at] as Reading).at < reading.at);
      case "atomic": {
        const direct = new Set(from);
        return (writer) => direct.has(writer) || this.#precedes(writer, transaction);
      }
      case "causal":
      case "view":
      default: {
        const late = looks.flatMap((look, at) => this.#overwriters(look, places[at] as number));
        if (late.length === 0) return () => false;
        const first = Math.min(...late.map((each) => (this.#placed.get(each) as Placed).place));
        const needs = this.#needsOf(transaction, from, idle);
        const seen = this.#seenBy(transaction, needs, first);
        return (writer) => seen.has(writer);
      }
    }
  }

  #writerAt(row: number, place: number): number | undefined {
    return place < 1
      ? undefined
      : this.#known.versions.all[this.#lineOf(row)[place - 1] as number]?.writer;
  }

  #needsOf(
    transaction: number,
    from: readonly (number | undefined)[],
    idle: ReadonlySet<number>,
  ): readonly number[] {
    const needs = new Set(from.filter((each) => each !== undefined));
    if (this.#sight === "view") {
      for (const row of this.#writesOf(transaction).keys()) {
        const before = this.#writerAt(row, this.#lineOf(row).length);
        if (before !== undefined && !idle.has(row)) needs.add(before);
      }
    }
    return [...needs].toSorted((a, b) => a - b);
  }

  /** All on whom a transaction depends, back to a place of the order. */
  #seenBy(transaction: number, needs: readonly number[], first: number): ReadonlySet<number> {
    const { invocations, completions, processes, outcomes } = this.#known.dependencies.transactions;
    const seen = new Set(needs);
    /** Of each session, or of all, the latest invocation of those that see. */
    const latest = new Map<number, number>();
    const sees = (each: number): void => {
      if (this.#time === "") return;
      const group = this.#time === "realtime" ? 0 : (processes[each] as number);
      latest.set(group, Math.max(latest.get(group) ?? 0, invocations[each] as number));
    };
    sees(transaction);
    for (let place = this.#order.length - 1; place >= first; place--) {
      const each = this.#order[place] as number;
      const group = this.#time === "realtime" ? 0 : (processes[each] as number);
      const isEarlier =
        outcomes[each] === OK && (completions[each] as number) <= (latest.get(group) ?? -1);
      if (isEarlier) seen.add(each);
      if (!seen.has(each)) continue;
      sees(each);
      for (const need of (this.#placed.get(each) as Placed).needs) seen.add(need);
    }
    return seen;
  }

  #place(
    transaction: number,
    idle: ReadonlySet<number>,
    { looks, places }: { readonly looks: readonly Reading[]; readonly places: readonly number[] },
  ): Undo {
    const from = looks.map(({ row }, at) => this.#writerAt(row, places[at] as number));
    const needs = this.#needsOf(transaction, from, idle);
    const open = looks
      .map((reading, at): Source => ({ reading, writer: from[at] }))
      .filter(({ reading }) => this.#isOpen(reading));
    const placed = { place: this.#order.length, needs, open, idle };
    const { all } = this.#known.versions;
    const rows = [...this.#writesOf(transaction).keys()].filter((row) => !idle.has(row));
    for (const row of rows) {
      const version = this.#known.versions
        .of(row)
        .findLast((each) => all[each]?.writer === transaction);
      this.#lineOf(row).push(version as number);
    }
    this.#order.push(transaction);
    this.#placed.set(transaction, placed);
    this.#last.set(transaction, placed);
    return () => {
      this.#order.pop();
      this.#placed.delete(transaction);
      for (const row of rows) this.#lineOf(row).pop();
    };
  }
}
