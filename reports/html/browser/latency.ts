/**
 * Latency over time: a mark an operation on a logarithmic scale, its shape and colour the outcome,
 * and quantiles of the operations that were ok.
 */
import { axisLeft, line, quantileSorted, scaleLog, select } from "d3";
import { formatDuration } from "../../operation-label.js";
import type { PageData } from "../page-data.js";
import type { ChartArea } from "./charts.js";
import { writeLegend } from "./legend.js";
import type { Operations } from "./operations.js";

const QUANTILES = [
  { share: 0.5, name: "median", dash: "" },
  { share: 0.95, name: "95 %", dash: "6 3" },
  { share: 0.99, name: "99 %", dash: "2 3" },
] as const;

/** Draws the chart. */
export function drawLatency(area: ChartArea, operations: Operations, data: PageData): void {
  const { width, height, x, left } = area;
  const [least, most] = extentNs(operations);
  const [from, to] = [least * 0.8, most * 1.25];
  const y = scaleLog().domain([from, to]).range([height, 0]);
  const decades = Array.from({ length: 13 }, (_, power) => 10 ** power);
  select(left).call(
    axisLeft(y)
      .tickValues(decades.filter((ns) => ns >= from && ns <= to))
      .tickSize(-width)
      .tickFormat((ns) => formatDuration(Number(ns))),
  );
  const { canvas } = area;
  const context = canvas.getContext("2d");
  if (context !== null) {
    const ratio = canvas.width / width;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    paintMarks(context, operations, {
      width: Math.ceil(width),
      x: (ns) => x(ns / 1e9),
      y: (ns) => y(Math.max(least, ns)),
      colours: colours(canvas),
    });
  }
  // Quantiles of a handful would only be noise.
  const buckets = Math.max(4, Math.min(width / 14, operations.count / 20, 120)) | 0;
  // A line across a time when nothing was ok would show latencies that nobody had.
  const path = line<{ readonly ns: number; readonly value: number | undefined }>(
    ({ ns }) => x(ns / 1e9),
    ({ value }) => y(Math.max(least, value ?? least)),
  ).defined(({ value }) => value !== undefined);
  const sorted = bucketsOf(operations, data.endNs, buckets);
  for (const { share, dash } of QUANTILES) {
    const points = sorted.map((values, at) => ({
      ns: ((at + 0.5) / buckets) * data.endNs,
      value: quantileSorted(values, share),
    }));
    select(area.lines)
      .append("path")
      .attr("class", "quantile")
      .attr("stroke-dasharray", dash)
      .attr("d", path(points));
  }
  writeLegend(area.legend, [
    { shape: "ok-dot", text: "ok" },
    { shape: "fail-dot", text: "failed" },
    { shape: "info-dot", text: "indeterminate (until given up)" },
    ...QUANTILES.map(({ name, dash }) => ({ shape: "line" as const, dash, text: `${name} of ok` })),
    ...(data.faults.length > 0 ? [{ shape: "band" as const, text: "fault" }] : []),
  ]);
}

function colours(element: Element): readonly string[] {
  const style = getComputedStyle(element);
  return ["--ok-bar", "--fail-bar", "--info-bar"].map((name) => style.getPropertyValue(name));
}

function extentNs(operations: Operations): readonly [number, number] {
  let least = Infinity;
  let most = 1;
  for (let at = 0; at < operations.count; at++) {
    const took = (operations.endNs[at] as number) - (operations.startNs[at] as number);
    if (took === Infinity) continue;
    least = Math.min(least, took);
    most = Math.max(most, took);
  }
  // A simulated operation may take no time at all, which a logarithm cannot show.
  least = Math.max(most < 10_000 ? 1 : 1000, Math.min(least, most / 2));
  return [least, Math.max(most, least * 10)];
}

function paintMarks(
  context: CanvasRenderingContext2D,
  operations: Operations,
  scales: {
    readonly width: number;
    readonly x: (ns: number) => number;
    readonly y: (ns: number) => number;
    readonly colours: readonly string[];
  },
): void {
  const { x, y, width, colours } = scales;
  const crowded = operations.count > 20_000;
  // Failures last, on top of the many that went well; each pixel once.
  for (const outcome of [0, 1, 2]) {
    const seen = new Set<number>();
    const colour = colours[outcome] as string;
    context.fillStyle = colour;
    context.strokeStyle = colour;
    context.lineWidth = 1.6;
    context.globalAlpha = outcome === 0 ? (crowded ? 0.35 : 0.55) : 0.9;
    for (let at = 0; at < operations.count; at++) {
      if (operations.outcome[at] !== outcome) continue;
      const end = operations.endNs[at] as number;
      if (end === Infinity) continue;
      const left = x(operations.startNs[at] as number);
      const top = y(end - (operations.startNs[at] as number));
      const pixel = Math.round(top) * (width + 1) + Math.round(left);
      if (seen.has(pixel)) continue;
      seen.add(pixel);
      context.beginPath();
      if (outcome === 0) context.arc(left, top, crowded ? 1.2 : 2.4, 0, 2 * Math.PI);
      else if (outcome === 1) {
        context.moveTo(left - 3, top - 3);
        context.lineTo(left + 3, top + 3);
        context.moveTo(left - 3, top + 3);
        context.lineTo(left + 3, top - 3);
      } else {
        context.moveTo(left, top - 4);
        context.lineTo(left + 4, top + 3);
        context.lineTo(left - 4, top + 3);
      }
      if (outcome === 1) context.stroke();
      else context.fill();
    }
  }
}

/** Latencies of the ok operations by the time that they began, each bucket ascending. */
function bucketsOf(operations: Operations, endNs: number, count: number): readonly number[][] {
  const buckets: number[][] = Array.from({ length: count }, () => []);
  for (let at = 0; at < operations.count; at++) {
    if (operations.outcome[at] !== 0) continue;
    const start = operations.startNs[at] as number;
    const bucket = Math.min(
      count - 1,
      Math.max(0, Math.floor((start / Math.max(1, endNs)) * count)),
    );
    buckets[bucket]?.push((operations.endNs[at] as number) - start);
  }
  for (const bucket of buckets) bucket.sort((a, b) => a - b);
  return buckets;
}
