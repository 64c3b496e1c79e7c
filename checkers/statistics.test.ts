/** Statistics: counts, availability, latencies. */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf } from "../src/history/history.js";
import { checkerContract } from "../src/testing/index.js";
import { events, operations } from "../test/oracle/events.js";
import { compareWithDefinition } from "../test/oracle/random-events.js";
import { statistics } from "./statistics.js";

const good = operations(0, [0, "read", null, 1], [1, "write", 1, null]);

describe("contract", () => {
  const contract = checkerContract({
    checker: statistics({ minAvailability: 0.6 }),
    valid: good,
    violations: { "a failed read": operations(9, [1, "read", null, null, "fail"]) },
  });
  for (const { name, run } of contract) test(name, run);
});

test("counts by function, and what a latency is", async () => {
  const history = historyOf([...good, ...operations(9, [1, "read", null, null, "info"])]);
  const verdict = await statistics().check(history, createBudget());
  expect(verdict).toMatchObject({ verdict: "valid", operations: 3 });
  expect(verdict.details).toEqual({
    invoked: 3,
    ok: 2,
    durationMs: 10,
    functions: {
      read: {
        invoked: 2,
        ok: 1,
        fail: 0,
        info: 1,
        availability: 0.5,
        latencyMs: { p50: 1, p95: 1, p99: 1, max: 1 },
      },
      write: {
        invoked: 1,
        ok: 1,
        fail: 0,
        info: 0,
        availability: 1,
        latencyMs: { p50: 1, p95: 1, p99: 1, max: 1 },
      },
    },
    anomalies: {},
  });
});

test("counts by fault, of the operations that were invoked while it was going on", async () => {
  const nemesis = (ms: number, f: string): ReturnType<typeof events> =>
    events(ms, ["info", "nemesis", f], ["info", "nemesis", f]);
  const history = historyOf([
    ...operations(0, [0, "read", null, 1]),
    ...nemesis(10, "start-x"),
    ...operations(20, [0, "read", null, 1], [0, "read", null, null, "fail"]),
    ...nemesis(30, "start-y"),
    ...operations(40, [0, "read", null, null, "info"]),
    ...nemesis(50, "stop-x"),
    ...operations(60, [1, "read", null, 1]),
    ...nemesis(70, "stop-y"),
    ...operations(80, [1, "read", null, 1]),
  ]);
  const { details } = await statistics().check(history, createBudget());
  expect(details).toMatchObject({
    faults: {
      none: { invoked: 2, ok: 2, availability: 1 },
      x: { invoked: 3, ok: 1, fail: 1, info: 1, latencyMs: { max: 1 } },
      y: { invoked: 2, ok: 1, info: 1, availability: 0.5 },
    },
  });
});

test("a run in which nothing succeeded is unknown", async () => {
  const history = historyOf(operations(0, [0, "read", null, null, "fail"]));
  const verdict = await statistics().check(history, createBudget());
  expect(verdict.verdict).toBe("unknown");
  expect(verdict.reason).toContain("none of the 1 operations completed ok");
});

test("a function that never succeeded was not tested", async () => {
  const history = historyOf(
    operations(0, [0, "read", null, 1], [0, "cas", [1, 2], null, "fail"], [0, "cas", [3, 4]]),
  );
  expect((await statistics().check(history, createBudget())).verdict).toBe("valid");
  const never = historyOf(operations(0, [0, "read", null, 1], [0, "cas", [1, 2], null, "fail"]));
  const verdict = await statistics().check(never, createBudget());
  expect(verdict.verdict).toBe("unknown");
  expect(verdict.reason).toMatch(/^Nothing was proved of cas: /);
});

test("agrees with the definition on random histories", async () => {
  const tally = await compareWithDefinition(
    statistics({ minAvailability: 0.5 }),
    (calls) =>
      ["a", "b"].flatMap((f) => {
        const all = calls.filter((call) => call.f === f);
        const ok = all.filter(({ outcome }) => outcome === "ok");
        return ok.length * 2 < all.length ? ["unavailable"] : [];
      }),
    {
      histories: 2000,
      operationsMax: 8,
      troubled: 2,
      call: (dice) => ({ f: dice(2) === 0 ? "a" : "b", input: null, output: null }),
    },
  );
  expect(tally.invalid).toBeGreaterThan(400);
  expect(tally.invalid).toBeLessThan(1900);
});
