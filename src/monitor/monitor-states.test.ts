/** Monitors in simulated time: what they count, and when they report. */
import { describe, expect, test } from "vitest";
import { memoryPersistence } from "../../persistence/memory.js";
import { realWorld } from "../real/real-world.js";
import { simulatedWorld } from "../simulation/simulated-world.js";
import type { StatePersistence } from "../state/persistence.js";
import { StateError, type StateErrorCode } from "../state/state-error.js";
import type { Clock } from "../world/clock.js";
import { monitorStates, type MonitoredStates, type StateReport } from "./monitor-states.js";
import {
  adaptive,
  errorBurst,
  eventDriven,
  latencyAbove,
  periodic,
  realTime,
  stuck,
  type MonitoringStrategy,
} from "./strategies.js";

/** What a script has at hand. */
interface Scene extends MonitoredStates {
  readonly clock: Clock;
  readonly reports: StateReport[];
  /** What each call takes, and what it fails with. */
  readonly set: (next: { latencyMs?: number; failure?: StateErrorCode | undefined }) => void;
}

/** Runs a script in simulated time, on a store with two states. */
async function play(
  strategy: MonitoringStrategy,
  script: (scene: Scene) => Promise<void>,
): Promise<void> {
  const world = simulatedWorld({ seed: 1 });
  try {
    await world.run(async () => {
      const { clock } = world;
      const memory = memoryPersistence();
      for (const key of ["old-1", "old-2"]) await memory.saveState(key, 0);
      let [latencyMs, failure] = [1, undefined as StateErrorCode | undefined];
      const slow = async <T>(call: () => Promise<T>): Promise<T> => {
        await clock.sleep(latencyMs);
        if (failure !== undefined) throw new StateError(failure, "as the script says");
        return call();
      };
      const store: StatePersistence = {
        ...memory,
        saveState: async (...call) => slow(() => memory.saveState(...call)),
        loadState: async (...call) => slow(() => memory.loadState(...call)),
        deleteState: async (...call) => slow(() => memory.deleteState(...call)),
        batch: async (...call) => slow(() => memory.batch(...call)),
      };
      const reports: StateReport[] = [];
      const monitored = await monitorStates(store, {
        clock,
        strategy,
        onReport: (report) => reports.push(report),
      });
      await script({
        ...monitored,
        clock,
        reports,
        set: (next) => {
          latencyMs = next.latencyMs ?? latencyMs;
          if ("failure" in next) failure = next.failure;
        },
      });
      monitored.stop();
      monitored.stop();
    });
  } finally {
    await world.close();
  }
}

async function refused(call: Promise<unknown>): Promise<void> {
  await expect(call).rejects.toBeInstanceOf(StateError);
}

const QUIET = eventDriven(() => []);

describe("counts", () => {
  test("states, transitions, errors and outcomes", async () => {
    await play(QUIET, async ({ store, metrics, set }) => {
      await store.saveState("a", 1);
      await store.saveState("a", 2);
      await store.batch([
        { kind: "save", key: "b", value: 1 },
        { kind: "delete", key: "old-1" },
      ]);
      await store.deleteState("old-2");
      await store.listStates();
      await refused(store.loadState("old-2"));
      await refused(store.saveState("a", 1, { expected: 1 }));
      set({ failure: "unavailable" });
      await refused(store.saveState("c", 1));
      set({ failure: "indeterminate" });
      await refused(store.deleteState("a"));
      expect(metrics()).toMatchObject({
        stateCount: 2,
        transitionCount: 5,
        errorCount: 2,
        callCount: 9,
        outcomes: { ok: 5, "not-found": 1, conflict: 1, unavailable: 1, indeterminate: 1 },
        health: "degraded",
      });
    });
  });

  test("latencies, throughput and health over the last second", async () => {
    await play(QUIET, async ({ store, metrics, set, clock }) => {
      for (let i = 0; i < 400; i++) await store.loadState("old-1");
      expect(metrics().throughput).toBeCloseTo(1000, -2);
      set({ latencyMs: 100 });
      for (let i = 0; i < 20; i++) await store.loadState("old-1");
      const { latency, throughput, health } = metrics();
      expect(throughput).toBeCloseTo(10, -1);
      expect(health).toBe("healthy");
      expect(latency).toMatchObject({ count: 420, maxMs: 100 });
      expect(latency.p50Ms).toBeGreaterThanOrEqual(1);
      expect(latency.p50Ms).toBeLessThan(1.07);
      expect(latency.p99Ms).toBe(100);
      expect(latency.meanMs).toBeCloseTo((400 + 2000) / 420, 6);
      expect(latency.buckets.at(-1)?.[1]).toBe(420);
      set({ failure: "unavailable" });
      await clock.sleep(1000);
      for (let i = 0; i < 3; i++) await refused(store.loadState("old-1"));
      expect(metrics().health).toBe("failing");
      await clock.sleep(2000);
      expect(metrics()).toMatchObject({ throughput: 0, health: "healthy", errorCount: 3 });
    });
  });
});

describe("reports", () => {
  test("real-time: each change, and each error", async () => {
    await play(realTime(), async ({ store, reports, set }) => {
      await store.saveState("a", 1);
      await store.loadState("a");
      await store.deleteState("a");
      await refused(store.loadState("a"));
      set({ failure: "unavailable" });
      await refused(store.batch([]));
      expect(reports.map(({ reason }) => reason)).toEqual([
        "save",
        "delete",
        "load: not-found",
        "batch: unavailable",
      ]);
      expect(reports.map(({ metrics }) => metrics.stateCount)).toEqual([3, 2, 2, 2]);
    });
  });

  test("periodic: at its interval, until it is stopped", async () => {
    await play(periodic(500), async ({ store, reports, clock, stop }) => {
      await store.saveState("a", 1);
      await clock.sleep(10_100);
      expect(reports).toHaveLength(20);
      expect(reports[3]?.metrics.timeMs).toBe(2000);
      stop();
      await clock.sleep(10_000);
      expect(reports).toHaveLength(20);
    });
  });

  test("closing the store ends them", async () => {
    await play(periodic(500), async ({ store, reports, clock }) => {
      await store.close();
      await clock.sleep(5000);
      expect(reports).toEqual([]);
    });
  });

  test("event-driven: a burst of errors once, slow calls, and what is stuck", async () => {
    const strategy = eventDriven(() => [
      errorBurst({ count: 3, withinMs: 1000 }),
      latencyAbove(50),
      stuck(10_000, (key) => key === "old-2"),
    ]);
    await play(strategy, async ({ store, reports, clock, set }) => {
      const reasons = (): string[] => reports.splice(0).map(({ reason }) => reason);
      set({ failure: "unavailable" });
      for (let i = 0; i < 4; i++) {
        await refused(store.loadState("old-1"));
        await clock.sleep(600);
      }
      expect(reasons()).toEqual([]);
      for (let i = 0; i < 4; i++) await refused(store.loadState("old-1"));
      expect(reasons()).toEqual(["3 errors within 1000 ms"]);
      set({ failure: undefined, latencyMs: 80 });
      await store.loadState("old-1");
      expect(reasons()).toEqual(["load took 80.0 ms"]);
      set({ latencyMs: 1 });
      await clock.sleep(30_000);
      expect(reasons()).toEqual(['unchanged for 10000 ms: "old-1"']);
      await store.saveState("old-1", 1);
      await clock.sleep(9000);
      expect(reasons()).toEqual([]);
      await clock.sleep(10_000);
      expect(reasons()).toEqual(['unchanged for 10000 ms: "old-1"']);
      await store.deleteState("old-1");
      await clock.sleep(30_000);
      expect(reasons()).toEqual([]);
    });
  });

  test("adaptive: watches every call when there are few, a bounded number when there are many", async () => {
    await play(
      adaptive({ watchedPerSecond: 100 }),
      async ({ store, metrics, clock, set, reports }) => {
        set({ latencyMs: 20 });
        for (let i = 0; i < 100; i++) await store.loadState("old-1");
        expect(metrics().latency.count).toBe(100);
        set({ latencyMs: 0.1 });
        await clock.sleep(1000);
        for (let i = 0; i < 10_000; i++) await store.loadState("old-1");
        await clock.sleep(1000);
        const before = metrics();
        for (let i = 0; i < 30_000; i++) await store.loadState("old-1");
        const seconds = (metrics().timeMs - before.timeMs) / 1000;
        const watched = metrics().latency.count - before.latency.count;
        // It learns the load within a second.
        expect(watched / seconds).toBeLessThan(1000);
        expect(watched / seconds).toBeGreaterThan(80);
        expect(metrics().callCount).toBe(40_100);
        expect(metrics().throughput).toBeGreaterThan(5000);
        expect(metrics().throughput).toBeLessThan(20_000);
        expect(reports.length).toBeGreaterThan(5);
        // A load that falls off is seen whole again, although few calls come.
        set({ latencyMs: 20 });
        for (let i = 0; i < 100; i++) await store.loadState("old-1");
        const { count } = metrics().latency;
        for (let i = 0; i < 20; i++) await store.loadState("old-1");
        expect(metrics().latency.count).toBe(count + 20);
      },
    );
  });

  test("adaptive: what it watches stands for what passed by, and new states are always seen", async () => {
    await play(adaptive({ watchedPerSecond: 100 }), async ({ store, metrics, set }) => {
      set({ latencyMs: 0.1 });
      for (let i = 0; i < 10_000; i++) {
        // One save in two calls; a quarter of the calls fails.
        set({ failure: i % 4 === 0 ? "unavailable" : undefined });
        await (i % 2 === 1 ? store.saveState("old-1", i) : store.loadState("old-2")).catch(() => 0);
      }
      const { transitionCount, errorCount, outcomes, callCount, latency } = metrics();
      expect(callCount).toBe(10_000);
      expect(latency.count).toBeLessThan(1000);
      expect(transitionCount).toBeGreaterThan(3500);
      expect(transitionCount).toBeLessThan(6500);
      expect(errorCount).toBeGreaterThan(1500);
      expect(errorCount).toBeLessThan(3500);
      expect(outcomes.unavailable).toBe(errorCount);
      expect((outcomes.ok ?? 0) + errorCount).toBeGreaterThan(9500);
      set({ failure: undefined });
      for (let i = 0; i < 50; i++) await store.saveState(`new-${i}`, i);
      for (let i = 0; i < 20; i++) await store.deleteState(`new-${i}`);
      expect(metrics().stateCount).toBe(32);
    });
  });

  test("a save that follows a deletion at once is seen, however few calls are watched", async () => {
    const oneInMany: MonitoringStrategy = {
      name: "one in many",
      start: (monitor) => {
        monitor.sample(1000);
        return { ended: () => undefined, stop: () => undefined };
      },
    };
    await play(oneInMany, async ({ store, metrics }) => {
      await store.loadState("old-2");
      const passing = store.loadState("old-2");
      const deletion = store.deleteState("old-1");
      const save = store.saveState("old-1", 1);
      await Promise.all([passing, deletion, save]);
      expect(metrics().latency.count).toBe(3);
      expect(metrics().stateCount).toBe(2);
    });
  });

  test("adaptive: a load that keeps the timers waiting is bounded too", async () => {
    const world = realWorld({ seed: 1 });
    const { store, metrics } = await monitorStates(memoryPersistence(), {
      clock: world.clock,
      strategy: adaptive({ watchedPerSecond: 100 }),
    });
    // Calls of a store in memory end without a turn of the event loop.
    for (let i = 0; i < 20_000; i++) await store.saveState(`key-${i % 10}`, i);
    const { callCount, stateCount, transitionCount, latency } = metrics();
    await store.close();
    await world.close();
    expect({ callCount, stateCount }).toEqual({ callCount: 20_000, stateCount: 10 });
    expect(transitionCount).toBeGreaterThan(15_000);
    expect(transitionCount).toBeLessThanOrEqual(20_000);
    expect(latency.count).toBeGreaterThan(0);
    expect(latency.count).toBeLessThan(2000);
  });

  test("what is no interval is refused", () => {
    expect(() => periodic(0)).toThrow("above 0");
    expect(() => adaptive({ watchedPerSecond: Number.NaN })).toThrow("above 0");
  });
});
