/** Queues: loss, duplicates, strangers, against the definitions written out. */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { checkerContract } from "../src/testing/index.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { events, operations } from "../test/oracle/events.js";
import { compareWithDefinition, type Definition } from "../test/oracle/random-events.js";
import { totalQueue, type TotalQueueOptions } from "./total-queue.js";

const check = async (
  given: readonly NewEvent[],
  options: TotalQueueOptions = {},
): Promise<Verdict> => totalQueue(options).check(historyOf(given), createBudget());

describe("contract", () => {
  const contract = checkerContract({
    checker: totalQueue(),
    valid: operations(
      0,
      [0, "enqueue", 1],
      [0, "enqueue", "x"],
      [1, "dequeue", null, "x"],
      [1, "dequeue", null, 1],
      [1, "dequeue"],
    ),
    violations: {
      "a lost element": operations(90, [2, "enqueue", 5], [1, "dequeue"]),
      "an element twice": operations(90, [2, "dequeue", null, 1]),
      "an element made up": operations(90, [2, "drain", null, [9]]),
    },
    unobserved: events(0, ["invoke", 9, "enqueue", 100], ["info", 9, "enqueue", 100]),
  });
  for (const { name, run } of contract) test(name, run);
});

test("what is not seen empty may still be in the queue", async () => {
  const given = operations(0, [0, "enqueue", 1], [0, "enqueue", 2], [1, "dequeue", null, 1]);
  const verdict = await check(given);
  expect(verdict.verdict).toBe("unknown");
  expect(verdict.reason).toContain("1 acknowledged element never came out");
  expect((await check(given, { delivery: "at-most-once" })).verdict).toBe("valid");
  for (const empty of [
    operations(9, [1, "dequeue", null, null]),
    operations(9, [1, "drain", null, []]),
  ]) {
    expect((await check([...given, ...empty])).anomalies).toMatchObject([
      { kind: "lost-element", operations: [2, 6], details: { element: 2 } },
    ]);
    expect((await check([...given, ...empty], { delivery: "at-most-once" })).verdict).toBe("valid");
  }
  const [begun, ended] = operations(9, [1, "dequeue", null, null, "fail"]);
  const failed = [begun as NewEvent, { ...(ended as NewEvent), error: ["empty"] }];
  expect((await check([...given, ...failed])).verdict).toBe("invalid");
});

test("a dequeue that never answered may have taken one element, not two", async () => {
  const taker = operations(9, [2, "dequeue", null, null, "info"]);
  const empty = operations(20, [1, "dequeue", null, null]);
  const one = [...operations(0, [0, "enqueue", 1]), ...taker, ...empty];
  expect((await check(one)).verdict).toBe("valid");
  expect((await check(one)).details).toMatchObject({ missing: 1, indeterminateDequeues: 1 });
  const two = [...operations(0, [0, "enqueue", 1], [0, "enqueue", 2]), ...taker, ...empty];
  expect((await check(two)).anomalies).toMatchObject([
    { kind: "lost-element", operations: [0, 2, 6], details: { indeterminateDequeues: 1 } },
  ]);
  // The dequeue began after the queue was empty: it took nothing that was lost by then.
  const late = [
    ...operations(0, [0, "enqueue", 1]),
    ...empty,
    ...operations(30, [2, "dequeue", null, null, "info"]),
  ];
  expect((await check(late)).verdict).toBe("invalid");
  const drained = [
    ...operations(0, [0, "enqueue", 1], [0, "enqueue", 2]),
    ...operations(9, [2, "drain", null, null, "info"]),
    ...empty,
  ];
  expect((await check(drained)).verdict).toBe("valid");
});

test("equal elements are counted; indeterminate ones are recovered", async () => {
  const verdict = await check(
    operations(
      0,
      [0, "enqueue", 1],
      [0, "enqueue", 1, null, "info"],
      [1, "dequeue", null, 1],
      [1, "dequeue", null, 1],
      [1, "dequeue"],
    ),
  );
  expect(verdict.verdict).toBe("valid");
  expect(verdict.details).toMatchObject({ enqueued: 1, dequeued: 2, recovered: 1 });
  const failed = operations(0, [0, "enqueue", 1, null, "fail"], [1, "dequeue", null, 1]);
  expect((await check(failed)).anomalies).toMatchObject([{ kind: "unexpected-element" }]);
});

test("at least once: duplicates are counted and forgiven", async () => {
  const given = operations(0, [0, "enqueue", 1], [1, "dequeue", null, 1], [1, "dequeue", null, 1]);
  expect((await check(given)).anomalies).toMatchObject([{ operations: [0, 2, 4] }]);
  const verdict = await check(given, { delivery: "at-least-once" });
  expect(verdict).toMatchObject({ verdict: "valid", details: { duplicated: 1 } });
});

/** The definitions of the header. Loss: no choice of what the silent dequeues took explains it. */
const definition: Definition = (calls) => {
  const enqueues = calls.filter(({ f, outcome }) => f === "enqueue" && outcome !== "fail");
  const answers = calls
    .filter(({ f, outcome }) => f !== "enqueue" && outcome === "ok")
    .toSorted((a, b) => a.end - b.end);
  const kinds: string[] = [];
  const taken = new Map<Value, number>();
  for (const { f, output, end } of answers) {
    const values = f === "drain" ? (output as readonly Value[]) : output === null ? [] : [output];
    for (const value of values as readonly Value[]) {
      const put = enqueues.filter(({ input, begin }) => input === value && begin < end).length;
      const count = taken.get(value) ?? 0;
      if (put === 0) kinds.push("unexpected-element");
      else if (count >= put) kinds.push("duplicated-element");
      else taken.set(value, count + 1);
    }
  }
  for (const empty of answers) {
    if (empty.f !== "drain" && empty.output !== null) continue;
    const silent = calls.filter(
      ({ f, outcome, begin }) => f !== "enqueue" && outcome === "info" && begin < empty.end,
    );
    if (silent.some(({ f }) => f === "drain")) continue;
    let gone = 0;
    for (const value of new Set(enqueues.map(({ input }) => input))) {
      const before = enqueues.filter(
        ({ input, outcome, end }) => input === value && outcome === "ok" && end < empty.begin,
      );
      gone += Math.max(0, before.length - (taken.get(value) ?? 0));
    }
    if (gone > silent.length) kinds.push("lost-element");
  }
  return kinds;
};

test("agrees with the definitions on random histories", async () => {
  const tally = await compareWithDefinition(totalQueue(), definition, {
    histories: 8000,
    operationsMax: 8,
    call: (dice) => {
      const kind = dice(20);
      if (kind < 10) return { f: "enqueue", input: dice(3), output: null };
      if (kind < 19) return { f: "dequeue", input: null, output: dice(2) === 0 ? null : dice(3) };
      return { f: "drain", input: null, output: [0, 1, 2].filter(() => dice(2) === 0) };
    },
  });
  for (const kind of ["lost-element", "unexpected-element", "duplicated-element"]) {
    expect(tally.kinds[kind], kind).toBeGreaterThan(100);
  }
  expect(tally.invalid).toBeLessThan(7000);
});
