/**
 * The consistency levels as a picture: strong above, weak below, lines for what implies what, and
 * each level marked with whether it holds. Plain SVG, laid out here; it needs no script.
 */
import { asciiTimeline } from "../ascii-timeline.js";
import { VERDICT_ICONS } from "../counterexample.js";
import type { History } from "../../src/history/history.js";
import type { LevelBroken, LevelShown, LevelsShown } from "../levels.js";
import type { IsolationLevels } from "../isolation-levels.js";
import { escapeHtml } from "./escape.js";
import { isolationPart } from "./isolation.js";

/** Pixels. */
const ROW = 66;
const BOX = 32;
const GAP = 18;
const CHARACTER = 7.7;
const PADDING = 36;

/** Writes the section. */
export function latticeSection(
  shown: LevelsShown,
  history: History,
  isolation?: IsolationLevels,
): string {
  const broken = shown.broken.map((each) => brokenPart(each, history));
  const rows = shown.levels.map(
    (level) =>
      `<tr class="${level.verdict}${level.isEdge ? " edge" : ""}">` +
      `<td>${VERDICT_ICONS[level.verdict]} ${escapeHtml(labelOf(level))}</td>` +
      `<td class="note">${escapeHtml(level.note)}</td></tr>`,
  );
  if (isolation !== undefined) {
    return `<section aria-labelledby="levels-title">
<h2 id="levels-title">Levels of isolation</h2>
${isolationPart(isolation, { isOpen: true })}
<details><summary>How each is known</summary><table class="levels">${rows.join("")}</table></details>
${broken.join("\n")}
</section>`;
  }
  return `<section aria-labelledby="levels-title">
<h2 id="levels-title">Consistency levels</h2>
<p class="lead">Strong above, weak below; what holds implies all that it leads down to. Thick: the strongest that hold, and the first that are broken.</p>
<div class="scroll">${picture(shown.levels)}</div>
<details><summary>How each is known</summary><table class="levels">${rows.join("")}</table></details>
${broken.join("\n")}
</section>`;
}

function brokenPart({ level, anomaly, operations }: LevelBroken, history: History): string {
  const drawing = asciiTimeline(history, operations, {});
  return (
    `<h3 class="broken">${VERDICT_ICONS.invalid} ${escapeHtml(level)}: ${escapeHtml(anomaly.kind)}</h3>` +
    `<p class="anomaly">${escapeHtml(anomaly.message)}</p>` +
    (drawing === "" ? "" : `<pre>${escapeHtml(drawing)}</pre>`)
  );
}

interface Box {
  readonly level: LevelShown;
  readonly row: number;
  readonly width: number;
  x: number;
}

function picture(levels: readonly LevelShown[]): string {
  const rows = rowsOf(levels);
  const width = Math.max(...rows.map((row) => widthOf(row))) + 4;
  for (const row of rows) {
    let x = (width - widthOf(row)) / 2;
    for (const box of row) {
      box.x = x;
      x += box.width + GAP;
    }
  }
  const boxes = new Map(rows.flat().map((box) => [box.level.level, box]));
  const height = rows.length * ROW - (ROW - BOX) + 4;
  const lines = [...boxes.values()].flatMap((from) =>
    from.level.implies.flatMap((name) => {
      const to = boxes.get(name);
      return to === undefined ? [] : [lineOf(from, to)];
    }),
  );
  const drawn = [...boxes.values()].map((box) => boxOf(box));
  return `<svg class="lattice" width="${Math.ceil(width)}" height="${height}" viewBox="0 0 ${Math.ceil(width)} ${height}" role="img" aria-label="Consistency levels, each with whether it holds">${lines.join("")}${drawn.join("")}</svg>`;
}

/** Each level below all that imply it; in a row near to what is above. */
function rowsOf(levels: readonly LevelShown[]): readonly Box[][] {
  const depths = new Map<string, number>(levels.map(({ level }) => [level, 0]));
  // Strong levels come first, but nothing rests on it: as many rounds as there may be rows.
  for (let round = 0; round < levels.length; round++) {
    for (const { level, implies } of levels) {
      for (const weaker of implies) {
        const least = (depths.get(level) ?? 0) + 1;
        if (least > (depths.get(weaker) ?? 0)) depths.set(weaker, least);
      }
    }
  }
  const rows: Box[][] = [];
  for (const level of levels) {
    const row = depths.get(level.level) ?? 0;
    const box = { level, row, width: labelOf(level).length * CHARACTER + PADDING, x: 0 };
    (rows[row] ??= []).push(box);
  }
  const places = new Map<string, number>();
  return rows.map((row) => {
    const sorted = row.toSorted((a, b) => centre(a, levels, places) - centre(b, levels, places));
    for (const [place, { level }] of sorted.entries()) {
      places.set(level.level, (place + 0.5) / sorted.length);
    }
    return sorted;
  });
}

/** The mean place of what implies a level, from 0 to 1. */
function centre(
  { level }: Box,
  levels: readonly LevelShown[],
  places: ReadonlyMap<string, number>,
): number {
  const above = levels
    .filter(({ implies }) => implies.includes(level.level))
    .map((each) => places.get(each.level) ?? 0.5);
  return above.length === 0 ? 0.5 : above.reduce((sum, place) => sum + place, 0) / above.length;
}

function widthOf(row: readonly Box[]): number {
  return row.reduce((sum, { width }) => sum + width, GAP * (row.length - 1));
}

function lineOf(from: Box, to: Box): string {
  const y1 = from.row * ROW + BOX + 2;
  const y2 = to.row * ROW + 2;
  const x1 = from.x + from.width / 2;
  const x2 = to.x + to.width / 2;
  const bend = (y2 - y1) / 2;
  return `<path d="M${x1.toFixed(1)} ${y1}C${x1.toFixed(1)} ${y1 + bend} ${x2.toFixed(1)} ${y2 - bend} ${x2.toFixed(1)} ${y2}"/>`;
}

function boxOf({ level, row, width, x }: Box): string {
  const y = row * ROW + 2;
  const label = `${VERDICT_ICONS[level.verdict]} ${labelOf(level)}`;
  return (
    `<g class="${level.verdict}${level.isEdge ? " edge" : ""}"><title>${escapeHtml(level.note)}</title>` +
    `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${BOX}" rx="7"/>` +
    `<text x="${(x + width / 2).toFixed(1)}" y="${y + BOX / 2}">${escapeHtml(label)}</text></g>`
  );
}

function labelOf({ level, measured }: LevelShown): string {
  return measured === "" ? level : `${level}, ${measured}`;
}
