/**
 * Tables for the terminal: a line a row as it is measured, and at the end the curves, how many
 * times longer ten times as many operations take.
 */
import type { Ours, PeerFigures, Row } from "./row.js";

/** A family's variant at growing sizes. */
export interface Curve {
  readonly family: string;
  readonly variant: string;
  readonly points: readonly Point[];
  /**
   * How many times more processor time from each point to the next, scaled to ten times the
   * operations: 10 is linear.
   */
  readonly growthPerTenfold: readonly number[];
}

interface Point {
  readonly operations: number;
  readonly ms: number;
  readonly cpuMs: number;
}

/** The head of the table. */
export function headLine(peers: readonly string[]): string {
  const head = [
    "family".padEnd(22),
    "what".padEnd(42),
    "operations".padStart(10),
    "verdict".padEnd(9),
    "ms".padStart(9),
    "cpu ms".padStart(9),
    "cold ms".padStart(9),
    "tables".padStart(7),
    "growth MiB".padStart(10),
    "by".padEnd(24),
  ];
  return [...head, ...peers.map((name) => `${name}: verdict, ms, MiB`)].join(" ");
}

/** One line of the table. */
export function rowLine(row: Row): string {
  const { family, variant, operations, ours } = row;
  const start = [family.padEnd(22), variant.padEnd(42), String(operations).padStart(10)];
  const figures = "error" in ours ? [`FAILED: ${ours.error}`] : ourCells(ours);
  const peers = Object.values(row.peers).map(peerCell);
  return [...start, ...figures, ...peers].join(" ");
}

function ourCells(ours: Ours): readonly string[] {
  const verified = ours.verified;
  const proof =
    verified === undefined
      ? ""
      : ` ${verified.confirmed ? "proof confirmed" : "NOT CONFIRMED"} in ${time(verified.ms)} ms`;
  return [
    verdictCell(ours.verdicts, ours.correct).padEnd(9),
    time(ours.msMedian).padStart(9),
    time(ours.cpuMsMedian).padStart(9),
    time(ours.msCold).padStart(9),
    ours.tablesMib.toFixed(1).padStart(7),
    ours.growthMib.toFixed(0).padStart(10),
    `${searchesCell(ours)}${proof}`.padEnd(24),
    ...(ours.verdicts.length > 1 ? [`slowest ${time(ours.msSlowest)} ms`] : []),
    ...ours.errors.slice(0, 1).map((error) => `THREW ${error}`),
  ];
}

function peerCell(figures: PeerFigures): string {
  if ("skipped" in figures) return "| –";
  const { verdicts, correct, ownMsMedian, wallMsMedian, peakMib, timedOut } = figures;
  const ms = ownMsMedian ?? wallMsMedian;
  const told = timedOut > 0 ? "time-out" : verdictCell(verdicts, correct);
  const slowest = verdicts.length > 1 ? `, slowest ${time(figures.msSlowest)} ms` : "";
  return `| ${told} ${timedOut > 0 ? "> " : ""}${time(ms)} ms ${peakMib.toFixed(0)} MiB${slowest}`;
}

/** The verdict, or how many there are of each; an exclamation mark when one is not as expected. */
function verdictCell(verdicts: readonly string[], correct: boolean): string {
  const mark = correct ? "" : "!";
  if (new Set(verdicts).size === 1) return `${verdicts[0]}${mark}`;
  const valid = verdicts.filter((verdict) => verdict === "valid").length;
  const invalid = verdicts.filter((verdict) => verdict === "invalid").length;
  return `${valid}+/${invalid}-${mark}`;
}

/** The same tables in Markdown, as `docs/performance.md` has them. */
export function markdownOf(rows: readonly Row[], curves: readonly Curve[]): string {
  const peers = [...new Set(rows.flatMap((row) => Object.keys(row.peers)))];
  const head = [
    "family",
    "what",
    "operations",
    "verdict",
    "ms",
    "cpu ms",
    "cold ms",
    "MiB",
    "by",
    ...peers,
  ];
  const table = [head, head.map((_, i) => (i < 2 || i === 8 ? "---" : "--:"))];
  let last = "";
  for (const row of rows) {
    const { family, variant, operations, ours } = row;
    const figures =
      "error" in ours
        ? ["–", "–", "–", "–", "–", ours.error]
        : [
            verdictCell(ours.verdicts, ours.correct),
            slowestCell(ours.msMedian, ours),
            time(ours.cpuMsMedian),
            time(ours.msCold),
            ours.growthMib.toFixed(0),
            searchesCell(ours),
          ];
    const name = family === last ? "" : family;
    last = family;
    const cells = peers.map((peer) => peerMarkdown(row.peers[peer]));
    table.push([name, variant, operations.toLocaleString("en-US"), ...figures, ...cells]);
  }
  const growthTable = [
    ["family", "what", "growth per tenfold", "operations: cpu ms"],
    ["---", "---", "---", "---"],
    ...curves.map(({ family, variant, points, growthPerTenfold }) => [
      family,
      variant,
      growthPerTenfold.map((factor) => `×${factor.toFixed(1)}`).join(" "),
      points.map(({ operations, cpuMs }) => `${operations}: ${time(cpuMs)}`).join(", "),
    ]),
  ];
  return [table, growthTable]
    .map((lines) => lines.map((cells) => `| ${cells.join(" | ")} |\n`).join(""))
    .join("\n");
}

interface Slowest {
  readonly verdicts: readonly string[];
  readonly msSlowest: number;
}

function slowestCell(ms: number, { verdicts, msSlowest }: Slowest): string {
  return verdicts.length > 1 ? `${time(ms)} (slowest ${time(msSlowest)})` : time(ms);
}

function peerMarkdown(figures: PeerFigures | undefined): string {
  if (figures === undefined || "skipped" in figures) return "–";
  const { verdicts, correct, ownMsMedian, wallMsMedian, peakMib, timedOut } = figures;
  const ms = ownMsMedian ?? wallMsMedian;
  const mib = `${peakMib.toFixed(0)} MiB`;
  if (timedOut > 0) return `> ${time(ms)}, ${mib}`;
  const told = correct ? "" : `**${verdictCell(verdicts, true)}** `;
  return `${told}${slowestCell(ms, figures)}, ${mib}`;
}

function searchesCell({ searches }: Ours): string {
  return Object.entries(searches)
    .map(([name, count]) => (count === 1 ? name : `${name} ×${count}`))
    .join(", ");
}

/** Milliseconds with three significant digits. */
function time(ms: number): string {
  if (ms >= 100) return ms.toFixed(0);
  return ms >= 10 ? ms.toFixed(1) : ms.toFixed(2);
}

/** The curves of rows that differ in their number of operations only, and were decided. */
export function curvesOf(rows: readonly Row[]): readonly Curve[] {
  const curves = new Map<string, Point[]>();
  for (const { family, variant, operations, ours, histories } of rows) {
    if ("error" in ours || histories > 1 || ours.verdicts.includes("unknown")) continue;
    const name = JSON.stringify([family, variant]);
    const points = curves.get(name) ?? [];
    points.push({ operations, ms: ours.msMedian, cpuMs: ours.cpuMsMedian });
    curves.set(name, points);
  }
  return [...curves].flatMap(([name, points]) => {
    const [family, variant] = JSON.parse(name) as [string, string];
    points.sort((a, b) => a.operations - b.operations);
    if (points.length < 2) return [];
    return [{ family, variant, points, growthPerTenfold: growth(points) }];
  });
}

function growth(points: readonly Point[]): readonly number[] {
  return points.slice(1).map(({ operations, cpuMs }, i) => {
    const before = points[i] as Point;
    const exponent = Math.log(cpuMs / before.cpuMs) / Math.log(operations / before.operations);
    return 10 ** exponent;
  });
}

/** One line of the table of curves. */
export function curveLine({ family, variant, points, growthPerTenfold }: Curve): string {
  const steps = points
    .map(({ operations, cpuMs }) => `${operations}: ${time(cpuMs)} ms`)
    .join(", ");
  const factors = growthPerTenfold.map((factor) => `×${factor.toFixed(1)}`).join(" ");
  return `${family.padEnd(22)} ${variant.padEnd(42)} ${factors.padEnd(14)} ${steps}`;
}
