/**
 * Live progress of a run on standard error: one line that rewrites itself on a terminal, a line for each phase
 * and fault elsewhere.
 */
import type { ChalkInstance } from "chalk";
import type { HistoryEvent } from "../history/operation.js";
import type { Phase, RunObserver } from "../runner/run.js";
import type { OutputStream } from "./terminal.js";

/** Where and how progress is shown. */
export interface ProgressOptions {
  readonly stream: OutputStream;
  readonly paint: ChalkInstance;
  /** Length of the main phase, for the bar. */
  readonly timeLimitMs: number;
}

/** A run observer that shows what goes on; `stop` leaves the line clean. */
export interface Progress extends RunObserver {
  stop(): void;
}

const REDRAW_MS = 60;
const BAR_WIDTH = 20;

/** Makes the display. */
export function createProgress(options: ProgressOptions): Progress {
  const { stream, paint, timeLimitMs } = options;
  const live = stream.isTTY === true;
  const counts = { ok: 0, fail: 0, info: 0, faults: 0 };
  const active = new Set<string>();
  let phase: Phase = "starting";
  let nowNs = 0;
  let drawnMs = -Infinity;

  const line = (): string => {
    const part = phase === "running" ? Math.min(1, nowNs / 1e6 / timeLimitMs) : 1;
    const filled = Math.round(part * BAR_WIDTH);
    const bar = paint.cyan("━".repeat(filled)) + paint.dim("━".repeat(BAR_WIDTH - filled));
    const faults = active.size === 0 ? "" : paint.yellow(`  ⚡ ${[...active].join(", ")}`);
    return (
      `${bar} ${phase.padEnd(8)} ${(nowNs / 1e9).toFixed(1).padStart(5)} s  ` +
      `${paint.green(`${counts.ok} ok`)} ${paint.dim(`${counts.fail} fail`)} ` +
      `${counts.info === 0 ? paint.dim("0 info") : paint.yellow(`${counts.info} info`)}${faults}`
    );
  };

  const draw = (force: boolean): void => {
    if (!live) return;
    const ms = performance.now();
    if (!force && ms - drawnMs < REDRAW_MS) return;
    drawnMs = ms;
    stream.write(`\r\u001B[2K${line()}`);
  };

  const tell = (text: string): void => {
    if (!live) stream.write(`${(nowNs / 1e9).toFixed(3).padStart(8)} s  ${text}\n`);
  };

  const nemesisEvent = (event: HistoryEvent): void => {
    const { f, error } = event;
    if (f === "heal") active.clear();
    else if (f.startsWith("start-")) {
      const name = f.slice("start-".length);
      // The first of the two events of a fault announces it, the second tells that it is there.
      if (error !== undefined) active.delete(name);
      else if (active.has(name)) counts.faults++;
      else active.add(name);
      if (event.value !== null || error !== undefined) {
        tell(`${f} ${JSON.stringify(error ?? event.value)}`);
      }
    } else if (f.startsWith("stop-") && active.delete(f.slice("stop-".length))) tell(f);
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
      else if (event.type !== "invoke") counts[event.type]++;
      draw(false);
    },
    stop: () => {
      if (live) stream.write("\r\u001B[2K");
    },
  };
}
