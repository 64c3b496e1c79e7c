/**
 * Rate over time: completions a second, by outcome.
 */
import { area as areaShape, axisLeft, curveStepAfter, format, line, scaleLinear, select } from "d3";
import type { PageData } from "../page-data.js";
import type { ChartArea } from "./charts.js";
import { writeLegend } from "./legend.js";
import type { Operations } from "./operations.js";

const OUTCOMES = [
  { name: "ok", shape: "ok-line" },
  { name: "fail", shape: "fail-line" },
  { name: "info", shape: "info-line" },
] as const;

interface Step {
  readonly second: number;
  readonly rate: number;
}

/** Draws the chart. */
export function drawRate(area: ChartArea, operations: Operations, data: PageData): void {
  const { width, height, x, left, lines } = area;
  const bucketSeconds = roundUp(data.endNs / 1e9 / Math.max(10, Math.min(100, width / 10)));
  const count = Math.max(1, Math.ceil(data.endNs / 1e9 / bucketSeconds));
  const counts = OUTCOMES.map(() => new Float64Array(count));
  for (let at = 0; at < operations.count; at++) {
    const end = operations.endNs[at] as number;
    if (end === Infinity) continue;
    const bucket = Math.min(count - 1, Math.max(0, Math.floor(end / 1e9 / bucketSeconds)));
    const of = counts[operations.outcome[at] as number] as Float64Array;
    of[bucket] = (of[bucket] as number) + 1;
  }
  const most = Math.max(1, ...counts.map((of) => Math.max(...of))) / bucketSeconds;
  const y = scaleLinear().domain([0, most]).range([height, 0]).nice(4);
  // Long numbers would not fit beside the plot.
  const numbers = most < 1e5 ? y.tickFormat(4) : format("~s");
  select(left).call(
    axisLeft(y)
      .ticks(4)
      .tickSize(-width)
      .tickFormat((rate) => `${numbers(rate)} /s`),
  );
  const end = data.endNs / 1e9;
  const outline = line<Step>(
    ({ second }) => x(Math.min(end, second)),
    ({ rate }) => y(rate),
  ).curve(curveStepAfter);
  const ground = areaShape<Step>()
    .x(({ second }) => x(Math.min(end, second)))
    .y0(height)
    .y1(({ rate }) => y(rate))
    .curve(curveStepAfter);
  OUTCOMES.forEach(({ name }, at) => {
    const of = counts[at] as Float64Array;
    if (of.every((each) => each === 0)) return;
    const steps = Array.from({ length: count + 1 }, (_, bucket) => ({
      second: bucket * bucketSeconds,
      rate: (of[Math.min(bucket, count - 1)] as number) / bucketSeconds,
    }));
    const layer = select(lines).append("g").attr("class", `rate-${name}`);
    layer.append("path").attr("class", "ground").attr("d", ground(steps));
    layer.append("path").attr("class", "outline").attr("d", outline(steps));
  });
  writeLegend(area.legend, [
    { shape: "ok-line", text: "ok" },
    { shape: "fail-line", text: "failed" },
    { shape: "info-line", text: "indeterminate" },
    ...(data.faults.length > 0 ? [{ shape: "band" as const, text: "fault" }] : []),
  ]);
}

/** The next of 1, 2, 5, 10 … (and their tenths) seconds. */
function roundUp(seconds: number): number {
  const base = 10 ** Math.floor(Math.log10(Math.max(1e-9, seconds)));
  return base * ([1, 2, 5, 10].find((step) => base * step >= seconds) ?? 10);
}
