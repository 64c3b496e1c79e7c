/**
 * The messages of a small run as a picture: a lane for each process and node, time downward,
 * operations as bars, messages as arrows. It is drawn here and not in the browser, so that it also
 * prints and shows without scripts; the script only shows and hides.
 */
import { layOutSequence, type SequenceLayout } from "../messages/layout.js";
import type { Arrow, Lane, Sequence } from "../messages/sequence.js";
import { clip, counted, formatDuration } from "../operation-label.js";
import { momentText, timeUnitOf } from "../time-unit.js";
import { escapeHtml } from "./escape.js";

/** Pixels that a character of a label takes. */
const CHARACTER = 6.65;
/** Room for the times on the left. */
const TIMES = 96;
/** Room of a process lane on its left, where its operations are named. */
const NAMES = 185;
/** Where there are many lanes; names then reach over the lane before. */
const NAMES_MIN = 125;
/** From the last process to the first node. */
const GAP = 210;
/** From a node to the next, at least and at most. */
const PITCH_MIN = 155;
const PITCH_MAX = 270;
/** The width of the page, which is used where the lanes leave room. */
const PAGE = 1185;
/** Room behind the last lane, where faults are named. */
const FAULTS = 170;
const TOP = 34;
const BAR = 9;
/** A label over an arrow may be longer than its arrow, but not by more. */
const WORDS_MAX = 64;

interface Picture {
  readonly sequence: Sequence;
  readonly layout: SequenceLayout;
  /** Middle of each lane. */
  readonly xs: readonly number[];
}

/** Writes the section. */
export function messagesSection(sequence: Sequence): string {
  const layout = layOutSequence(sequence);
  const processes = sequence.lanes.filter(({ kind }) => kind === "process").length;
  const nodes = sequence.lanes.length - processes;
  const names = sequence.lanes.length > 5 ? NAMES_MIN : NAMES;
  const room = PAGE - TIMES - processes * names - GAP - FAULTS;
  const pitch = Math.min(PITCH_MAX, Math.max(PITCH_MIN, room / Math.max(1, nodes - 1)));
  let x = TIMES;
  const xs = sequence.lanes.map(({ kind }, place) => {
    const isNew = place > 0 && sequence.lanes[place - 1]?.kind === kind;
    x += kind === "process" ? names : isNew ? pitch : GAP;
    return x;
  });
  const picture = { sequence, layout, xs };
  const width = x + FAULTS;
  const height = TOP + layout.height + 12;
  const parts = [
    layout.strikes.map((each) => strikeOf(picture, each, width)),
    sequence.lanes.map((lane, place) => laneOf(lane, xs[place] as number, height)),
    layout.idle.map(({ y, lengthNs }) => idleOf(y + TOP, lengthNs, width)),
    ticksOf(layout),
    layout.arrows.map((each) => arrowOf(picture, each)),
    layout.operations.map((each) => operationOf(picture, each)),
  ].flat();
  const { leftOut } = sequence;
  const left =
    leftOut === 0
      ? ""
      : `<p class="caution">The last ${counted(leftOut, "message")} are left out.</p>`;
  return `<section aria-labelledby="messages-title">
<h2 id="messages-title">Messages</h2>
<p class="lead">Who sent what to whom. Time runs downward; the order is exact, distances are not to scale, and idle stretches are cut short.${hasAnomaly(sequence)} Point at an arrow to read the whole message.</p>
${left}
${togglesOf(sequence)}
<div class="scroll"><svg class="sequence" role="img" aria-labelledby="messages-title" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<defs>${headOf("head", "")}${headOf("head-marked", "marked")}</defs>
${parts.join("\n")}
</svg></div>
<p class="legend"><span>→ delivered</span><span>⇢✕ lost, cut off or refused</span><span>bar: an operation, from asking to answer</span>${sequence.strikes.length > 0 ? "<span>shaded: a node that a fault strikes</span>" : ""}</p>
</section>`;
}

function hasAnomaly({ operations }: Sequence): string {
  return operations.some(({ required }) => required)
    ? " Red: the operations that contradict one another, and what was sent for them. What cannot have led to it, and what repeats itself, is in the background."
    : "";
}

function headOf(id: string, kind: string): string {
  return `<marker id="${id}" class="${kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 1L7 4L0 7z"/></marker>`;
}

/** Buttons that show and hide; without scripts they are left out of sight. */
function togglesOf({ arrows }: Sequence): string {
  const counts = new Map<string, number>();
  for (const { message } of arrows) counts.set(message.label, (counts.get(message.label) ?? 0) + 1);
  const repeated = arrows.filter(({ background }) => background).length;
  const button = (attributes: string, text: string): string =>
    `<button type="button" ${attributes}>${escapeHtml(text)}</button>`;
  const buttons = [...counts]
    .toSorted((a, b) => b[1] - a[1])
    .map(([label, count]) =>
      button(
        `aria-pressed="true" data-message-label="${escapeHtml(label)}"`,
        `${label === "" ? "(no name)" : label} ${count}`,
      ),
    );
  const fold =
    repeated === 0
      ? ""
      : button(
          `aria-pressed="false" data-background`,
          `Show ${counted(repeated, "background message")}`,
        );
  const kinds = `<details class="kinds-shown"><summary>Kinds of messages</summary><div class="toolbar" role="group" aria-label="Kinds of messages">${buttons.join("")}</div></details>`;
  return `<div id="message-toggles" hidden>${fold}${kinds}</div>`;
}

function laneOf({ name, kind }: Lane, x: number, height: number): string {
  return `<g class="lane ${kind}"><line x1="${x}" y1="${TOP - 8}" x2="${x}" y2="${height}"/><text x="${x}" y="16">${escapeHtml(name)}</text></g>`;
}

function idleOf(y: number, lengthNs: number, width: number): string {
  const text = `${formatDuration(lengthNs)} later`;
  return `<g class="idle"><line x1="${TIMES}" y1="${y}" x2="${width}" y2="${y}"/><text x="${TIMES - 8}" y="${y}">${text}</text></g>`;
}

function ticksOf({ ticks }: SequenceLayout): readonly string[] {
  const unit = timeUnitOf(Math.max(...ticks.map(({ timeNs }) => timeNs)));
  const ordered = ticks.toSorted((a, b) => a.y - b.y);
  let last = -Infinity;
  return ordered.flatMap(({ timeNs, y }) => {
    if (y - last < 14) return [];
    last = y;
    const text = escapeHtml(momentText(timeNs, unit));
    return [`<text class="tick" x="${TIMES - 8}" y="${y + TOP}">${text}</text>`];
  });
}

function arrowOf(
  { sequence, xs }: Picture,
  { arrow, y1, y2 }: SequenceLayout["arrows"][number],
): string {
  const { message, from, to, background, ofAnomaly, words } = arrow;
  const right = to > from;
  const inset = (lane: number): number => (sequence.lanes[lane]?.kind === "process" ? BAR / 2 : 0);
  const sign = to === from ? 0 : right ? 1 : -1;
  const x1 = (xs[from] as number) + sign * inset(from);
  const whole = (xs[to] as number) - sign * inset(to);
  const arrived = message.fate === "delivered";
  // What is lost ends on its way.
  const x2 = arrived ? whole : x1 + (whole - x1) * 0.8;
  const [top, end] = [y1 + TOP, y2 + TOP];
  const kind = `message ${message.fate}${background ? " background" : ""}${ofAnomaly ? " marked" : ""}`;
  const head = arrived ? ` marker-end="url(#head${ofAnomaly ? "-marked" : ""})"` : "";
  const cross = arrived ? "" : `<path class="cross" d="M${x2 - 4} ${end - 4}l8 8m0 -8l-8 8"/>`;
  const room = Math.max(12, Math.floor(Math.abs(whole - x1) / CHARACTER) - 2);
  const text = background
    ? ""
    : `<text x="${x1 + (right ? 7 : -7)}" y="${top - 5}" text-anchor="${right ? "start" : "end"}">${escapeHtml(clip(words, Math.min(WORDS_MAX, room)))}</text>`;
  return `<g class="${kind}" data-label="${escapeHtml(message.label)}"><title>${escapeHtml(titleOf(arrow))}</title><path class="touch" d="M${x1} ${top}L${x2} ${end}"/><path class="shaft" d="M${x1} ${top}L${x2} ${end}"${head}/>${cross}${text}</g>`;
}

function titleOf({ message }: Arrow): string {
  const { from, to, sentNs, endNs, fate, content } = message;
  const took = fate === "delivered" ? `, took ${formatDuration(endNs - sentNs)}` : "";
  return `${from} → ${to}, sent at ${formatDuration(sentNs)}: ${FATES[fate]}${took}\n${content}`;
}

const FATES = {
  delivered: "delivered",
  lost: "lost by chance",
  cut: "cut off with its link",
  refused: "refused, for nobody listened",
  stale: "refused, for the receiver had been started anew",
} as const;

function operationOf(
  { xs }: Picture,
  { operation, y1, y2 }: SequenceLayout["operations"][number],
): string {
  const { lane, asked, answered, outcome, required, endNs } = operation;
  const x = xs[lane] as number;
  const [top, end] = [y1 + TOP, y2 + TOP];
  const title = `${asked} ${answered}, ${formatDuration(operation.startNs)} to ${formatDuration(endNs)}`;
  const room = Math.floor((NAMES - BAR - 8) / CHARACTER);
  const name = (text: string, y: number): string =>
    `<text x="${x - BAR}" y="${y}">${escapeHtml(clip(text, room))}</text>`;
  return `<g class="span ${outcome}${required ? " required" : ""}"><title>${escapeHtml(title)}</title><rect class="bar" x="${x - BAR / 2}" y="${top}" width="${BAR}" height="${Math.max(4, end - top)}" rx="3"/>${name(asked, top + 5)}${name(answered, Math.max(end - 4, top + 18))}</g>`;
}

function strikeOf(
  { sequence, xs }: Picture,
  { strike, y1, y2 }: SequenceLayout["strikes"][number],
  width: number,
): string {
  const { name, detail, nodes } = strike;
  const [top, end] = [y1 + TOP, y2 + TOP];
  const bands = sequence.lanes.flatMap((lane, place) => {
    const x = xs[place] as number;
    return nodes.includes(lane.name)
      ? [`<rect class="band" x="${x - 26}" y="${top}" width="52" height="${end - top}"/>`]
      : [];
  });
  const words = `${name}${detail === "" ? "" : `: ${detail}`}`;
  const title = `${words}, from ${formatDuration(strike.startNs)} to ${formatDuration(strike.endNs)}`;
  return `<g class="strike"><title>${escapeHtml(title)}</title>${bands.join("")}<line x1="${TIMES}" y1="${top}" x2="${width}" y2="${top}"/><text x="${width - 6}" y="${top - 5}">${escapeHtml(words)}</text></g>`;
}
