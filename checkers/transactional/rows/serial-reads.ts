/**
 * Which version each read of a serial order is of. A read by predicate that leaves a row out may be
 * of several versions, one after the other, that it does not mean; then the first of them is taken,
 * for nothing that follows from it does not follow from the others as well.
 */
import { OK } from "../../../src/history/history.js";
import type { Value } from "../../../src/history/value.js";
import type { LabelledEdges } from "../../../src/graph/labelled-digraph.js";
import { RW, WR, WW } from "../dependencies.js";
import type { RowDependencies } from "./dependencies.js";
import type { RowTransaction } from "./layout.js";
import { fits, type Reading } from "./versions.js";

/** A version that a transaction left. */
export interface Left {
  readonly writer: number;
  readonly value: Value | undefined;
}

/** Row → its versions in order, without the initial one. */
export type Lines = ReadonlyMap<number, readonly Left[]>;

/** A read, and of which version it is: 0 is the initial one. */
export interface PlacedRead {
  readonly reading: Reading;
  readonly place: number;
}

/** What a serial order says of versions, and of those who read them. */
export interface SerialReads {
  readonly order: readonly number[];
  readonly lines: Lines;
  readonly reads: readonly PlacedRead[];
}

/** Carries out a serial order, in which every read fits. */
export function serialReads(order: readonly number[], known: RowDependencies): SerialReads {
  const { history, versions } = known;
  const { outcomes } = known.dependencies.transactions;
  const lines = new Map<number, Left[]>();
  const reads: PlacedRead[] = [];
  for (const each of order) {
    for (const reading of outcomes[each] === OK ? versions.readings(each) : []) {
      if (reading.own !== undefined) continue;
      const line = lines.get(reading.row) ?? [];
      let place = line.length;
      while (!reading.isItem && place > 0 && isOf(place - 1, reading, { line, known })) place--;
      reads.push({ reading, place });
    }
    for (const [row, value] of leftBy(history.transactions[each])) {
      const line = lines.get(row);
      if (line === undefined) lines.set(row, [{ writer: each, value }]);
      else line.push({ writer: each, value });
    }
  }
  return { order, lines, reads };
}

function isOf(
  place: number,
  reading: Reading,
  { line, known }: { readonly line: readonly Left[]; readonly known: RowDependencies },
): boolean {
  const value = place === 0 ? known.history.initial.get(reading.row) : line[place - 1]?.value;
  return fits(reading, value);
}

/** What a transaction leaves of the rows that it writes. */
export function leftBy(transaction: RowTransaction | undefined): Map<number, Value | undefined> {
  const left = new Map<number, Value | undefined>();
  for (const deed of transaction?.deeds ?? []) {
    if (deed.f === "write") left.set(deed.row, deed.value);
  }
  return left;
}

/** Adds who wrote each row one after the other. */
export function addLines(edges: LabelledEdges, lines: Lines): void {
  for (const line of lines.values()) {
    for (const [place, { writer }] of line.entries()) {
      const next = line[place + 1];
      if (next !== undefined) edges.add(writer, next.writer, WW);
    }
  }
}

/** Adds whom a read follows, and, if asked, whom it precedes by what is not there yet. */
export function addRead(
  edges: LabelledEdges,
  read: PlacedRead,
  { lines, isAntiIn }: { readonly lines: Lines; readonly isAntiIn: boolean },
): void {
  const reader = read.reading.transaction;
  const writer = lines.get(read.reading.row)?.[read.place - 1]?.writer ?? reader;
  if (writer !== reader) edges.add(writer, reader, WR);
  const next = missedBy(read, lines) ?? reader;
  if (isAntiIn && next !== reader) edges.add(reader, next, RW);
}

/** Who first wrote a row so that the read would have shown something else. */
export function missedBy({ reading, place }: PlacedRead, lines: Lines): number | undefined {
  const later = (lines.get(reading.row) ?? []).slice(place);
  return later.find(({ value }) => reading.isItem || !fits(reading, value))?.writer;
}
