import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { linearizable } from "../../../checkers/linearizable.js";
import { MODELS } from "../../cli/catalog.js";
import { createBudget } from "../../checker/checker.js";
import type { History } from "../../history/history.js";
import type { Value } from "../../history/value.js";
import { counter } from "../../model/counter.js";
import { register } from "../../model/register.js";
import type { Model } from "../../model/model.js";
import { operationArbitrary } from "./calls.js";
import { historyArbitrary, plantedHistoryArbitrary } from "./histories.js";

async function verdictOf(history: History, model: Model): Promise<string> {
  return (await linearizable({ model }).check(history, createBudget())).verdict;
}

describe("histories", () => {
  test.each(MODELS.map((entry) => [entry.name, entry] as const))(
    "of %s are right, concurrent, and answer something",
    async (_, entry) => {
      const model = entry.make();
      let answers = 0;
      let overlaps = 0;
      await fc.assert(
        fc.asyncProperty(historyArbitrary({ model, stepsMax: 40 }), async (history) => {
          fc.pre(history.length > 0);
          expect(await verdictOf(history, model)).not.toBe("invalid");
          for (const index of history.invocations()) {
            if (history.operation(index).outcome === "ok") answers++;
            if (index > 0 && history.event(index - 1).type === "invoke") overlaps++;
          }
        }),
        { numRuns: 60 },
      );
      expect(answers).toBeGreaterThan(60);
      expect(overlaps).toBeGreaterThan(20);
    },
  );

  test("with a planted anomaly are wrong, and right without it", async () => {
    const model = register();
    for (const anomaly of ["thin-air", "stale"] as const) {
      await fc.assert(
        fc.asyncProperty(
          plantedHistoryArbitrary({ model, anomaly, indeterminate: 0 }),
          async ({ history, right, event }) => {
            expect(await verdictOf(history, model)).toBe("invalid");
            expect(await verdictOf(right, model)).toBe("valid");
            expect(history.event(event).value).not.toEqual(right.event(event).value);
          },
        ),
        { numRuns: 15 },
      );
    }
  });

  test("shrink to few operations", async () => {
    const found = await fc.check(
      fc.asyncProperty(historyArbitrary({ model: counter(), stepsMax: 90 }), async (history) => {
        for (const index of history.invocations()) {
          const { f, output } = history.operation(index);
          if (f === "read" && typeof output === "number" && output >= 4) throw new Error("four");
        }
      }),
      { seed: 5 },
    );
    expect(found.failed).toBe(true);
    const [history] = found.counterexample ?? [];
    expect(history?.invocations().length).toBeLessThanOrEqual(3);
  });
});

test("operations are those that the model knows", () => {
  for (const entry of MODELS) {
    const { name } = entry;
    const { functions } = entry.make();
    const drawn = fc.sample(operationArbitrary({ name }, { keys: ["k"] }), {
      numRuns: 30,
      seed: 1,
    });
    for (const { f, key } of drawn) {
      expect(key).toBe("k");
      if (functions !== undefined) expect(functions).toContain(f);
    }
  }
});

test("a model of one's own says what can be called", () => {
  const model = { ...counter(), name: "gauge" };
  expect(() => operationArbitrary(model)).toThrow(/what can be called on a gauge/);
  const calls = [{ f: "read", input: fc.constant<Value>(null) }];
  expect(fc.sample(operationArbitrary(model, { calls }), 1)).toEqual([{ f: "read", value: null }]);
});
