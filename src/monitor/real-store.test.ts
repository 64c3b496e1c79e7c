/** Each strategy on a real clock, before a store of files that really works. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { filePersistence } from "../../persistence/file.js";
import { realWorld } from "../real/real-world.js";
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

interface Scene extends MonitoredStates {
  readonly clock: Clock;
  readonly reports: StateReport[];
  readonly reasons: () => readonly string[];
  /** Closes the store behind the monitor. */
  readonly breakDown: () => Promise<void>;
  /** Waits until something holds: the machine may be busy. */
  readonly until: (holds: () => boolean) => Promise<void>;
}

async function watched(strategy: MonitoringStrategy): Promise<Scene> {
  const directory = mkdtempSync(join(tmpdir(), "ordeal-monitor-"));
  const world = realWorld({ seed: 1 });
  const { clock } = world;
  const reports: StateReport[] = [];
  const files = await filePersistence(directory, { fsync: "never" });
  await files.saveState("there", 0);
  const monitored = await monitorStates(files, {
    clock,
    strategy,
    onReport: (report) => reports.push(report),
  });
  onTestFinished(async () => {
    monitored.stop();
    await files.close();
    await world.close();
    rmSync(directory, { recursive: true });
  });
  const reasons = (): readonly string[] => reports.map(({ reason }) => reason);
  const until = async (holds: () => boolean): Promise<void> => {
    for (let waits = 0; !holds() && waits < 500; waits++) await clock.sleep(10);
    expect(holds(), `${holds.toString()} of ${reasons().join(", ")}`).toBe(true);
  };
  return { ...monitored, clock, reports, reasons, until, breakDown: async () => files.close() };
}

test("real-time: each change as it happens", async () => {
  const { store, reports, reasons } = await watched(realTime());
  const version = await store.saveState("a", 1);
  expect(reasons()).toEqual(["save"]);
  await store.loadState("a");
  await store.batch([
    { kind: "save", key: "a", value: 2, expected: version },
    { kind: "save", key: "b", value: 1 },
  ]);
  await store.deleteState("a");
  await expect(store.loadState("a")).rejects.toThrow();
  expect(reasons()).toEqual(["save", "batch", "delete", "load: not-found"]);
  expect(reports.map(({ metrics }) => metrics.stateCount)).toEqual([2, 3, 2, 2]);
  const { latency } = reports[3]?.metrics ?? {};
  expect(latency?.count).toBe(5);
  expect(latency?.meanMs).toBeGreaterThan(0);
});

test("periodic: at its interval while the store works, until it is closed", async () => {
  const { store, clock, reports, until } = await watched(periodic(20));
  await until(() => reports.length >= 3);
  await store.saveState("a", 1);
  await until(() => reports.at(-1)?.metrics.transitionCount === 1);
  const [first, last] = [reports[0], reports.at(-1)];
  const took = (last?.metrics.timeMs ?? 0) - (first?.metrics.timeMs ?? 0);
  expect(took).toBeGreaterThanOrEqual((reports.length - 1) * 19);
  await store.close();
  const count = reports.length;
  await clock.sleep(100);
  expect(reports).toHaveLength(count);
});

test("event-driven: a store that stopped working, a state that is stuck, a slow call", async () => {
  const strategy = eventDriven(() => [
    errorBurst({ count: 3, withinMs: 60_000 }),
    stuck(100),
    latencyAbove(0.000_001),
  ]);
  const { store, reasons, metrics, until, breakDown } = await watched(strategy);
  await store.loadState("there");
  expect(reasons()).toEqual([expect.stringMatching(/^load took [\d.]+ ms$/)]);
  await until(() => reasons().includes('unchanged for 100 ms: "there"'));
  await breakDown();
  for (let i = 0; i < 3; i++) await expect(store.saveState("a", i)).rejects.toThrow();
  expect(reasons()).toContain("3 errors within 60000 ms");
  expect(metrics()).toMatchObject({ errorCount: 3, transitionCount: 0, stateCount: 1 });
});

test("adaptive: few calls are all watched, of many one in n, and none goes uncounted", async () => {
  const strategy = adaptive({ intervalMs: 20, watchedPerSecond: 50 });
  const { store, metrics, reports, until } = await watched(strategy);
  for (let i = 0; i < 5; i++) await store.saveState("a", i);
  expect(metrics().latency.count).toBe(5);
  for (let i = 0; i < 3000; i += 50) {
    await Promise.all(Array.from({ length: 50 }, async (_, at) => store.saveState(`k${at}`, i)));
  }
  const { callCount, transitionCount, stateCount, latency } = metrics();
  expect({ callCount, stateCount }).toEqual({ callCount: 3005, stateCount: 52 });
  // For those that passed by last nothing stands yet.
  expect(transitionCount).toBeLessThanOrEqual(3005);
  expect(latency.count).toBeLessThan(1000);
  expect(latency.count).toBeGreaterThan(5);
  await until(() => reports.at(-1)?.metrics.callCount === 3005);
  // When it is quiet, each is watched again, and the next one stands for them.
  await until(() => metrics().throughput === 0);
  await new Promise((resolve) => setTimeout(resolve, 250));
  await store.saveState("a", 5);
  expect(metrics().transitionCount).toBe(3006);
});
