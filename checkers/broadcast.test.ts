/** Broadcasts: loss, lateness and strangers at every place, against the definitions. */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { checkerContract } from "../src/testing/index.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { events, operations } from "../test/oracle/events.js";
import { compareWithDefinition, type Call } from "../test/oracle/random-events.js";
import { broadcast, type BroadcastOptions } from "./broadcast.js";

const check = async (
  given: readonly NewEvent[],
  options: BroadcastOptions = {},
): Promise<Verdict> => broadcast(options).check(historyOf(given), createBudget());

describe("contract", () => {
  const contract = checkerContract({
    checker: broadcast(),
    valid: operations(
      0,
      [0, "broadcast", 1],
      [1, "read", "n1", [1]],
      [1, "read", "n2", []],
      [1, "read", "n2", [1]],
    ),
    violations: {
      "a message lost at one place": operations(90, [0, "read", "n2", []]),
      "a message made up": operations(90, [0, "read", "n1", [1, 2]]),
      "a message twice": operations(90, [0, "read", "n1", [1, 1]]),
    },
    unobserved: events(0, ["invoke", 9, "broadcast", 100], ["info", 9, "broadcast", 100]),
  });
  for (const { name, run } of contract) test(name, run);
});

test("places are keys, inputs or processes; a loss names its place", async () => {
  const given = operations(0, [0, "broadcast", 1], [1, "read", null, [1]], [2, "read", null, []]);
  expect((await check(given)).anomalies).toMatchObject([
    { kind: "lost-message", operations: [0, 4], details: { place: "process 2" } },
  ]);
  const keyed = operations(
    0,
    [0, "broadcast", 1],
    [1, "read", null, [1], "ok", "a"],
    [1, "read", null, [], "ok", "b"],
  );
  expect((await check(keyed)).anomalies).toMatchObject([{ details: { place: '"b"' } }]);
});

test("a process that has left before the last broadcast has lost nothing", async () => {
  const left = operations(0, [0, "broadcast", 1], [2, "read", null, []], [0, "broadcast", 2]);
  const after = operations(90, [1, "read", null, [1, 2]]);
  expect(await check([...left, ...after])).toMatchObject({
    verdict: "valid",
    details: { unsettled: 1 },
  });
  const stays = operations(99, [2, "read", null, [2]]);
  expect((await check([...left, ...after, ...stays])).anomalies).toMatchObject([
    { kind: "lost-message", details: { element: 1, place: "process 2" } },
  ]);
});

test("a late message is measured, and refused beyond a bound", async () => {
  const given = operations(0, [0, "broadcast", 1], [1, "read", "n", []], [1, "read", "n", [1]]);
  const verdict = await check(given, { maxLatencyMs: 1 });
  expect(verdict).toMatchObject({
    verdict: "valid",
    details: { arrivals: 1, latencyMs: { max: 1 } },
  });
  expect((await check(given, { maxLatencyMs: 0 })).anomalies).toMatchObject([
    { kind: "late-message", operations: [0, 2, 4] },
  ]);
});

test("agrees with the definitions on random histories", async () => {
  const tally = await compareWithDefinition(
    broadcast({ maxLatencyMs: 2 }),
    (calls) => {
      const sent = calls.filter(({ f, outcome }) => f === "broadcast" && outcome !== "fail");
      const reads = calls.filter(({ f, outcome }) => f === "read" && outcome === "ok");
      const shows = ({ output }: Call, value: Value): boolean =>
        (output as readonly Value[]).includes(value);
      const kinds: string[] = [];
      for (const { output, end } of reads) {
        for (const value of output as readonly Value[]) {
          if (!sent.some(({ input, begin }) => input === value && begin < end)) {
            kinds.push("unexpected-message");
          }
        }
      }
      for (const value of new Set(sent.map(({ input }) => input))) {
        const known = Math.min(
          ...sent.filter(({ input }) => input === value).map(({ end }) => end),
          ...reads.filter((read) => shows(read, value)).map(({ end }) => end),
        );
        for (const place of new Set(reads.map(({ input }) => input))) {
          const here = reads.filter(({ input }) => input === place);
          const last = here.findLast((read) => !shows(read, value) && read.begin > known);
          if (last === undefined) continue;
          const comes = here.some((read) => shows(read, value) && read.end > last.begin);
          if (!comes) kinds.push("lost-message");
          // Events are a millisecond apart.
          else if (last.begin - known > 2) kinds.push("late-message");
        }
      }
      return kinds;
    },
    {
      histories: 5000,
      operationsMax: 9,
      call: (dice) =>
        dice(3) === 0
          ? { f: "broadcast", input: dice(3), output: null }
          : {
              f: "read",
              input: dice(2) === 0 ? "a" : "b",
              output: [0, 1, 2].filter((value) => dice(value === 2 ? 9 : 2) === 0),
            },
    },
  );
  for (const kind of ["lost-message", "unexpected-message", "late-message"]) {
    expect(tally.kinds[kind], kind).toBeGreaterThan(100);
  }
  expect(tally.invalid).toBeLessThan(4800);
});
