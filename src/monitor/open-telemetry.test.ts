/** The sink, read by the metrics SDK of OpenTelemetry, which keeps what it exports in memory. */
import type { Meter } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type Histogram,
  type MetricData,
} from "@opentelemetry/sdk-metrics";
import { expect, onTestFinished, test } from "vitest";
import { memoryPersistence } from "../../persistence/memory.js";
import { realWorld } from "../real/real-world.js";
import { StateError } from "../state/state-error.js";
import { monitorStates, type MonitoredStates } from "./monitor-states.js";
import { openTelemetry } from "./open-telemetry.js";
import { adaptive, periodic, realTime, type MonitoringStrategy } from "./strategies.js";

interface Scene extends MonitoredStates {
  /** What is exported now, by the name of the instrument. */
  readonly collect: () => Promise<ReadonlyMap<string, MetricData>>;
  readonly reasons: string[];
}

async function scene(strategy: MonitoringStrategy): Promise<Scene> {
  const world = realWorld({ seed: 1 });
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  const meter: Meter = provider.getMeter("test");
  const memory = memoryPersistence();
  await memory.saveState("old", 0);
  const store = {
    ...memory,
    deleteState: async () => Promise.reject(new StateError("unavailable", "as the test says")),
  };
  const reasons: string[] = [];
  const monitored = await monitorStates(store, {
    clock: world.clock,
    strategy: openTelemetry(strategy, { meter, attributes: { store: "orders" } }),
    onReport: ({ reason }) => reasons.push(reason),
  });
  onTestFinished(async () => {
    monitored.stop();
    await provider.shutdown();
    await world.close();
  });
  const collect = async (): Promise<ReadonlyMap<string, MetricData>> => {
    exporter.reset();
    await reader.forceFlush();
    const scopes = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
    const all = scopes.flatMap(({ metrics }) => metrics);
    return new Map(all.map((metric) => [metric.descriptor.name, metric]));
  };
  return { ...monitored, collect, reasons };
}

/** The points of an instrument, as [value, attributes]. */
function points(
  metrics: ReadonlyMap<string, MetricData>,
  name: string,
): readonly (readonly [value: unknown, attributes: unknown])[] {
  const found = metrics.get(`ordeal.state.${name}`)?.dataPoints ?? [];
  return found.map(({ value, attributes }) => [value, attributes] as const);
}

test("counters, gauges and the histogram say what was measured", async () => {
  const { store, collect, reasons } = await scene(realTime());
  await store.saveState("a", 1);
  await store.saveState("b", 1);
  await expect(store.loadState("c")).rejects.toThrow(StateError);
  const orders = { store: "orders" };
  expect(points(await collect(), "healthy")).toEqual([[1, orders]]);
  await expect(store.deleteState("a")).rejects.toThrow("as the test says");
  const metrics = await collect();
  expect(points(metrics, "states")).toEqual([[3, orders]]);
  expect(points(metrics, "transitions")).toEqual([[2, orders]]);
  expect(points(metrics, "errors")).toEqual([[1, orders]]);
  expect(points(metrics, "healthy")).toEqual([[0, orders]]);
  expect(points(metrics, "calls")).toEqual([
    [2, { ...orders, outcome: "ok" }],
    [1, { ...orders, outcome: "not-found" }],
    [1, { ...orders, outcome: "unavailable" }],
  ]);
  expect(points(metrics, "throughput")[0]?.[0]).toBeGreaterThan(0);
  expect(points(metrics, "latency")).toMatchObject([
    [{ count: 2 }, { ...orders, call: "save", outcome: "ok" }],
    [{ count: 1 }, { ...orders, call: "load", outcome: "not-found" }],
    [{ count: 1 }, { ...orders, call: "delete", outcome: "unavailable" }],
  ]);
  const unit = (name: string): string | undefined =>
    metrics.get(`ordeal.state.${name}`)?.descriptor.unit;
  expect([unit("latency"), unit("states")]).toEqual(["s", "{state}"]);
  // The strategy itself works as without.
  expect(reasons).toEqual(["save", "save", "load: not-found", "delete: unavailable"]);
});

test("a latency is in seconds, in the bucket where it belongs", async () => {
  const { store, collect } = await scene(periodic(3_600_000));
  await store.saveState("a", 1);
  const [point] = points(await collect(), "latency");
  const { sum = 0, buckets } = (point?.[0] ?? {}) as Partial<Histogram>;
  expect(sum).toBeGreaterThan(0);
  expect(sum).toBeLessThan(5);
  const place = buckets?.boundaries.findIndex((bound) => sum <= bound) ?? -1;
  expect(buckets?.counts[place]).toBe(1);
  expect(buckets?.boundaries.slice(0, 3)).toEqual([1e-5, 2.5e-5, 5e-5]);
});

test("calls that pass by are counted through those that are watched", async () => {
  const { store, collect } = await scene(adaptive({ watchedPerSecond: 10 }));
  for (let i = 0; i < 2000; i++) await store.saveState("a", i);
  const metrics = await collect();
  const [transitions] = points(metrics, "transitions");
  expect(transitions?.[0]).toBeGreaterThan(500);
  expect(transitions?.[0]).toBeLessThanOrEqual(2000);
  const [watched] = points(metrics, "latency");
  expect((watched?.[0] as Histogram | undefined)?.count).toBeLessThan(1000);
});

test("a monitor that stopped is not asked any more", async () => {
  const { store, collect, stop } = await scene(realTime());
  await store.saveState("a", 1);
  expect(points(await collect(), "states")).toHaveLength(1);
  stop();
  await store.saveState("b", 1);
  expect(points(await collect(), "transitions").map(([value]) => value)).not.toContain(2);
});
