/**
 * What the reads of rows ask of an order of moments, row by row: which writers each read may find
 * to have been the last there, or to have been there at some earlier time.
 */
import type { RowHistory, RowTransaction } from "./layout.js";
import type { Manner } from "./replay.js";
import { fits, type Reading, type Version, type Versions } from "./versions.js";

/** One read of one row. */
export interface Question {
  readonly reader: number;
  /** Whether what was read is there at that moment; else it may have been at any time before. */
  readonly isNow: boolean;
  readonly fitsInitial: boolean;
  /** Whose version it may be. */
  readonly fitting: ReadonlySet<number>;
}

/** What is asked about one row. */
export interface RowQuestions {
  readonly row: number;
  /** Those who left a version, and whose transactions did not fail. */
  readonly writers: readonly number[];
  /** Of them those who left it absent, and whether it was there at first. */
  readonly deleters: ReadonlySet<number>;
  readonly isThereFirst: boolean;
  readonly questions: readonly Question[];
}

/** All questions of rows that more than one order of their writers may answer, or too few. */
export function questionsOf(
  history: RowHistory,
  versions: Versions,
  manner: Exclude<Manner, "uncommitted">,
): readonly RowQuestions[] {
  const byRow: Question[][] = history.rows.map(() => []);
  const { transactions } = history;
  const isPossible = (writer: number): boolean =>
    (transactions[writer] as RowTransaction).operation.outcome !== "fail";
  for (const [reader, { operation }] of transactions.entries()) {
    if (operation.outcome !== "ok") continue;
    for (const reading of versions.readings(reader)) {
      const question = questionOf(reading, { history, versions, manner, isPossible });
      if (question !== undefined) byRow[reading.row]?.push(question);
    }
  }
  const found: RowQuestions[] = [];
  for (const [row, questions] of byRow.entries()) {
    const left = versions
      .of(row)
      .map((each) => versions.all[each] as Version)
      .filter(({ isLast, writer }) => isLast && isPossible(writer));
    if (questions.length === 0 && left.length < 2) continue;
    const absent = left.filter(({ value }) => value === undefined);
    found.push({
      row,
      writers: left.map(({ writer }) => writer),
      deleters: new Set(absent.map(({ writer }) => writer)),
      isThereFirst: history.initial.has(row),
      questions,
    });
  }
  return found;
}

/** Undefined where a reading fits whatever happens. */
function questionOf(
  reading: Reading,
  about: {
    readonly history: RowHistory;
    readonly versions: Versions;
    readonly manner: Exclude<Manner, "uncommitted">;
    readonly isPossible: (writer: number) => boolean;
  },
): Question | undefined {
  const { history, versions, manner, isPossible } = about;
  const { row, own, isItem, transaction: reader } = reading;
  const none: Question = { reader, isNow: true, fitsInitial: false, fitting: new Set() };
  if (own !== undefined && fits(reading, own.value)) return undefined;
  if (own !== undefined && manner !== "committed") return none;
  const isNow = manner !== "committed" && !(manner === "items" && !isItem);
  const fitsInitial = fits(reading, history.initial.get(row));
  if (!isNow && fitsInitial) return undefined;
  const others = versions
    .of(row)
    .map((each) => versions.all[each] as Version)
    .filter(({ isLast, writer }) => isLast && writer !== reader && isPossible(writer));
  const fitting = others.filter(({ value }) => fits(reading, value));
  if (fitsInitial && fitting.length === others.length) return undefined;
  return { reader, isNow, fitsInitial, fitting: new Set(fitting.map(({ writer }) => writer)) };
}
