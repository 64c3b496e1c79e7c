/**
 * Live progress of a run on standard error: one line that rewrites itself on a terminal, a line for
 * each phase and fault elsewhere.
 */
import type { ChalkInstance } from "chalk";
import type { HistoryEvent } from "../history/operation.js";
import { LatencyHistogram } from "../monitor/histogram.js";
import type { Phase, RunObserver } from "../runner/run.js";
import { faultInWords } from "./fault-words.js";
import type { OutputStream } from "./terminal.js";

/** Where and how progress is shown. */
export interface ProgressOptions {
  readonly stream: OutputStream;
  readonly paint: ChalkInstance;
  /** Length of the main phase, for the bar. */
  readonly timeLimitMs: number;
}

/** A run observer that shows what goes on. */
export interface Progress extends RunObserver {
  /** Says something beside the progress, on a line of its own. */
  say(text: string): void;
  /** Leaves the line clean. */
  stop(): void;
}

const REDRAW_MS = 60;
const BAR_WIDTH = 20;
/** Of a terminal that does not say how wide it is. */
const DEFAULT_COLUMNS = 80;

/**
 * Room for the `^C` that a terminal shows, and one more, for some wrap as soon as a line is full.
 */
const SPARE_COLUMNS = 3;

/** Text that is one column a character, and its colour. */
type Segment = readonly [text: string, paint: (text: string) => string];

/** Makes the display. */
export function createProgress(options: ProgressOptions): Progress {
  const { stream, paint, timeLimitMs } = options;
  const live = stream.isTTY === true;
  const counts = { ok: 0, fail: 0, info: 0 };
  const active = new Set<string>();
  let phase: Phase = "starting";
  let nowNs = 0;
  let drawnMs = -Infinity;
  const load = createLoad();

  const segments = (): readonly Segment[] => {
    const part = phase === "running" ? nowNs / 1e6 / timeLimitMs : phase === "starting" ? 0 : 1;
    const filled = Math.round(Math.min(1, part) * BAR_WIDTH);
    const few = (count: number, colour: Segment[1]): Segment[1] =>
      count === 0 ? paint.dim : colour;
    return [
      ["━".repeat(filled), paint.cyan],
      ["━".repeat(BAR_WIDTH - filled), paint.dim],
      [` ${phase.padEnd(8)} ${(nowNs / 1e9).toFixed(1).padStart(5)} s  `, (text) => text],
      [`${counts.ok} ok`, few(counts.ok, paint.green)],
      [` ${counts.fail} fail`, paint.dim],
      [` ${counts.info} info`, few(counts.info, paint.yellow)],
      [phase === "running" ? load.inWords(nowNs) : "", paint.dim],
      [active.size === 0 ? "" : `  ↯ ${[...active].join(", ")}`, paint.yellow],
    ];
  };

  const draw = (force: boolean): void => {
    if (!live) return;
    const ms = performance.now();
    if (!force && ms - drawnMs < REDRAW_MS) return;
    drawnMs = ms;
    stream.write(
      `\r\u001B[2K${fitted(segments(), (stream.columns ?? DEFAULT_COLUMNS) - SPARE_COLUMNS)}`,
    );
  };

  const tell = (text: string): void => {
    if (!live) stream.write(`${(nowNs / 1e9).toFixed(3).padStart(8)} s  ${text}\n`);
  };

  const nemesisEvent = (event: HistoryEvent): void => {
    const { f, error } = event;
    if (f === "heal") active.clear();
    else if (f.startsWith("start-")) {
      const name = f.slice("start-".length);
      // The first of the two events of a fault announces it, the second tells what it did.
      if (error !== undefined) active.delete(name);
      else active.add(name);
      const done = error ?? event.value;
      if (done !== null) tell(`${f}  ${faultInWords(done)}`);
    } else if (f.startsWith("stop-") && active.delete(f.slice("stop-".length))) tell(f);
  };

  const say = (text: string): void => {
    stream.write(`${live ? "\r\u001B[2K" : ""}${text}\n`);
    draw(true);
  };

  return {
    phase: (next, timeNs) => {
      phase = next;
      nowNs = timeNs;
      tell(next);
      draw(true);
    },
    event: (event) => {
      nowNs = event.timeNs;
      if (event.process === "nemesis") nemesisEvent(event);
      else {
        if (event.type !== "invoke") counts[event.type]++;
        if (live) load.take(event);
      }
      draw(false);
    },
    violation: ({ event, part }) => {
      const where = part === null ? "" : ` on key ${JSON.stringify(part)}`;
      const text = `violation at event ${event}${where}: the run ends here`;
      if (live) say(text);
      else tell(text);
    },
    say,
    stop: () => {
      if (live) stream.write("\r\u001B[2K");
    },
  };
}

/** What clients get: answers a second over the last second, and how long they take. */
function createLoad(): {
  readonly take: (event: HistoryEvent) => void;
  readonly inWords: (nowNs: number) => string;
} {
  const began = new Map<HistoryEvent["process"], number>();
  let firstNs: number | undefined;
  let ended: number[] = [];
  const latency = new LatencyHistogram();
  return {
    take: ({ type, process, timeNs }) => {
      firstNs ??= timeNs;
      if (type === "invoke") {
        began.set(process, timeNs);
        return;
      }
      const startNs = began.get(process);
      began.delete(process);
      // An operation without an answer says nothing of how long answers take.
      if (type === "info" || startNs === undefined) return;
      latency.record(timeNs - startNs);
      ended.push(timeNs);
    },
    inWords: (nowNs) => {
      ended = ended.filter((timeNs) => nowNs - timeNs < 1e9);
      if (latency.count === 0) return "";
      const [median, slow] = [0.5, 0.99].map((share) => durationOf(latency.quantileNs(share)));
      // Who has just begun has not seen a second yet.
      const seconds = Math.min(1, Math.max(0.1, (nowNs - (firstNs ?? 0)) / 1e9));
      return `  ${Math.round(ended.length / seconds)}/s  ${median} median, ${slow} 99 %`;
    },
  };
}

function durationOf(ns: number): string {
  if (ns >= 1e9) return `${(ns / 1e9).toFixed(1)} s`;
  return ns >= 1e6 ? `${(ns / 1e6).toFixed(ns >= 1e7 ? 0 : 1)} ms` : `${(ns / 1e3).toFixed(0)} µs`;
}

/** The segments in colour, cut to so many columns: a line that wraps cannot be rewritten. */
function fitted(segments: readonly Segment[], columns: number): string {
  let left = Math.max(0, columns);
  let line = "";
  for (const [text, paint] of segments) {
    if (text === "") continue;
    if (text.length > left) return line + paint(text.slice(0, left));
    line += paint(text);
    left -= text.length;
  }
  return line;
}
