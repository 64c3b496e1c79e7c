/**
 * A message sequence as text, one line an event, time downward:
 *
 * ```
 *              process 0       n1              n2
 *       0 ms   ┏ put a         │               │
 *              ┃──put a───────▶│               │
 *              ┃               │──append a────✕│
 *              ┃◀───────────ok─│               │
 *       4 ms   ┗ ok            │               │
 * ```
 *
 * A message stands where it was sent; where it took so long that others arrived before it, the page
 * shows more.
 */
import { clip } from "../operation-label.js";
import { momentText, timeUnitOf } from "../time-unit.js";
import type { Arrow, Sequence } from "./sequence.js";

/** Longer drawings are left to the page. */
const LINES_MAX = 60;
const TIMES = 12;
const COLUMN_MIN = 15;
const COLUMN_MAX = 30;

interface Line {
  readonly timeNs: number;
  readonly rank: number;
  draw(cells: string[]): void;
  /** Whether the time is written. */
  readonly timed: boolean;
  /** Of operations that begin or end: changes which are open, after the line is drawn. */
  readonly turns?: { readonly lane: number; readonly by: 1 | -1 };
}

/** Draws it; undefined where it would take more lines or columns than a terminal has. */
export function asciiSequence(sequence: Sequence, width = 100): string | undefined {
  const { lanes } = sequence;
  const column = Math.min(COLUMN_MAX, Math.floor((width - TIMES - 2) / lanes.length));
  const lines = linesOf(sequence, column);
  if (column < COLUMN_MIN || lines.length + 2 > LINES_MAX) return undefined;
  const unit = timeUnitOf(lines.at(-1)?.timeNs ?? 0);
  const open = lanes.map(() => 0);
  const head =
    " ".repeat(TIMES) +
    lanes
      .map(({ name }) =>
        clip(name, column - 1)
          .replaceAll(/\p{C}/gu, "·")
          .padEnd(column),
      )
      .join("");
  const drawn = lines.map((line) => {
    const cells = Array.from({ length: lanes.length * column }, () => " ");
    lanes.forEach((lane, place) => {
      cells[place * column] = (open[place] ?? 0) > 0 ? "┃" : lane.kind === "node" ? "│" : "╎";
    });
    line.draw(cells);
    if (line.turns !== undefined)
      open[line.turns.lane] = (open[line.turns.lane] ?? 0) + line.turns.by;
    const time = line.timed ? momentText(line.timeNs, unit) : "";
    return `${time.padStart(TIMES - 2)}  ${cells.join("")}`.trimEnd();
  });
  const background = sequence.arrows.filter((arrow) => arrow.background).length;
  const folded = background === 0 ? [] : [`(${background} background messages not drawn)`];
  return [head.trimEnd(), ...drawn, ...folded].join("\n");
}

function linesOf({ lanes, arrows, operations, strikes }: Sequence, column: number): Line[] {
  const lines: Line[] = [];
  for (const { lane, startNs, endNs, asked, answered, required } of operations) {
    const mark = required ? " ◀ anomaly" : "";
    const at = lane * column;
    lines.push({
      timeNs: startNs,
      rank: 3,
      timed: true,
      draw: (cells) => write(cells, at, `┏ ${asked}`),
      turns: { lane, by: 1 },
    });
    if (endNs === Infinity) continue;
    lines.push({
      timeNs: endNs,
      rank: endNs === startNs ? 5 : 1,
      timed: true,
      draw: (cells) => write(cells, at, `┗ ${answered}${mark}`),
      turns: { lane, by: -1 },
    });
  }
  for (const { name, nodes, detail, startNs, endNs } of strikes) {
    const words = ` ${name}${detail === "" ? "" : ` ${detail}`} `;
    const places = lanes.flatMap((lane, place) => (nodes.includes(lane.name) ? [place] : []));
    const row = (text: string, mark: string) => (cells: string[]) => {
      for (let at = 1; at < cells.length; at++) if (cells[at] === " ") cells[at] = "░";
      for (const place of places) cells[place * column] = mark;
      write(cells, 2, text);
    };
    lines.push({ timeNs: startNs, rank: 2, timed: true, draw: row(words, "▼") });
    if (endNs === Infinity) continue;
    lines.push({ timeNs: endNs, rank: 6, timed: true, draw: row(` end of${words}`, "▲") });
  }
  for (const arrow of arrows) {
    if (arrow.background) continue;
    const draw = (cells: string[]): void => drawArrow(cells, arrow, column);
    lines.push({ timeNs: arrow.message.sentNs, rank: 4, timed: false, draw });
  }
  return lines.toSorted((a, b) => a.timeNs - b.timeNs || a.rank - b.rank);
}

function drawArrow(cells: string[], arrow: Arrow, column: number): void {
  const { from, to, message, words } = arrow;
  const arrived = message.fate === "delivered";
  if (from === to) {
    write(cells, from * column + 1, `↩ ${clip(words, column - 4)}`);
    return;
  }
  const [left, right] = [Math.min(from, to) * column, Math.max(from, to) * column];
  const room = right - left - 1;
  const shaft = arrived ? "─" : "┄";
  const label = clip(words, room - 4);
  const rest = shaft.repeat(Math.max(0, room - label.length - 3));
  const head = (forward: string): string => (arrived ? forward : "✕");
  const line =
    from < to
      ? `${shaft}${shaft}${label}${rest}${head("▶")}`
      : `${head("◀")}${rest}${label}${shaft}${shaft}`;
  write(cells, left + 1, line);
}

function write(cells: string[], at: number, text: string): void {
  Array.from(text.replaceAll(/\p{C}/gu, "·")).forEach((character, index) => {
    if (at + index < cells.length) cells[at + index] = character;
  });
}
