/**
 * Who saw a transaction, and of another row what that one had replaced: by an earlier statement, so
 * that a row vanished that had been seen (`non-monotonic-read`), by any (`fractured-read`), or
 * because it had completed before. To delete a row that is not there replaces nothing.
 */
import type { BaseIsolation } from "../../../src/consistency/level.js";
import type { RowEdge, TimeEdge } from "../../../src/verdict/isolation-certificate.js";
import type { Time } from "../cycles.js";
import { OK } from "../../../src/history/history.js";
import { RW, WR } from "../dependencies.js";
import { setReadsOf } from "./absent-elements.js";
import type { Known, RowDependencies } from "./dependencies.js";
import type { RowTransaction } from "./layout.js";
import { precedes } from "./nodes.js";

/** An example, with the weakest level that it contradicts. */
export interface Fractured {
  readonly kind: "non-monotonic-read" | "fractured-read";
  readonly base: BaseIsolation;
  readonly time: Time;
  /** How it saw the other, and what it missed. */
  readonly edges: readonly [RowEdge | TimeEdge, RowEdge];
}

const EXAMPLES_MAX = 4;

/** A few examples of each kind; `check` throws to end it. */
export function fracturedReads(known: RowDependencies, check: () => void): readonly Fractured[] {
  const early = new EarlyWriters(known);
  const { invocations, count } = known.dependencies.transactions;
  const found = new Map<string, Fractured[]>();
  for (let reader = 0; reader < count; reader++) {
    check();
    const reads = known.readsOf(reader);
    /** Writer → the first read of something that it left. */
    const first = new Map<number, Known>();
    for (const each of reads) {
      const writer = known.writerOf(each);
      if (writer === undefined || writer === reader) continue;
      const before = first.get(writer);
      if (before === undefined || each.reading.at < before.reading.at) first.set(writer, each);
    }
    for (const [missed, writer] of missesOf(reader, [...first.keys()], { known, early })) {
      const seen = first.get(writer);
      const time = timeBetween(writer, reader, known);
      if (seen === undefined && time === undefined) continue;
      const { isItem, at } = missed.reading;
      const isEarlier = isItem && seen !== undefined && seen.reading.at < at;
      const kind = isEarlier ? "non-monotonic-read" : "fractured-read";
      const kept = seen === undefined ? (time as Time) : "";
      const examples = found.get(`${kind} ${kept}`) ?? [];
      found.set(`${kind} ${kept}`, examples);
      if (examples.length >= EXAMPLES_MAX) continue;
      const ends = { from: writer, to: reader };
      const how =
        seen === undefined
          ? {
              from: invocations[writer] as number,
              to: invocations[reader] as number,
              by: kept as "process" | "realtime",
            }
          : known.edgeOf(seen, { ...ends, kind: WR });
      const miss = known.edgeOf(missed, { from: reader, to: writer, kind: RW });
      const base = isEarlier ? "monotonic-atomic-view" : "read-atomic";
      examples.push({ kind, base, time: kept, edges: [how, miss] });
    }
  }
  return [...found.values()].flat();
}

/** What one read, and who overwrote that. */
type Missed = readonly [read: Known, writer: number];

/** What a reader may have missed of those that it has seen, or that precede it in time. */
function* missesOf(
  reader: number,
  seen: readonly number[],
  { known, early }: { readonly known: RowDependencies; readonly early: EarlyWriters },
): Iterable<Missed> {
  const writers = new Set(seen);
  for (const read of known.readsOf(reader)) {
    if (!known.isCrowded(read)) {
      for (const writer of known.overwritersOf(read)) yield [read, writer];
      continue;
    }
    // Where there are many, only those are asked about of whom anything is known.
    for (const writer of [...seen, ...early.replacersOf(read)]) {
      if (known.hasReplaced(writer, read)) yield [read, writer];
    }
  }
  for (const writer of early.addersMissedBy(reader)) writers.add(writer);
  for (const writer of writers) {
    for (const read of known.absentReadsOf(reader, known.writtenBy(writer))) yield [read, writer];
  }
}

/** A row, or an element of a set, and who wrote it. */
type Written = readonly [row: number, writer: number];

/** Who wrote rows, and added to sets, by when they completed. */
class EarlyWriters {
  readonly #known: RowDependencies;
  /** Row or set → all who wrote it; the same with a process → its own. */
  readonly #written = new Map<string, Written[]>();

  constructor(known: RowDependencies) {
    this.#known = known;
    const { completions, processes, outcomes } = known.dependencies.transactions;
    const all = known.history.rows.flatMap((_, row) =>
      known.writersOf(row).map((writer): Written => [row, writer]),
    );
    all.sort(([, a], [, b]) => (completions[a] as number) - (completions[b] as number));
    for (const each of all) {
      const [row, writer] = each;
      if (outcomes[writer] !== OK) continue;
      const name = nameOf(row, known);
      for (const of of [name, `${processes[writer]} ${name}`]) {
        const before = this.#written.get(of);
        if (before === undefined) this.#written.set(of, [each]);
        else before.push(each);
      }
    }
  }

  /** Of those who completed before a reader began one who added what it did not find. */
  *addersMissedBy(reader: number): Iterable<number> {
    const { transactions } = this.#known.history;
    for (const { read, own } of setReadsOf(transactions[reader] as RowTransaction)) {
      yield* this.#first(reader, read.table, (row) => !read.shown.has(row) && !own.has(row));
    }
  }

  /** Of those who completed before one read the first version of a row began one who wrote it. */
  *replacersOf(read: Known): Iterable<number> {
    const { row, transaction } = read.reading;
    yield* this.#first(transaction, nameOf(row, this.#known), (_, writer) =>
      this.#known.hasReplaced(writer, read),
    );
  }

  *#first(
    reader: number,
    name: string,
    isAsked: (row: number, writer: number) => boolean,
  ): Iterable<number> {
    const { invocations, completions, processes } = this.#known.dependencies.transactions;
    for (const of of [name, `${processes[reader]} ${name}`]) {
      for (const [row, writer] of this.#written.get(of) ?? []) {
        if ((completions[writer] as number) > (invocations[reader] as number)) break;
        if (!isAsked(row, writer)) continue;
        yield writer;
        break;
      }
    }
  }
}

function nameOf(row: number, { history }: RowDependencies): string {
  return history.tables[row] === "" ? `row ${row}` : (history.tables[row] as string);
}

/** The order of time that puts one before another, if any does. */
function timeBetween(one: number, other: number, known: RowDependencies): Time | undefined {
  const times = ["process", "realtime"] as const;
  return times.find((time) => precedes(one, other, { time, known }));
}
