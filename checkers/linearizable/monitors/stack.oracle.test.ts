/**
 * Stacks against brute force.
 */
import { expect, test } from "vitest";
import { expectAgreement } from "../../../test/oracle/differential.js";
import type { CallShape } from "../../../test/oracle/random-history.js";
import { stack } from "../../../src/model/stack.js";

const push: CallShape = {
  f: "push",
  weight: 3,
  input: ({ fresh }) => fresh(),
  outputs: (_, input) => [input],
};
const pushAgain: CallShape = { ...push, weight: 1, input: ({ known }) => known() };
const pop: CallShape = {
  f: "pop",
  weight: 3,
  input: () => null,
  outputs: ({ known, fresh, dice }) => [
    null,
    known(),
    known(),
    known(),
    ...(dice(20) === 0 ? [fresh()] : []),
    1,
    2,
    3,
    4,
    5,
    6,
  ],
  fails: true,
};
const peek: CallShape = { ...pop, f: "peek", weight: 1 };

test("stacks with peeks and empty answers", { timeout: 900_000 }, async () => {
  const counts = await expectAgreement((dice) => ({
    model: stack({ failedPop: dice(2) === 0 ? "observe" : "ignore" }),
    operationsMax: 9,
    processesMax: 2 + dice(4),
    indeterminate: [0, 0, 6, 3][dice(4)] as number,
    calls: [
      push,
      pop,
      ...(dice(2) === 0 ? [{ ...peek, weight: 1 + dice(3) }] : []),
      ...(dice(12) === 0 ? [pushAgain] : []),
    ],
  }));
  const total = counts.valid + counts.invalid;
  expect(counts.valid).toBeGreaterThan(total / 5);
  expect(counts.invalid).toBeGreaterThan(total / 5);
  expect(counts.searches["stack-nesting"]).toBeGreaterThan(0.8 * total);
});
