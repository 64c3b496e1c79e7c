/**
 * Operations drawn as text, time to the right, one line a process:
 *
 * ```
 * faults          ░░░░░░░ partition ░░░░░░░░
 * process 0  ├─ write 1 ─┤
 * process 1               ├─ write 2 ─┤
 * process 2                            ├─ read → 1 ─┤
 * ```
 *
 * The order of all invocations and completions is exact, distances are not to scale (see
 * `event-order.ts`).
 */
import { FAIL, INVOKE, NEMESIS, NONE, OK, type History } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { layOut, type OrderLayout } from "./event-order.js";
import { faultsOf, type Fault } from "./faults.js";
import { momentsOf } from "./moments.js";
import { createLabeller, clip } from "./operation-label.js";

/** More operations that may have happened than this would only hide the others. */
const FORGOTTEN_MAX = 6;

/** What is drawn on a line is cut to so many characters. */
const DRAWN_MAX = 40;

/** How to draw. */
export interface AsciiTimelineOptions {
  /** Columns that may be used. Default 100; at least 40. */
  readonly width?: number;
  /**
   * Invocation indices of operations whose completion is forgotten: drawn with dotted lines when
   * they are few.
   */
  readonly forgotten?: readonly number[];
  /** What matters: long lists in the labels are cut around these values. */
  readonly focus?: readonly Value[];
  /**
   * Whether operations are drawn as the indices of their invocations, with a legend: where the text
   * around names them so. Default false.
   */
  readonly byIndex?: boolean;
  /** Draw at most so many operations, the last ones, and say how many are left out. Default 40. */
  readonly limit?: number;
}

interface Row {
  readonly invocation: number;
  readonly process: number;
  readonly start: number;
  /** Index of the completion; Infinity when the outcome is not known. */
  readonly end: number;
  readonly failed: boolean;
  readonly dotted: boolean;
  /** As it is drawn. */
  readonly label: string;
  /** As the legend has it. */
  readonly whole: string;
}

/** Draws the operations that were invoked at these indices. Empty when there are none. */
export function asciiTimeline(
  history: History,
  operations: readonly number[],
  options: AsciiTimelineOptions = {},
): string {
  const width = Math.max(40, options.width ?? 100);
  const limit = options.limit ?? 40;
  const forgotten = options.forgotten ?? [];
  const drawn = forgotten.length <= FORGOTTEN_MAX ? forgotten : [];
  const rows = rowsOf(history, operations, { forgotten: drawn, focus: options.focus ?? [] });
  // What cannot be explained is among the last.
  const shown = rows.slice(-limit);
  if (shown.length === 0) return "";
  const names = [...new Set(shown.map(({ process }) => process))].sort((a, b) => a - b);
  const gutter = Math.max(...names.map((name) => `process ${name}`.length), "faults".length) + 2;
  const room = width - gutter;
  const { byIndex = false } = options;
  const plain = byIndex ? undefined : draw(history, shown, { gutter, room });
  // Too wide with labels: numbers, and the labels below.
  const short = numbered(shown, byIndex);
  const lines = plain ?? draw(history, short, { gutter, room }) ?? [];
  if (plain === undefined) {
    lines.push("", ...short.map((row) => legendLine(history, row, width)));
  }
  if (rows.length > shown.length) {
    lines.push(`(${rows.length - shown.length} earlier ones not drawn)`);
  }
  if (drawn !== forgotten) {
    lines.push(`(${forgotten.length} operations that may have happened not drawn)`);
  }
  return lines.map((line) => line.trimEnd()).join("\n");
}

function numbered(rows: readonly Row[], byIndex: boolean): readonly Row[] {
  return rows.map((row, at) =>
    Object.assign({}, row, { label: String(byIndex ? row.invocation : at + 1) }),
  );
}

function legendLine(history: History, row: Row, width: number): string {
  const number = `${row.label.padStart(3)}  `;
  const where = `  (process ${row.process}, from ${momentsOf(history).at(row.start)})`;
  const room = Math.max(DRAWN_MAX / 2, width - number.length - where.length);
  return clip(`${number}${clip(row.whole, room)}${where}`, width);
}

function rowsOf(
  history: History,
  operations: readonly number[],
  { forgotten, focus }: { readonly forgotten: readonly number[]; readonly focus: readonly Value[] },
): readonly Row[] {
  const { label } = createLabeller(history);
  const dotted = new Set(forgotten);
  const distinct = [...new Set([...operations, ...forgotten])].filter(
    (index) => history.types[index] === INVOKE && history.processes[index] !== NEMESIS,
  );
  return distinct
    .sort((a, b) => Number(dotted.has(a)) - Number(dotted.has(b)) || a - b)
    .map((invocation) => {
      const completion = history.pairs[invocation] as number;
      const type = completion === NONE ? NONE : history.types[completion];
      const whole = label(invocation, { focus }).replaceAll(/\p{C}/gu, "·");
      return {
        invocation,
        process: history.processes[invocation] as number,
        start: invocation,
        end: type === OK || type === FAIL ? completion : Infinity,
        failed: type === FAIL,
        dotted: dotted.has(invocation),
        label: clip(whole, DRAWN_MAX),
        whole,
      };
    });
}

/** The lines, or undefined when labels do not fit in the room; numbers are cut instead. */
function draw(
  history: History,
  rows: readonly Row[],
  { gutter, room }: { readonly gutter: number; readonly room: number },
): string[] | undefined {
  const spans = rows.map(({ start, end, label }) => ({ start, end, width: label.length + 5 }));
  const layout = layOut(spans, 2);
  const short = rows.every(({ label }) => /^\d+$/.test(label));
  if (layout.width + 1 > room && !short) return undefined;
  const columns = Math.min(room, layout.width + 1);
  const lines: string[] = [];
  const faults = faultLine(faultsOf(history), layout, columns);
  if (faults !== undefined) lines.push("faults".padEnd(gutter) + faults);
  for (const process of [...new Set(rows.map((row) => row.process))].sort((a, b) => a - b)) {
    const cells: string[] = Array.from({ length: columns }, () => " ");
    for (const row of rows) if (row.process === process) place(cells, row, layout);
    lines.push(`process ${process}`.padEnd(gutter) + cells.join(""));
  }
  return lines;
}

function place(cells: string[], row: Row, layout: OrderLayout): void {
  const from = layout.columns.get(row.start) ?? 0;
  const open = row.end === Infinity;
  const to = open ? cells.length - 1 : (layout.columns.get(row.end) ?? cells.length - 1);
  const line = open || row.dotted ? "┄" : "─";
  const text = ["├", line, " ", ...Array.from(row.label), " "];
  for (let at = from; at <= to && at < cells.length; at++) cells[at] = text[at - from] ?? line;
  if (to < cells.length) cells[to] = open ? "▷" : "┤";
}

/** One line for all faults that overlap what is drawn; undefined when none does. */
function faultLine(
  faults: readonly Fault[],
  layout: OrderLayout,
  columns: number,
): string | undefined {
  const positions = [...layout.columns.keys()];
  const first = positions[0] ?? 0;
  const last = positions.at(-1) ?? 0;
  const overlapping = faults.filter(({ startIndex, endIndex }) => {
    return startIndex < last && endIndex > first;
  });
  if (overlapping.length === 0) return undefined;
  const cells: string[] = Array.from({ length: columns }, () => " ");
  const names: { from: number; to: number; names: string[] }[] = [];
  for (const { name, startIndex, endIndex } of overlapping) {
    const from = columnBefore(startIndex, layout) + 1;
    const to = endIndex === Infinity ? columns - 1 : columnBefore(endIndex, layout) + 1;
    for (let at = from; at <= to && at < columns; at++) cells[at] = "░";
    const touched = names.find((band) => band.from <= to && from <= band.to);
    if (touched === undefined) names.push({ from, to, names: [name] });
    else {
      touched.to = Math.max(touched.to, to);
      touched.from = Math.min(touched.from, from);
      if (!touched.names.includes(name)) touched.names.push(name);
    }
  }
  for (const band of names) write(cells, band);
  return cells.join("");
}

/** Writes the names in the middle of their band, or behind it where they do not fit. */
function write(
  cells: string[],
  band: { readonly from: number; readonly to: number; readonly names: readonly string[] },
): void {
  const to = Math.min(band.to, cells.length - 1);
  const room = to - band.from + 1;
  const text = ` ${band.names.join(", ")} `;
  const at = text.length + 2 <= room ? band.from + Math.floor((room - text.length) / 2) : to + 1;
  const free = cells.slice(at, at + text.length).every((cell) => cell === " ");
  const fits = at + text.length <= cells.length && (at <= to || free);
  if (fits) for (let i = 0; i < text.length; i++) cells[at + i] = text[i] as string;
  else {
    const clipped = clip(text.trim(), room);
    for (let i = 0; i < clipped.length; i++) cells[band.from + i] = clipped[i] as string;
  }
}

/** The column of the last drawn event before an index, or -1. */
function columnBefore(index: number, layout: OrderLayout): number {
  let column = -1;
  for (const [position, at] of layout.columns) if (position < index) column = at;
  return column;
}
