/**
 * Puts a monitor between a store of states and its users: the same store, whose calls are counted
 * and timed. On a real clock it watches a running system, on a simulated one it repeats itself.
 */
import type { StateChange, StatePersistence } from "../state/persistence.js";
import { StateError } from "../state/state-error.js";
import type { Clock } from "../world/clock.js";
import {
  StateCounts,
  type StateCall,
  type StateEvent,
  type StateMetrics,
} from "./state-metrics.js";
import type { MonitoringStrategy, StrategyAtWork } from "./strategies.js";

/** A report of a monitor. */
export interface StateReport {
  /** Why now, in words. */
  readonly reason: string;
  readonly metrics: StateMetrics;
}

/** How to monitor a store. */
export interface MonitorOptions {
  readonly clock: Clock;
  readonly strategy: MonitoringStrategy;
  /** Where reports go; what it throws ends the call that was reported. Default: nowhere. */
  readonly onReport?: (report: StateReport) => void;
}

/** A monitored store. */
export interface MonitoredStates {
  /** Use this one in the place of the store. */
  readonly store: StatePersistence;
  /** What was measured so far. */
  readonly metrics: () => StateMetrics;
  /** Ends the monitoring: no more reports. Idempotent; closing the store does it too. */
  readonly stop: () => void;
}

/** Monitors a store from now on; the states that are there are counted first. */
export async function monitorStates(
  store: StatePersistence,
  options: MonitorOptions,
): Promise<MonitoredStates> {
  const { clock, strategy, onReport } = options;
  const keys = (await store.listStates()).map(({ key }) => key);
  const counts = new StateCounts(clock.nowNs(), keys);
  const metrics = (): StateMetrics => counts.at(clock.nowNs());
  let stopped = false;
  const atWork = strategy.start({
    clock,
    metrics,
    changes: () => counts.changes,
    report: (reason) => {
      if (!stopped) onReport?.({ reason, metrics: metrics() });
    },
  });
  const stop = (): void => {
    if (stopped) return;
    stopped = true;
    atWork.stop();
  };
  const watch = watcher({ clock, counts, atWork });
  return {
    metrics,
    stop,
    store: {
      name: store.name,
      durability: store.durability,
      atomicBatch: store.atomicBatch,
      saveState: async (key, value, more) =>
        watch("save", () => store.saveState(key, value, more), { saved: [key] }),
      loadState: async (key) => watch("load", () => store.loadState(key)),
      deleteState: async (key, more) =>
        watch("delete", () => store.deleteState(key, more), { deleted: [key] }),
      listStates: async (more) => watch("list", () => store.listStates(more)),
      batch: async (changes) => watch("batch", () => store.batch(changes), changesOf(changes)),
      close: async () => {
        stop();
        await store.close();
      },
    },
  };
}

/** What a call changes when it succeeds. */
type Changed = Partial<Pick<StateEvent, "saved" | "deleted">>;

function changesOf(changes: readonly StateChange[]): Changed {
  const keysOf = (wanted: StateChange["kind"]): string[] =>
    changes.flatMap(({ kind, key }) => (kind === wanted ? [key] : []));
  return { saved: keysOf("save"), deleted: keysOf("delete") };
}

const NOTHING: readonly string[] = [];

function watcher({
  clock,
  counts,
  atWork,
}: {
  readonly clock: Clock;
  readonly counts: StateCounts;
  readonly atWork: StrategyAtWork;
}): <T>(call: StateCall, action: () => Promise<T>, changed?: Changed) => Promise<T> {
  return async (call, action, changed = {}) => {
    const isTimed = atWork.times?.() ?? true;
    const startNs = isTimed ? clock.nowNs() : 0;
    const ended = (outcome: StateEvent["outcome"]): void => {
      const timeNs = clock.nowNs();
      const ok = outcome === "ok";
      const event: StateEvent = {
        call,
        outcome,
        timeNs,
        latencyNs: isTimed ? timeNs - startNs : undefined,
        saved: (ok ? changed.saved : undefined) ?? NOTHING,
        deleted: (ok ? changed.deleted : undefined) ?? NOTHING,
      };
      counts.add(event);
      atWork.ended(event);
    };
    let result;
    try {
      result = await action();
    } catch (error) {
      ended(error instanceof StateError ? error.code : "refused");
      throw error;
    }
    ended("ok");
    return result;
  };
}
