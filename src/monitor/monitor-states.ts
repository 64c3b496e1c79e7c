/**
 * Puts a monitor between a store of states and its users: the same store, whose calls are counted
 * and timed. On a real clock it watches a running system, on a simulated one it repeats itself.
 *
 * A strategy may have one call in n watched: it then stands for those that passed by before it. The
 * gaps are drawn, so that counts are unbiased estimates (systematic sampling with random gaps).
 */
import { createRandom } from "../random.js";
import type { SavedState, StateChange, StatePersistence } from "../state/persistence.js";
import { StateError } from "../state/state-error.js";
import type { Clock } from "../world/clock.js";
import { StateCounts, type StateEvent, type StateMetrics } from "./state-metrics.js";
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
  const known = counts.changes;
  const watch = new Watch(clock, counts);
  const metrics = (): StateMetrics => counts.at(clock.nowNs(), watch.passing);
  let stopped = false;
  const atWork = strategy.start({
    clock,
    metrics,
    changes: () => known,
    sample: (oneIn) => watch.sample(oneIn),
    report: (reason) => {
      if (!stopped) onReport?.({ reason, metrics: metrics() });
    },
  });
  watch.tell(atWork);
  const stop = (): void => {
    if (stopped) return;
    stopped = true;
    atWork.stop();
  };
  // Written out, because a closure for each call would cost as much as its watching.
  const watchedSave = async (
    [key, value, more]: Parameters<StatePersistence["saveState"]>,
    weight: number,
  ): Promise<number> => {
    const startNs = clock.nowNs();
    let version;
    try {
      version = await store.saveState(key, value, more);
    } catch (error) {
      watch.ended({ call: "save", startNs, weight, error });
      throw error;
    }
    watch.ended({ call: "save", startNs, weight, saved: [key] });
    return version;
  };
  const watchedLoad = async (key: string, weight: number): Promise<SavedState> => {
    const startNs = clock.nowNs();
    let state;
    try {
      state = await store.loadState(key);
    } catch (error) {
      watch.ended({ call: "load", startNs, weight, error });
      throw error;
    }
    watch.ended({ call: "load", startNs, weight });
    return state;
  };
  return {
    metrics,
    stop,
    store: {
      name: store.name,
      durability: store.durability,
      atomicBatch: store.atomicBatch,
      // A call that is passed over gets the store's own promise, for one more costs as much as a
      // call of a store in memory. What makes a state appear or go is always watched.
      saveState: (key, value, more) => {
        const isThere = known.has(key) && !watch.isLeaving(key);
        if (isThere && watch.passes()) return store.saveState(key, value, more);
        return watchedSave([key, value, more], isThere ? watch.choose() : 1);
      },
      loadState: (key) =>
        watch.passes() ? store.loadState(key) : watchedLoad(key, watch.choose()),
      deleteState: async (key, more) =>
        watch.whole({ call: "delete", deleted: [key] }, async () => store.deleteState(key, more)),
      listStates: async (more) => watch.whole({ call: "list" }, () => store.listStates(more)),
      batch: async (changes) =>
        watch.whole({ call: "batch", ...changesOf(changes) }, () => store.batch(changes)),
      close: async () => {
        stop();
        await store.close();
      },
    },
  };
}

/** A call, and what it changes when it succeeds. */
type WatchedCall = Pick<StateEvent, "call"> & Partial<Pick<StateEvent, "saved" | "deleted">>;

/** A call that has ended, and what it failed with. */
type EndedCall = WatchedCall & {
  readonly startNs: number;
  readonly weight: number;
  readonly error?: unknown;
};

function changesOf(changes: readonly StateChange[]): Pick<StateEvent, "saved" | "deleted"> {
  const keysOf = (wanted: StateChange["kind"]): string[] =>
    changes.flatMap(({ kind, key }) => (kind === wanted ? [key] : []));
  return { saved: keysOf("save"), deleted: keysOf("delete") };
}

const NOTHING: readonly string[] = [];

/** Chooses the calls that are watched, counts and times them, and tells the strategy of them. */
class Watch {
  readonly #clock: Clock;
  readonly #counts: StateCounts;
  /** The gaps are drawn, lest a load that repeats itself always shows the same side. */
  readonly #random = createRandom(1);
  #atWork: StrategyAtWork | undefined;
  #oneIn = 1;
  /** Calls that passed since the last one that was chosen, and how many may before the next. */
  #passed = 0;
  #toPass = 0;
  /** How many calls are under way that may delete a state. */
  readonly #leaving = new Map<string, number>();

  constructor(clock: Clock, counts: StateCounts) {
    this.#clock = clock;
    this.#counts = counts;
  }

  tell(atWork: StrategyAtWork): void {
    this.#atWork = atWork;
  }

  /** How many calls passed of late that none which was watched stands for yet. */
  get passing(): number {
    return this.#passed;
  }

  sample(oneIn: number): void {
    if (oneIn === this.#oneIn) return;
    this.#oneIn = oneIn;
    this.#toPass = Math.min(this.#toPass, 2 * (oneIn - 1));
  }

  /** Whether the call that begins now is passed over. */
  passes(): boolean {
    if (this.#passed >= this.#toPass) return false;
    this.#passed++;
    return true;
  }

  /** How many calls the one stands for that begins now and is watched: itself, and those before. */
  choose(): number {
    const weight = this.#passed + 1;
    this.#counts.addPassed(this.#passed);
    this.#passed = 0;
    this.#toPass = this.#oneIn === 1 ? 0 : this.#random.below(2 * this.#oneIn - 1);
    return weight;
  }

  /** Whether a state may be gone before a save that begins now. */
  isLeaving(key: string): boolean {
    return this.#leaving.size > 0 && this.#leaving.has(key);
  }

  /** Watches a call of the other kinds. */
  async whole<T>(call: WatchedCall, action: () => Promise<T>): Promise<T> {
    const { deleted = NOTHING } = call;
    const startNs = this.#clock.nowNs();
    for (const key of deleted) this.#leaving.set(key, (this.#leaving.get(key) ?? 0) + 1);
    let result;
    try {
      result = await action();
    } catch (error) {
      this.ended({ call: call.call, startNs, weight: 1, error });
      throw error;
    } finally {
      for (const key of deleted) this.#stays(key);
    }
    this.ended({ ...call, startNs, weight: 1 });
    return result;
  }

  #stays(key: string): void {
    const others = (this.#leaving.get(key) as number) - 1;
    if (others === 0) this.#leaving.delete(key);
    else this.#leaving.set(key, others);
  }

  ended({ call, startNs, weight, error, saved, deleted }: EndedCall): void {
    const timeNs = this.#clock.nowNs();
    const event: StateEvent = {
      call,
      outcome: error === undefined ? "ok" : error instanceof StateError ? error.code : "refused",
      timeNs,
      latencyNs: timeNs - startNs,
      saved: saved ?? NOTHING,
      deleted: deleted ?? NOTHING,
      weight,
    };
    this.#counts.add(event);
    this.#atWork?.ended(event);
  }
}
