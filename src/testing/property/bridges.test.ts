import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gossip } from "../../../backends/gossip.js";
import { quorum } from "../../../backends/quorum.js";
import { partition } from "../../../nemeses/partition.js";
import { register as registerWorkload } from "../../../workloads/register.js";
import type { Value } from "../../history/value.js";
import { counter } from "../../model/counter.js";
import { kv } from "../../model/kv.js";
import type { CalledWith } from "./calls.js";
import { modelCommands, modelStates, type RealObject } from "./commands.js";
import { raceProperty } from "./races.js";
import { faultScheduleArbitrary, ordealProperty, type OrdealTest } from "./runs.js";

/** A store of one map, which may forget what was appended to. */
function store(bug = false): RealObject {
  const values = new Map<Value, string>();
  return {
    invoke: ({ f, key = null, value }: CalledWith) => {
      if (f === "get") return values.get(key) ?? null;
      if (f === "delete") values.delete(key);
      else if (f === "put") values.set(key, value as string);
      else values.set(key, bug ? (value as string) : `${values.get(key) ?? ""}${value as string}`);
      return null;
    },
  };
}

describe("commands of a model", () => {
  const commands = modelCommands({ model: kv(), keys: ["a", "b"] });
  const property = (make: () => RealObject) =>
    fc.asyncProperty(commands, async (run) => {
      await fc.asyncModelRun(() => ({ model: modelStates(), real: make() }), run);
    });

  test("pass on an object that does what the model says", async () => {
    await fc.assert(property(() => store()));
  });

  test("fail on one that does not, with few commands left and what was expected", async () => {
    const found = await fc.check(property(() => store(true)));
    expect(found.failed).toBe(true);
    const message = String(found.errorInstance);
    expect(message).toMatch(
      /get\(null\) returned ".*", which the kv model does not allow in state ".*"/,
    );
    expect([...(found.counterexample?.[0] ?? [])]).toHaveLength(3);
  });
});

describe("races in plain asynchronous code", () => {
  /** A counter whose value is read, and written back when both have been waited for. */
  const counterOf =
    (isAtomic: boolean) =>
    (scheduler: fc.Scheduler): RealObject => {
      let count = 0;
      return {
        invoke: async ({ f, value }) => {
          const seen = count;
          if (!isAtomic || f === "read") await scheduler.schedule(Promise.resolve(), f);
          if (f === "read") return count;
          count = (isAtomic ? count : seen) + (value as number);
          if (isAtomic) await scheduler.schedule(Promise.resolve(), f);
          return null;
        },
      };
    };

  test("that leave someone waiting for ever are found, with who waits", async () => {
    // Whoever finds it locked waits until it is woken; only one is remembered.
    const make = (scheduler: fc.Scheduler): RealObject => {
      let count = 0;
      let isLocked = false;
      let wake: (() => void) | undefined;
      return {
        invoke: async ({ f, value }) => {
          if (isLocked) await new Promise<void>((resolve) => (wake = resolve));
          isLocked = true;
          await scheduler.schedule(Promise.resolve(), f);
          if (f !== "read") count += value as number;
          isLocked = false;
          wake?.();
          return f === "read" ? count : null;
        },
      };
    };
    const property = raceProperty({ model: counter(), make });
    const found = await fc.check(property, { endOnFailure: true, seed: 1 });
    expect(found.failed).toBe(true);
    expect(String(found.errorInstance)).toMatch(/stuck: .*waits for ever \(process \d+: \w+/);
  });

  test("are not found where there are none", async () => {
    await fc.assert(raceProperty({ model: counter(), make: counterOf(true) }));
  });

  test("are found, and drawn", async () => {
    const counts: number[] = [];
    for (let seed = 1; seed <= 21; seed++) {
      const found = await fc.check(raceProperty({ model: counter(), make: counterOf(false) }), {
        seed,
      });
      expect(found.failed).toBe(true);
      const message = String(found.errorInstance);
      expect(message).toMatch(/^process \d .*├─ (add|read).* ─┤/m);
      expect(message).toMatch(/├─ read → \d ─┤/);
      counts.push((found.counterexample?.[1] ?? []).flat().length);
    }
    // What is left depends on the order in which it was found; three can show it.
    expect(counts.toSorted((a, b) => a - b)[10]).toBe(3);
  });
});

test("races that nobody can judge are no success", async () => {
  const property = raceProperty({
    model: counter(),
    make: () => ({ invoke: () => null }),
    checker: {
      name: "shrug",
      description: "for a test",
      check: (history) => ({
        verdict: "unknown",
        checker: "shrug",
        reason: "it is hard",
        operations: history.invocations().length,
        elapsedMs: 0,
        anomalies: [],
      }),
    },
  });
  const found = await fc.check(property, { numRuns: 3, maxSkipsPerRun: 2 });
  expect(found).toMatchObject({ failed: true, numSkips: 7 });
});

describe("whole runs", () => {
  const nemeses = () => [partition()];
  const workload = () => registerWorkload();
  const healthy: OrdealTest = { system: () => quorum(), workload, nemeses, timeLimitMs: 2_000 };

  test("of a system that keeps its promise pass", async () => {
    await fc.assert(ordealProperty(healthy), { numRuns: 8 });
  });

  test("of one that does not fail with a small case, drawn and as a file", async () => {
    const cases: string[] = [];
    const test: OrdealTest = { ...healthy, system: () => gossip() };
    const property = ordealProperty(test, { onCase: (text) => cases.push(text), shrinkMs: 20_000 });
    const found = await fc.check(property, { numRuns: 20, seed: 1 });
    expect(found.failed).toBe(true);
    expect(String(found.errorInstance)).toMatch(/process \d+ +├─ /);
    const [text = "{}"] = cases;
    const { format, operations, final } = JSON.parse(text) as {
      readonly format: string;
      readonly operations: readonly object[];
      readonly final: readonly object[];
    };
    expect(format).toBe("ordeal-case");
    expect(operations.length + final.length).toBeLessThanOrEqual(6);
  }, 60_000);

  test("that prove nothing are no success", async () => {
    const silent = { ...healthy, timeLimitMs: 0, nemeses: () => [] };
    const found = await fc.check(ordealProperty(silent), { numRuns: 3, maxSkipsPerRun: 2 });
    expect(found).toMatchObject({ failed: true, numSkips: 7 });
  });

  test("of a system that does not run in the simulation are refused", async () => {
    const real: OrdealTest = { ...healthy, system: () => ({ ...quorum(), worlds: ["real"] }) };
    await expect((async () => fc.assert(ordealProperty(real)))()).rejects.toThrow(
      /does not run in the simulated world/,
    );
  });
});

test("schedules of faults are in the order of time and of the nemeses' functions", () => {
  expect(fc.sample(faultScheduleArbitrary({ nemeses: [] }), 1)).toEqual([[]]);
  const schedules = fc.sample(faultScheduleArbitrary({ nemeses: [partition()] }), 50);
  for (const schedule of schedules) {
    const times = schedule.map(({ atNs }) => atNs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    for (const { invocation } of schedule) expect(invocation.f).toMatch(/^(start|stop)-partition$/);
  }
});
