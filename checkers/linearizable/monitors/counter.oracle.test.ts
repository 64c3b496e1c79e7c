/**
 * Counters against brute force: of equal amounts, where the monitor decides everything, and of
 * others, where it may only refute.
 */
import { describe, expect, test } from "vitest";
import { counter } from "../../../src/model/counter.js";
import type { Value } from "../../../src/history/value.js";
import { expectAgreement, LINEARIZABLE, type Counts } from "../../../test/oracle/differential.js";
import type { CallShape } from "../../../test/oracle/random-history.js";

/** Both verdicts are common, and the monitor decided at least this share of them. */
function expectDecided(counts: Counts, share: number): void {
  const all = counts.valid + counts.invalid;
  expect(counts.valid / all).toBeGreaterThan(0.1);
  expect(counts.invalid / all).toBeGreaterThan(0.1);
  expect((counts.searches["counter-steps"] ?? 0) / all).toBeGreaterThan(share);
}

const numbers = Array.from({ length: 11 }, (_, number) => number - 2);

function adding(f: string, inputs: readonly Value[], outputs: readonly Value[] = numbers) {
  const shape: CallShape = {
    f,
    input: ({ dice }) => inputs[dice(inputs.length)] ?? null,
    outputs: () => outputs,
  };
  return shape;
}

const read: CallShape = { f: "read", input: () => null, outputs: () => numbers };

/** Brute force takes long over so many operations. */
const FEWER = { ...LINEARIZABLE, histories: 2_000 };

describe("counters", { timeout: 3_600_000 }, () => {
  test("of ones", async () => {
    const counts = await expectAgreement(
      (dice) => ({
        model: counter({ initial: dice(2) }),
        operationsMax: 11,
        processesMax: 5,
        indeterminate: dice(3) === 0 ? 3 : 7,
        calls: [
          { ...adding("add", [null, 1]), weight: 2 },
          { ...read, weight: 1 + dice(3) },
          ...(dice(2) === 0 ? [] : [adding("increment", [null])]),
        ],
      }),
      FEWER,
    );
    expectDecided(counts, 0.99);
  });

  test("of equal amounts, some of them nothing", async () => {
    const counts = await expectAgreement((dice) => {
      const amount = dice(2) === 0 ? 2 : -1;
      return {
        model: counter({ initial: 2 }),
        operationsMax: 10,
        processesMax: 5,
        calls: [
          { ...adding("add", [amount]), weight: 2 },
          adding("decrement", dice(2) === 0 ? [0] : [-amount]),
          { ...read, weight: 2 },
        ],
      };
    }, FEWER);
    expectDecided(counts, 0.95);
  });

  test("whose adds answer the number", async () => {
    const counts = await expectAgreement((dice) => {
      const amounts = [[null], [1, 1, 0], [-1]][dice(3)] as Value[];
      const answers = dice(2) === 0 ? numbers : [null, ...numbers];
      return {
        model: counter({ initial: 3, addReturns: dice(2) === 0 ? "new" : "old" }),
        operationsMax: 9,
        processesMax: 5,
        indeterminate: dice(3) === 0 ? 3 : 7,
        calls: [
          { ...adding("add", amounts, answers), weight: 3 },
          { ...read, weight: dice(3) },
        ],
      };
    }, FEWER);
    expectDecided(counts, 0.95);
  });

  test("of few amounts of one sign, for which an order is found where there is one", async () => {
    const counts = await expectAgreement((dice) => {
      const amounts = dice(2) === 0 ? [1, 2, 3, 0] : [-1, -1, -2];
      return {
        model: counter({ initial: dice(2) * 3 }),
        operationsMax: 10,
        processesMax: 5,
        indeterminate: dice(3) === 0 ? 3 : 7,
        calls: [
          { ...adding("add", amounts), weight: 2 },
          { ...read, weight: 1 + dice(3) },
        ],
      };
    }, FEWER);
    // All that has an order, and what bounds refute.
    expectDecided(counts, 0.6);
    expect(counts.searches["counter-steps"]).toBeGreaterThanOrEqual(counts.valid);
  });

  test("of different amounts, which bounds may refute", async () => {
    const counts = await expectAgreement((dice) => {
      const amounts = [
        [1, 2, 3, 0],
        [-1, -2],
        [1, 2, -1, -3],
      ][dice(3)] as Value[];
      const addReturns = dice(2) === 0 ? "nothing" : dice(2) === 0 ? "old" : "new";
      return {
        model: counter({ initial: dice(2) * 3, addReturns }),
        operationsMax: 9,
        processesMax: 5,
        calls: [
          { ...adding("add", amounts), weight: 2 },
          adding("decrement", amounts),
          { ...read, weight: 2 },
        ].slice(dice(2)),
      };
    }, FEWER);
    expectDecided(counts, 0.2);
    expect(Object.keys(counts.searches).length).toBeGreaterThan(1);
  });
});
