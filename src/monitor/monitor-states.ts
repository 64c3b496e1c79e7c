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
  const time = new RememberedTime(clock);
  // A strategy asks now and then, which keeps the remembered time from growing old.
  const metrics = (): StateMetrics => counts.at(time.nowNs());
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
  const watch = new Watch(time, counts, atWork);
  return {
    metrics,
    stop,
    store: {
      name: store.name,
      durability: store.durability,
      atomicBatch: store.atomicBatch,
      // The calls that are made most are written out: a closure and a second promise for each cost
      // more than a store in memory needs for the call itself.
      saveState: async (key, value, more) => {
        const startNs = watch.began();
        let version;
        try {
          version = await store.saveState(key, value, more);
        } catch (error) {
          watch.failed("save", startNs, error);
          throw error;
        }
        if (startNs === UNTIMED) counts.addUntimedSave(time.lastNs, key);
        else watch.succeeded("save", startNs, { saved: [key] });
        return version;
      },
      loadState: async (key) => {
        const startNs = watch.began();
        let state;
        try {
          state = await store.loadState(key);
        } catch (error) {
          watch.failed("load", startNs, error);
          throw error;
        }
        if (startNs === UNTIMED) counts.addUntimedSave(time.lastNs, undefined);
        else watch.succeeded("load", startNs, UNCHANGED);
        return state;
      },
      deleteState: async (key, more) =>
        watch.whole("delete", () => store.deleteState(key, more), { deleted: [key] }),
      listStates: async (more) => watch.whole("list", () => store.listStates(more), UNCHANGED),
      batch: async (changes) =>
        watch.whole("batch", () => store.batch(changes), changesOf(changes)),
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
const UNCHANGED: Changed = {};
const UNTIMED = -1;

/** A clock and when it was read last: near enough for a call that is not timed, and succeeds. */
class RememberedTime {
  readonly #clock: Clock;
  lastNs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.lastNs = clock.nowNs();
  }

  nowNs(): number {
    this.lastNs = this.#clock.nowNs();
    return this.lastNs;
  }
}

/** Counts the calls, times those that the strategy wants timed, tells it of them and of errors. */
class Watch {
  readonly #time: RememberedTime;
  readonly #counts: StateCounts;
  readonly #atWork: StrategyAtWork;

  constructor(time: RememberedTime, counts: StateCounts, atWork: StrategyAtWork) {
    this.#time = time;
    this.#counts = counts;
    this.#atWork = atWork;
  }

  /** When the call began that begins now, or `UNTIMED`. */
  began(): number {
    return (this.#atWork.times?.() ?? true) ? this.#time.nowNs() : UNTIMED;
  }

  succeeded(call: StateCall, startNs: number, changed: Changed): void {
    const { saved = NOTHING, deleted = NOTHING } = changed;
    if (startNs === UNTIMED) {
      this.#counts.addUntimed(this.#time.lastNs, { saved, deleted });
      return;
    }
    const timeNs = this.#time.nowNs();
    const latencyNs = timeNs - startNs;
    this.#ended({ call, outcome: "ok", timeNs, latencyNs, saved, deleted });
  }

  failed(call: StateCall, startNs: number, error: unknown): void {
    const timeNs = this.#time.nowNs();
    const outcome = error instanceof StateError ? error.code : "refused";
    const latencyNs = startNs === UNTIMED ? undefined : timeNs - startNs;
    this.#ended({ call, outcome, timeNs, latencyNs, saved: NOTHING, deleted: NOTHING });
  }

  async whole<T>(call: StateCall, action: () => Promise<T>, changed: Changed): Promise<T> {
    const startNs = this.began();
    let result;
    try {
      result = await action();
    } catch (error) {
      this.failed(call, startNs, error);
      throw error;
    }
    this.succeeded(call, startNs, changed);
    return result;
  }

  #ended(event: StateEvent): void {
    this.#counts.add(event);
    this.#atWork.ended(event);
  }
}
