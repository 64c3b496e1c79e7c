/**
 * Sets and multisets that only grow, with reads of all members, against brute force.
 */
import { describe, expect, test } from "vitest";
import { multiset } from "../../../src/model/multiset.js";
import { set } from "../../../src/model/set.js";
import type { Value } from "../../../src/history/value.js";
import { expectAgreement, type Counts } from "../../../test/oracle/differential.js";
import type { CallShape, Dice, HistoryShape } from "../../../test/oracle/random-history.js";

function expectDecided(counts: Counts, search: string, share = 0.5): void {
  const all = counts.valid + counts.invalid;
  expect(counts.valid / all).toBeGreaterThan(0.1);
  expect(counts.invalid / all).toBeGreaterThan(0.1);
  const decided = counts.searches[search] ?? 0;
  const others = Object.values(counts.searches).reduce((sum, count) => sum + count, 0) - decided;
  expect(decided / (decided + others)).toBeGreaterThan(share);
}

/** A read of all members, and adds of fresh elements, or of one that may be there. */
function growing(dice: Dice, repeats: number, answers: readonly Value[]): CallShape[] {
  let elements = 0;
  return [
    {
      f: "add",
      weight: 2,
      input: ({ fresh, known }) => {
        const repeated = repeats > 0 && dice(repeats) === 0 ? known() : 0;
        if (repeated > 0) return repeated;
        elements++;
        return fresh();
      },
      outputs: () => answers,
    },
    {
      f: "read",
      weight: 2,
      input: () => null,
      outputs: () => {
        const most = Math.min(elements, 6);
        const sets = Array.from({ length: 2 ** most }, (_, bits) =>
          Array.from({ length: most }, (__, place) => place + 1).filter(
            (one) => (bits >> (one - 1)) % 2 === 1,
          ),
        );
        if (dice(12) === 0) sets.push([1, 1], [9]);
        return dice(2) === 0 ? sets : sets.map((one) => one.toReversed());
      },
    },
  ];
}

const looks = (f: string, outputs: readonly Value[]): CallShape => ({
  f,
  input: ({ known }) => known(),
  outputs: () => outputs,
});

const shape = (dice: Dice, rest: Pick<HistoryShape, "model" | "calls">): HistoryShape => ({
  operationsMax: 8,
  processesMax: 5,
  indeterminate: dice(3) === 0 ? 3 : 8,
  ...rest,
});

describe("sets that only grow, against brute force", () => {
  test("adds and reads of all", async () => {
    const counts = await expectAgreement((dice) =>
      shape(dice, { model: set(), calls: growing(dice, 0, [null]) }),
    );
    expectDecided(counts, "set-reads", 0.9);
  });

  test("elements that are added more than once, by adds that say so or not", async () => {
    const counts = await expectAgreement((dice) =>
      shape(dice, {
        model: set(),
        calls: growing(dice, 3, dice(2) === 0 ? [null, true, false] : [true, false]),
      }),
    );
    expectDecided(counts, "set-reads", 0.9);
  });

  test("with looks at single elements, and removals that found nothing", async () => {
    const counts = await expectAgreement((dice) =>
      shape(dice, {
        model: set(),
        calls: [
          ...growing(dice, 4, [null, true, false]),
          { ...looks("contains", [true, false, null]), weight: 2 },
          ...(dice(4) === 0 ? [looks("remove", [false])] : []),
        ],
      }),
    );
    expectDecided(counts, "set-reads");
  });

  test("several keys", async () => {
    const counts = await expectAgreement((dice) => ({
      ...shape(dice, { model: set(), calls: growing(dice, 4, [null]) }),
      keys: ["x", "y"],
      stateOfPart: true,
    }));
    expectDecided(counts, "set-reads");
  });

  test("multisets", async () => {
    const counts = await expectAgreement((dice) =>
      shape(dice, {
        model: multiset(),
        calls: [...growing(dice, 12, [null]), looks("count", [0, 1, 0, 1, 2, null])],
      }),
    );
    expectDecided(counts, "multiset-reads");
  });
});
