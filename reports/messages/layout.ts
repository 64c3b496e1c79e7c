/**
 * Where everything stands in the picture of a message sequence: time runs downward and never back,
 * each event that is told gets a row of its own, and idle stretches shrink to a gap. What is in
 * the background gets no row: it lies between the rows, where its time falls.
 */
import type { Arrow, Sequence, SequenceOperation } from "./sequence.js";
import type { Strike } from "./strikes.js";

/** Pixels between a row and the next. */
const ROW = 21;
/** Pixels that an idle stretch takes on top. */
const IDLE_GAP = 26;
/** Nothing told for so long is idle. */
const IDLE_NS = 15e6;

/** Heights in the picture. */
export interface SequenceLayout {
  readonly height: number;
  readonly arrows: readonly { readonly arrow: Arrow; readonly y1: number; readonly y2: number }[];
  readonly operations: readonly {
    readonly operation: SequenceOperation;
    readonly y1: number;
    readonly y2: number;
  }[];
  readonly strikes: readonly {
    readonly strike: Strike;
    readonly y1: number;
    readonly y2: number;
  }[];
  /** Where the time is written beside the picture. */
  readonly ticks: readonly { readonly timeNs: number; readonly y: number }[];
  /** Stretches in which nothing that is told happens. */
  readonly idle: readonly { readonly y: number; readonly lengthNs: number }[];
}

/** A row: at the beginning or end of something. */
interface Mark {
  readonly timeNs: number;
  /** At the same time, ends come before beginnings, and faults before what they strike. */
  readonly rank: number;
  /** Marks that may share their row with others of the same time. */
  readonly shared: boolean;
  place(y: number): void;
}

/** Lays a sequence out. O(n log n) for n events. */
export function layOutSequence(sequence: Sequence): SequenceLayout {
  const marks: Mark[] = [];
  const span = (
    times: { readonly startNs: number; readonly endNs: number },
    rank: { readonly start: number; readonly end: number; readonly shared: boolean },
  ): { y1: number; y2: number } => {
    const at = { y1: 0, y2: Infinity };
    const { startNs, endNs } = times;
    marks.push({ timeNs: startNs, rank: rank.start, shared: false, place: (y) => (at.y1 = y) });
    if (endNs !== Infinity) {
      marks.push({
        timeNs: endNs,
        rank: rank.end,
        shared: rank.shared,
        place: (y) => (at.y2 = y),
      });
    }
    return at;
  };
  const strikes = sequence.strikes.map((strike) => {
    return { strike, at: span(strike, { start: 2, end: 6, shared: true }) };
  });
  const operations = sequence.operations.map((operation) => {
    return { operation, at: span(operation, { start: 3, end: 1, shared: false }) };
  });
  const told = sequence.arrows.filter(({ background }) => !background);
  const arrows = told.map((arrow) => {
    const { sentNs: startNs, endNs: endedNs } = arrow.message;
    // What never left its sender has one row.
    const endNs = endedNs === startNs ? Infinity : endedNs;
    return { arrow, at: span({ startNs, endNs }, { start: 4, end: 0, shared: true }) };
  });

  // Stable: what is sent at the same time keeps its order.
  const rows = marks.toSorted((a, b) => a.timeNs - b.timeNs || a.rank - b.rank);
  const scale: { readonly timeNs: number; first: number; last: number }[] = [];
  const idle: { readonly y: number; readonly lengthNs: number }[] = [];
  let y = 0;
  let before: Mark | undefined;
  for (const mark of rows) {
    const passedNs = mark.timeNs - (before?.timeNs ?? mark.timeNs);
    if (passedNs >= IDLE_NS) {
      idle.push({ y: y + (ROW + IDLE_GAP) / 2, lengthNs: passedNs });
      y += IDLE_GAP;
    }
    const isSame = before !== undefined && passedNs === 0 && mark.shared && before.shared;
    if (!isSame) y += ROW;
    mark.place(y);
    const known = scale.at(-1);
    if (known?.timeNs === mark.timeNs) known.last = y;
    else scale.push({ timeNs: mark.timeNs, first: y, last: y });
    before = mark;
  }
  const height = y + ROW;

  const repeated = sequence.arrows.filter(({ background }) => background);
  const between = repeated.map((arrow) => {
    const y1 = heightAt(scale, arrow.message.sentNs);
    return { arrow, y1, y2: Math.max(y1 + 3, heightAt(scale, arrow.message.endNs)) };
  });
  return {
    height,
    arrows: [
      ...between,
      ...arrows.map(({ arrow, at }) => ({
        arrow,
        y1: at.y1,
        y2: Math.min(at.y2, at.y1 + (at.y2 === Infinity ? ROW / 3 : Infinity)),
      })),
    ],
    operations: operations.map(({ operation, at }) => {
      return { operation, y1: at.y1, y2: Math.min(at.y2, height) };
    }),
    strikes: strikes.map(({ strike, at }) => {
      return { strike, y1: at.y1, y2: Math.min(at.y2, height) };
    }),
    ticks: [...operations, ...strikes].flatMap((each) => {
      const { startNs, endNs } = "strike" in each ? each.strike : each.operation;
      const begun = { timeNs: startNs, y: each.at.y1 };
      return endNs === Infinity ? [begun] : [begun, { timeNs: endNs, y: each.at.y2 }];
    }),
    idle,
  };
}

/** Where a moment falls among the rows. */
function heightAt(
  scale: readonly { readonly timeNs: number; readonly first: number; readonly last: number }[],
  timeNs: number,
): number {
  const next = scale.findIndex((row) => row.timeNs >= timeNs);
  const after = scale[next];
  const before = next === -1 ? scale.at(-1) : scale[next - 1];
  if (after === undefined) return (before?.last ?? 0) + ROW / 2;
  if (before === undefined || after.timeNs === timeNs) return after.first;
  const share = (timeNs - before.timeNs) / (after.timeNs - before.timeNs);
  return before.last + share * (after.first - before.last);
}
