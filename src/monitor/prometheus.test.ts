/** What is scraped, read by a parser of the format that others wrote. */
// @ts-expect-error It has no types.
import parseText from "parse-prometheus-text-format";
import { expect, onTestFinished, test } from "vitest";
import { memoryPersistence } from "../../persistence/memory.js";
import { StateError } from "../state/state-error.js";
import type { Clock } from "../world/clock.js";
import { monitorStates, type MonitoredStates } from "./monitor-states.js";
import { prometheusText, servePrometheus } from "./prometheus.js";
import { eventDriven } from "./strategies.js";

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly metrics: readonly {
    readonly value?: string;
    readonly labels?: { readonly [name: string]: string };
    readonly buckets?: { readonly [bound: string]: string };
    readonly count?: string;
    readonly sum?: string;
  }[];
}

const parse = parseText as (text: string) => Family[];

interface Scene extends MonitoredStates {
  /** What each load takes from now on, in milliseconds. */
  readonly takes: (ms: number) => void;
}

/** A store with one state, on a clock that moves only while the store works. */
async function scene(): Promise<Scene> {
  const memory = memoryPersistence();
  await memory.saveState("old", 0);
  let [nowNs, loadMs] = [0, 0];
  const clock: Clock = {
    nowNs: () => nowNs,
    wallMs: () => 0,
    timer: () => ({ cancel: () => undefined }),
    sleep: async () => undefined,
  };
  const store = {
    ...memory,
    loadState: async (key: string) => {
      nowNs += loadMs * 1e6;
      return memory.loadState(key);
    },
    deleteState: async () => Promise.reject(new StateError("unavailable", "as the test says")),
  };
  const monitored = await monitorStates(store, { clock, strategy: eventDriven(() => []) });
  return { ...monitored, takes: (ms) => void (loadMs = ms) };
}

test("each family of a scrape is what was measured", async () => {
  const { store, metrics, takes } = await scene();
  const endpoint = await servePrometheus(metrics);
  onTestFinished(async () => endpoint.close());
  await store.saveState("a", 1);
  takes(1);
  for (let i = 0; i < 3; i++) await store.loadState("a");
  takes(100);
  await store.loadState("a");
  takes(20_000);
  await expect(store.loadState("none")).rejects.toThrow(StateError);
  await expect(store.deleteState("a")).rejects.toThrow(StateError);
  const response = await fetch(endpoint.url);
  expect(response.headers.get("content-type")).toContain("version=0.0.4");
  const families = parse(await response.text());
  const one = (value: string): Family["metrics"] => [{ value }];
  expect(families.map(({ name, type, metrics }) => ({ name, type, metrics }))).toEqual([
    { name: "ordeal_state_states", type: "GAUGE", metrics: one("2") },
    { name: "ordeal_state_transitions_total", type: "COUNTER", metrics: one("1") },
    { name: "ordeal_state_errors_total", type: "COUNTER", metrics: one("1") },
    {
      name: "ordeal_state_calls_total",
      type: "COUNTER",
      metrics: [
        { value: "5", labels: { outcome: "ok" } },
        { value: "1", labels: { outcome: "not-found" } },
        { value: "1", labels: { outcome: "unavailable" } },
      ],
    },
    { name: "ordeal_state_throughput", type: "GAUGE", metrics: [expect.anything()] },
    { name: "ordeal_state_healthy", type: "GAUGE", metrics: one("0") },
    { name: "ordeal_state_latency_seconds", type: "HISTOGRAM", metrics: [expect.anything()] },
  ]);
  for (const { help } of families) expect(help).not.toBe("");
  expect(Number(families[4]?.metrics[0]?.value)).toBeCloseTo(2 / 0.903, 6);
  const histogram = families.at(-1)?.metrics[0];
  expect(histogram).toMatchObject({ count: "7" });
  expect(Number(histogram?.sum)).toBeCloseTo(20.103, 6);
  // The save and the refused deletion take no time here; the longest is above all bounds.
  const buckets = Object.entries(histogram?.buckets ?? {}).map(
    ([bound, count]) => [bound === "+Inf" ? Infinity : Number(bound), Number(count)] as const,
  );
  for (const [bound, count] of buckets) {
    const upTo = bound < 0.001 ? 2 : bound < 0.1 ? 5 : bound < 20 ? 6 : 7;
    expect([bound, count]).toEqual([bound, upTo]);
  }
  expect(buckets).toHaveLength(12);
  expect(Object.keys(histogram?.buckets ?? {})).toContain("0.000524287");
  expect(buckets.at(-1)?.[0]).toBe(Infinity);
});

test("labels with quotes, backslashes and line ends come back as they were", async () => {
  const { metrics } = await scene();
  const store = 'a "strange"\\\nname\\n';
  const [first] = parse(prometheusText(metrics(), { store }));
  expect(first?.metrics).toEqual([{ value: "1", labels: { store } }]);
});

test("an endpoint serves what is measured now, and nothing else", async () => {
  const { store, metrics } = await scene();
  const endpoint = await servePrometheus(metrics);
  onTestFinished(async () => endpoint.close());
  for (const count of ["1", "2"]) {
    const families = parse(await (await fetch(endpoint.url)).text());
    expect(families[0]?.metrics).toEqual([{ value: count }]);
    await store.saveState("a", 1);
  }
  expect((await fetch(new URL("/", endpoint.url))).status).toBe(404);
  expect((await fetch(endpoint.url, { method: "POST" })).status).toBe(404);
});
