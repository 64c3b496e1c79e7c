/**
 * The orders that a refutation excludes: all that real time allows, each impossible where it says;
 * and what an undecided check says of itself.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import { casRegister } from "../../src/model/cas-register.js";
import { fifoQueue } from "../../src/model/fifo-queue.js";
import type { Model } from "../../src/model/model.js";
import { register } from "../../src/model/register.js";
import { createDice, randomHistory } from "../../test/oracle/random-history.js";
import { linearizable } from "../linearizable.js";
import type { Excluded } from "./excluded.js";

type Line = readonly [NewEvent["type"], number, string, Value];

function history(...lines: readonly Line[]): History {
  return historyOf(
    lines.map(([type, process, f, value], timeNs) => ({ type, process, f, value, timeNs })),
  );
}

/** The model as one that no monitor knows. */
function searched(model: Model): Model {
  const { type: _, ...rest } = model;
  return rest;
}

async function detailsOf(model: Model, of: History): Promise<{ [name: string]: Value }> {
  const verdict = await linearizable({ model, threads: 1 }).check(of, createBudget());
  return { ...verdict.anomalies[0]?.details };
}

describe("excluded orders", () => {
  test("a stale read: one order, one refusal", async () => {
    const stale = history(
      ["invoke", 0, "write", 1],
      ["ok", 0, "write", 1],
      ["invoke", 0, "write", 2],
      ["ok", 0, "write", 2],
      ["invoke", 1, "read", null],
      ["ok", 1, "read", 1],
    );
    const { excluded, window } = await detailsOf(searched(register()), stale);
    expect(excluded).toEqual({
      orders: [{ after: [0, 2], refused: 4, states: [2], stateCount: 1 }],
      realTime: [
        [0, 2],
        [2, 4],
      ],
      complete: true,
    });
    expect(window).toEqual([0, 5]);
  });

  test("without the operations that are not needed", async () => {
    const swapped = history(
      ["invoke", 0, "write", 1],
      ["invoke", 1, "write", 2],
      ["ok", 0, "write", 1],
      ["ok", 1, "write", 2],
      ["invoke", 0, "read", null],
      ["ok", 0, "read", 1],
      ["invoke", 0, "read", null],
      ["ok", 0, "read", 2],
    );
    const { excluded } = await detailsOf(searched(register()), swapped);
    const { orders, complete } = excluded as unknown as Excluded;
    expect(complete).toBe(true);
    // The first write may have happened at any time after its call; it is not needed.
    expect(orders).toEqual([{ after: [1, 4], refused: 6, states: [1], stateCount: 1 }]);
  });

  test.each([
    [
      "cas-register",
      casRegister({ initial: 0 }),
      [
        { f: "read", input: () => null, outputs: () => [0, 1, 2] },
        { f: "write", input: ({ dice }) => dice(3), outputs: (_, input) => [input] },
        {
          f: "cas",
          input: ({ dice }) => [dice(3), dice(3)],
          outputs: (_, input) => [input],
        },
      ],
    ],
    [
      "fifo-queue",
      fifoQueue(),
      [
        { f: "enqueue", input: ({ dice }) => dice(3), outputs: (_, input) => [input] },
        { f: "dequeue", input: () => null, outputs: () => [0, 1, 2, null] },
      ],
    ],
  ] satisfies readonly [string, Model, Parameters<typeof randomHistory>[1]["calls"]][])(
    "of random histories of a %s: each order that real time allows begins as one that is excluded",
    async (_, model, calls) => {
      const dice = createDice(20261126);
      const shape = { model, calls, operationsMax: 7, processesMax: 4 };
      let complete = 0;
      let invalid = 0;
      for (let round = 0; round < 1500; round++) {
        const of = historyOf(randomHistory(dice, shape));
        const details = await detailsOf(searched(model), of);
        if (details["required"] === undefined) continue;
        invalid++;
        const excluded = details["excluded"] as Excluded | undefined;
        if (excluded?.complete !== true) continue;
        complete++;
        for (const order of linearOrders(of, details["required"] as number[])) {
          const refusals = excluded.orders.filter(({ after, refused }) =>
            [...after, refused].every((one, at) => order[at] === one),
          );
          expect(refusals).toHaveLength(1);
        }
      }
      expect(invalid).toBeGreaterThan(200);
      expect(complete).toBeGreaterThan(0.95 * invalid);
    },
  );
});

/** All orders that real time allows. */
function linearOrders({ pairs }: History, operations: readonly number[]): number[][] {
  if (operations.length === 0) return [[]];
  const firstReturn = Math.min(...operations.map((one) => pairs[one] as number));
  return operations
    .filter((one) => one < firstReturn)
    .flatMap((one) =>
      linearOrders(
        { pairs } as History,
        operations.filter((other) => other !== one),
      ).map((order) => [one].concat(order)),
    );
}

test("an undecided check names the place, and what made it dear", async () => {
  const writes = Array.from({ length: 12 }, (_, at): Line[] => [["invoke", at, "add", at + 1]]);
  const lines: Line[] = [
    ...writes.flat(),
    ["invoke", 90, "add", 1000],
    ["info", 90, "add", 1000],
    ["invoke", 91, "add", 1000],
    ...Array.from({ length: 12 }, (_, at): Line => ["ok", at, "add", at + 1]),
    ["invoke", 50, "look", null],
    ["ok", 50, "look", 0.5],
  ];
  const model: Model<number> = {
    name: "scrambler",
    options: {},
    initial: () => 1,
    step: (state, { f, input, output, outcome }) => {
      if (f === "look") return outcome !== "ok" || output === state ? [state] : [];
      return [Math.imul(state ^ Number(input), 0x9e3779b1) ^ (state >>> 7)];
    },
  };
  const budget = createBudget({ memoryBytes: 1 << 20 });
  const verdict = await linearizable({ model, threads: 1 }).check(history(...lines), budget);
  expect(verdict.verdict).toBe("unknown");
  expect(verdict.reason).toContain("out of memory");
  expect(verdict.reason).toContain("2 × add of 1000");
  expect(verdict.reason).toMatch(/Process \d+'s add of \d+/);
  const undecided = verdict.details?.["undecided"] as { [name: string]: Value };
  expect(undecided).toMatchObject({ limit: "memory", part: null, completed: 13, openMax: 12 });
  expect(undecided["open"]).not.toHaveLength(0);
  expect(undecided["indeterminate"]).toMatchObject([{ count: 2, operation: "add of 1000" }]);
  expect(undecided["configurationsMax"]).toBeGreaterThan(1000);
});
