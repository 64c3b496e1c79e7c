/**
 * When a monitor reports, and which calls it watches: on each change, at intervals, when something
 * happens, or as the load allows.
 */
import { HarnessError } from "../errors.js";
import type { Clock } from "../world/clock.js";
import type { StateEvent, StateMetrics } from "./state-metrics.js";

/** What a strategy may do. */
export interface MonitorHandle {
  readonly clock: Clock;
  metrics(): StateMetrics;
  /** When each state that is there changed last in a watched call, in nanoseconds. */
  changes(): ReadonlyMap<string, number>;
  /**
   * From now on watches one load or save of a known state in so many, chosen at random; at first
   * each. Other calls are always watched.
   */
  sample(oneIn: number): void;
  /** Sends a report; the reason says why now, in words. */
  report(reason: string): void;
}

/** A strategy at work. */
export interface StrategyAtWork {
  /** A call that was watched has ended, and is counted. */
  ended(event: StateEvent): void;
  stop(): void;
}

/** When a monitor reports. */
export interface MonitoringStrategy {
  readonly name: string;
  start(monitor: MonitorHandle): StrategyAtWork;
}

/** Reports each change of a state, and each error. */
export function realTime(): MonitoringStrategy {
  return {
    name: "real-time",
    start: (monitor) => ({
      ended: ({ call, outcome, saved, deleted }) => {
        const changed = saved.length + deleted.length > 0;
        if (changed) monitor.report(call);
        else if (outcome !== "ok") monitor.report(`${call}: ${outcome}`);
      },
      stop: () => undefined,
    }),
  };
}

/** Reports at intervals, in milliseconds, more than 0. */
export function periodic(intervalMs: number): MonitoringStrategy {
  mustBePositive(intervalMs, "an interval");
  return {
    name: "periodic",
    start: (monitor) => ({
      ended: () => undefined,
      stop: repeat(monitor.clock, intervalMs, () => monitor.report("interval")),
    }),
  };
}

/** Something that is worth a report. */
export interface Trigger {
  /** Asked after each call; the reason when it has just happened. */
  onEvent?(event: StateEvent, monitor: MonitorHandle): string | undefined;
  /** Asked at intervals. */
  readonly everyMs?: number;
  onTime?(monitor: MonitorHandle): string | undefined;
}

/** Reports when one of these happens. Each call makes new triggers, for they remember. */
export function eventDriven(triggers: () => readonly Trigger[]): MonitoringStrategy {
  return {
    name: "event-driven",
    start: (monitor) => {
      const reportIf = (reason: string | undefined): void => {
        if (reason !== undefined) monitor.report(reason);
      };
      const active = triggers();
      const stops = active.flatMap((trigger) =>
        trigger.everyMs === undefined
          ? []
          : [repeat(monitor.clock, trigger.everyMs, () => reportIf(trigger.onTime?.(monitor)))],
      );
      return {
        ended: (event) => {
          for (const trigger of active) reportIf(trigger.onEvent?.(event, monitor));
        },
        stop: () => {
          for (const stop of stops) stop();
        },
      };
    },
  };
}

const FAILURES: ReadonlySet<string> = new Set(["unavailable", "indeterminate", "corrupt"]);

/** That many errors within that time; once a burst. */
export function errorBurst(limit: { readonly count: number; readonly withinMs: number }): Trigger {
  mustBePositive(limit.count, "a count");
  let times: number[] = [];
  return {
    onEvent: ({ outcome, timeNs }) => {
      if (!FAILURES.has(outcome)) return undefined;
      times = [...times.filter((each) => timeNs - each <= limit.withinMs * 1e6), timeNs];
      if (times.length < limit.count) return undefined;
      times = [];
      return `${limit.count} errors within ${limit.withinMs} ms`;
    },
  };
}

/** A call that took longer than so many milliseconds. */
export function latencyAbove(boundMs: number): Trigger {
  return {
    onEvent: ({ call, latencyNs }) =>
      latencyNs > boundMs * 1e6 ? `${call} took ${(latencyNs / 1e6).toFixed(1)} ms` : undefined,
  };
}

/**
 * A state that has not changed for so many milliseconds; once until it changes. `isFinal` says of a
 * key that it need not change any more.
 */
export function stuck(afterMs: number, isFinal: (key: string) => boolean = () => false): Trigger {
  mustBePositive(afterMs, "a time");
  const told = new Map<string, number>();
  return {
    everyMs: afterMs / 2,
    onTime: (monitor) => {
      const nowNs = monitor.clock.nowNs();
      const found: string[] = [];
      for (const [key, sinceNs] of monitor.changes()) {
        if (nowNs - sinceNs < afterMs * 1e6 || told.get(key) === sinceNs || isFinal(key)) continue;
        told.set(key, sinceNs);
        found.push(key);
      }
      for (const key of told.keys()) if (!monitor.changes().has(key)) told.delete(key);
      if (found.length === 0) return undefined;
      const more = found.length > 3 ? ` and ${found.length - 3} more` : "";
      const names = found.slice(0, 3).map((key) => JSON.stringify(key));
      return `unchanged for ${afterMs} ms: ${names.join(", ")}${more}`;
    },
  };
}

/** Options of `adaptive`. */
export interface AdaptiveOptions {
  /** How often it reports, in milliseconds. Default 1,000. */
  readonly intervalMs?: number;
  /** How many calls it watches a second at the most. Default 1,000. */
  readonly watchedPerSecond?: number;
}

/**
 * Reports at intervals, and watches as many calls as it may: all when there are few, one in n when
 * there are many, which then stands for n. So its cost does not grow with the load.
 */
export function adaptive(options: AdaptiveOptions = {}): MonitoringStrategy {
  const { intervalMs = 1000, watchedPerSecond = 1000 } = options;
  mustBePositive(intervalMs, "an interval");
  mustBePositive(watchedPerSecond, "a number of calls a second");
  return {
    name: "adaptive",
    start: (monitor) => {
      let oneIn = 1;
      const mostWatched = Math.max(1, (watchedPerSecond * ADAPT_MS) / 1000);
      // A busy program may not come to its timers: the calls themselves show the load too.
      let window = { startNs: monitor.clock.nowNs(), calls: 0, watched: 0 };
      const adaptTo = (perSecond: number, nowNs: number): void => {
        // A short window tells little: what it asks for is approached by steps.
        oneIn = Math.min(Math.max(1, Math.ceil(perSecond / watchedPerSecond)), 8 * oneIn);
        monitor.sample(oneIn);
        window = { startNs: nowNs, calls: 0, watched: 0 };
      };
      const stopAdapting = repeat(monitor.clock, ADAPT_MS, () => {
        adaptTo(monitor.metrics().throughput, monitor.clock.nowNs());
      });
      const stopReporting = repeat(monitor.clock, intervalMs, () => monitor.report("interval"));
      return {
        ended: ({ timeNs, weight }) => {
          window.calls += weight;
          window.watched++;
          if (window.watched < mostWatched) return;
          const seconds = Math.max(timeNs - window.startNs, LEAST_WINDOW_NS) / 1e9;
          adaptTo(window.calls / seconds, timeNs);
        },
        stop: () => {
          stopAdapting();
          stopReporting();
        },
      };
    },
  };
}

const ADAPT_MS = 200;
const LEAST_WINDOW_NS = 1e6;

/** Calls back again and again; answers how to stop it. */
function repeat(clock: Clock, everyMs: number, action: () => void): () => void {
  const arm = (): { cancel(): void } =>
    clock.timer(everyMs, () => {
      timer = arm();
      action();
    });
  let timer = arm();
  return () => timer.cancel();
}

function mustBePositive(value: number, what: string): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new HarnessError("bad-argument", `${what} is a number above 0, not ${value}`);
}
