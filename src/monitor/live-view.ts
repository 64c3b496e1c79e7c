/**
 * A store of states in the terminal: a few lines that rewrite themselves, a line for each report
 * where there is no terminal.
 */
import { Chalk, type ChalkInstance } from "chalk";
import type { StateReport } from "./monitor-states.js";

/** Where the view is written, for example `process.stderr`. */
export interface LiveStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  getColorDepth?(): number;
}

/** A view at work. */
export interface LiveView {
  /** Shows a report: hand it to `monitorStates` as `onReport`. */
  readonly show: (report: StateReport) => void;
  /** Shows what came last, and leaves it there. Idempotent. */
  readonly stop: () => void;
}

/** Text that is one column a character, and its colour. */
type Segment = readonly [text: string, paint: (text: string) => string];

/** More often than this no one can read it; in milliseconds by the monitor's clock. */
const REDRAW_MS = 60;
const DEFAULT_COLUMNS = 80;
/** Throughputs that are drawn, one a time of this length. */
const TREND_COUNT = 30;
const TREND_MS = 250;
const BARS = "▁▂▃▄▅▆▇█";

/** Makes a view; the title is the name of the store. */
export function liveView(title: string, stream: LiveStream): LiveView {
  const paint = new Chalk({ level: levelOf(stream) });
  const live = stream.isTTY === true;
  const trend: number[] = [];
  let trendMs = -Infinity;
  let drawnMs = -Infinity;
  let height = 0;
  let waiting: StateReport | undefined;

  const draw = (report: StateReport): void => {
    waiting = undefined;
    drawnMs = report.metrics.timeMs;
    const columns = (stream.columns ?? DEFAULT_COLUMNS) - 1;
    const lines = linesOf(title, { report, trend, paint });
    const text = lines.map((line) => `\u001B[2K${fitted(line, columns)}\n`).join("");
    stream.write(`${height === 0 ? "" : `\r\u001B[${height}A`}${text}`);
    height = lines.length;
  };

  return {
    show: (report) => {
      const { timeMs, throughput } = report.metrics;
      if (!live) {
        stream.write(`${plainLine(title, report)}\n`);
        return;
      }
      if (timeMs - trendMs >= TREND_MS) {
        trendMs = timeMs;
        trend.push(throughput);
        if (trend.length > TREND_COUNT) trend.shift();
      }
      if (timeMs - drawnMs >= REDRAW_MS) draw(report);
      else waiting = report;
    },
    stop: () => {
      if (waiting !== undefined) draw(waiting);
    },
  };
}

function linesOf(
  title: string,
  view: {
    readonly report: StateReport;
    readonly trend: readonly number[];
    readonly paint: ChalkInstance;
  },
): readonly (readonly Segment[])[] {
  const { report, trend, paint } = view;
  const { metrics, reason } = report;
  const { latency, errorCount } = metrics;
  const plain = (text: string): string => text;
  const colour = { healthy: paint.green, degraded: paint.yellow, failing: paint.red };
  const label = (text: string): Segment => [`  ${text.padEnd(10)}`, paint.dim];
  const number = (text: string, unit: string): readonly Segment[] => [
    [text.padStart(9), plain],
    [` ${unit.padEnd(9)}`, paint.dim],
  ];
  return [
    [
      [`● ${metrics.health.padEnd(9)}`, colour[metrics.health]],
      [` ${title}`, paint.bold],
      [`  ${(metrics.timeMs / 1000).toFixed(1)} s`, paint.dim],
      [`  ${reason}`, paint.dim],
    ],
    [
      label("states"),
      ...number(whole(metrics.stateCount), "states"),
      ...number(whole(metrics.transitionCount), "changes"),
      [whole(errorCount).padStart(9), errorCount === 0 ? plain : paint.red],
      [" errors", paint.dim],
    ],
    [
      label("calls"),
      ...number(whole(metrics.throughput), "a second"),
      [`   ${bars(trend)}`, paint.cyan],
    ],
    [
      label("latency"),
      ...number(duration(latency.p50Ms), "median"),
      ...number(duration(latency.p90Ms), "90 %"),
      ...number(duration(latency.p99Ms), "99 %"),
      ...number(duration(latency.maxMs), "most"),
    ],
  ];
}

function plainLine(title: string, { metrics, reason }: StateReport): string {
  const { latency } = metrics;
  return [
    `${(metrics.timeMs / 1000).toFixed(3).padStart(10)} s`,
    `${title} is ${metrics.health}`,
    `${metrics.stateCount} states`,
    `${metrics.transitionCount} changes`,
    `${metrics.errorCount} errors`,
    `${Math.round(metrics.throughput)} calls/s`,
    `median ${duration(latency.p50Ms)}, 99 % ${duration(latency.p99Ms)}`,
    reason,
  ].join("  ");
}

/** Each value as a bar, the greatest of them full. */
function bars(values: readonly number[]): string {
  const most = Math.max(...values, 1);
  return values.map((each) => BARS[Math.round((each / most) * (BARS.length - 1))]).join("");
}

function whole(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}

function duration(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms >= 100) return `${ms.toFixed(0)} ms`;
  return ms >= 1 ? `${ms.toFixed(1)} ms` : `${(ms * 1000).toFixed(ms < 0.01 ? 1 : 0)} µs`;
}

/** The segments in colour, cut to so many columns: a line that wraps cannot be rewritten. */
function fitted(segments: readonly Segment[], columns: number): string {
  let left = Math.max(0, columns);
  let line = "";
  for (const [text, paint] of segments) {
    line += paint(text.slice(0, left));
    left -= Math.min(left, text.length);
  }
  return line;
}

/** What Node says of a terminal respects `NO_COLOR`, `FORCE_COLOR` and `TERM`. */
function levelOf(stream: LiveStream): 0 | 1 | 2 | 3 {
  if (stream.isTTY !== true) return 0;
  const depthBits = stream.getColorDepth?.() ?? 1;
  return depthBits >= 24 ? 3 : depthBits >= 8 ? 2 : depthBits >= 4 ? 1 : 0;
}
