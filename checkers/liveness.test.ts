/** Liveness after healing, against the definition written out. */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type NewEvent } from "../src/history/history.js";
import { checkerContract } from "../src/testing/index.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { events, operations } from "../test/oracle/events.js";
import { compareWithDefinition } from "../test/oracle/random-events.js";
import { liveness, type LivenessOptions } from "./liveness.js";

const check = async (
  given: readonly NewEvent[],
  options: LivenessOptions = { withinMs: 4 },
): Promise<Verdict> => liveness(options).check(historyOf(given), createBudget());

const fault = (startMs: number, f: string): readonly NewEvent[] =>
  events(startMs, ["info", "nemesis", f], ["info", "nemesis", f]);

describe("contract", () => {
  const contract = checkerContract({
    checker: liveness({ withinMs: 4 }),
    valid: [
      ...fault(0, "start-crash"),
      ...fault(2, "stop-crash"),
      ...operations(4, [0, "read", null, 1]),
    ],
    violations: {
      "no recovery": [
        ...fault(10, "start-pause"),
        ...fault(12, "stop-pause"),
        ...operations(14, [0, "read", null, null, "fail"], [0, "read", null, null, "fail"]),
        ...operations(18, [0, "read", null, 1]),
      ],
    },
    unobserved: events(0, ["invoke", 9, "read"], ["info", 9, "read"]),
  });
  for (const { name, run } of contract) test(name, run);
});

test("a success in time recovers; its time is measured from the end of the heal", async () => {
  const verdict = await check([
    ...fault(0, "start-crash"),
    ...fault(2, "stop-crash"),
    ...operations(4, [0, "read", null, null, "fail"], [0, "read", null, 1]),
  ]);
  expect(verdict).toMatchObject({
    verdict: "valid",
    details: { heals: 1, recovered: 1, recoveryMs: { max: 4 } },
  });
});

test("what cannot be judged is unknown: another fault, the end, nobody trying", async () => {
  const healed = [...fault(0, "start-crash"), ...fault(2, "stop-crash")];
  const failing = operations(4, [0, "read", null, null, "fail"]);
  for (const rest of [
    [],
    failing,
    [...failing, ...fault(6, "start-pause"), ...operations(8, [0, "read", null, null, "fail"])],
    [...operations(9, [0, "read", null, 1])],
  ]) {
    const verdict = await check([...healed, ...rest]);
    expect(verdict.verdict).toBe("unknown");
    expect(verdict.reason).toContain("lower withinMs");
  }
  expect((await check(operations(0, [0, "read"]))).reason).toContain("no heal");
});

test("it is healed when the last fault is", async () => {
  const verdict = await check([
    ...fault(0, "start-crash"),
    ...fault(2, "start-pause"),
    ...fault(4, "stop-crash"),
    ...operations(6, [0, "read", null, null, "fail"], [0, "read", null, null, "fail"]),
    ...operations(10, [0, "read", null, null, "fail"]),
    ...fault(12, "stop-pause"),
    ...operations(14, [0, "read", null, 1]),
  ]);
  expect(verdict).toMatchObject({ verdict: "valid", details: { heals: 1 } });
});

test("other names for healing; functions that must succeed", async () => {
  const given = [
    ...fault(0, "kill"),
    ...fault(2, "revive"),
    ...operations(4, [0, "read", null, 1], [0, "write", 1, null, "fail"]),
    ...operations(8, [0, "write", 1, null, "fail"]),
  ];
  expect((await check(given)).verdict).toBe("unknown");
  expect((await check(given, { withinMs: 4, heals: ["revive"] })).verdict).toBe("valid");
  const writes = await check(given, { withinMs: 4, heals: ["revive"], functions: ["write"] });
  expect(writes.anomalies).toMatchObject([{ kind: "no-recovery", operations: [6] }]);
});

test("agrees with the definition on random histories", async () => {
  const tally = await compareWithDefinition(
    liveness({ withinMs: 4 }),
    (calls, given) => {
      const starts = given.flatMap(({ f }, i) => (f === "start-x" ? [i] : []));
      const stops = given.flatMap(({ f }, i) => (f === "stop-x" ? [i] : []));
      // An odd number of events: each stands for itself.
      const heals = stops.filter((_, k) => stops.length % 2 === 1 || k % 2 === 1);
      return heals.flatMap((heal, k) => {
        const begun = starts.findLast((start) => start < heal);
        if (begun === undefined || heals.slice(0, k).some((other) => other > begun)) return [];
        const next = Math.min(given.length - 1, ...starts.filter((start) => start > heal));
        // Events are a millisecond apart, so that the deadline is four of them later.
        if (next <= heal + 4) return [];
        const inTime = (index: number): boolean => index > heal && index <= heal + 4;
        if (calls.some(({ outcome, end }) => outcome === "ok" && inTime(end))) return [];
        const tried = calls.filter(({ begin, completion = Infinity }) =>
          inTime(begin) ? begin <= heal + 2 || completion <= heal + 4 : false,
        );
        return tried.length > 0 ? ["no-recovery"] : [];
      });
    },
    {
      histories: 8000,
      operationsMax: 12,
      troubled: 2,
      fault: (dice) => (dice(2) === 0 ? "start-x" : "stop-x"),
      call: () => ({ f: "read", input: null, output: null }),
    },
  );
  expect(tally.invalid).toBeGreaterThan(100);
  expect(tally.invalid).toBeLessThan(5000);
});
