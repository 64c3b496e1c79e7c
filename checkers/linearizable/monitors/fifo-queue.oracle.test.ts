/**
 * FIFO queues against brute force, and against the general search where that is too slow.
 */
import { expect, test } from "vitest";
import { expectAgreement } from "../../../test/oracle/differential.js";
import type { CallShape } from "../../../test/oracle/random-history.js";
import type { Model } from "../../../src/model/model.js";
import type { Value } from "../../../src/history/value.js";

function fifoModel(observesFailure: boolean): Model {
  return {
    name: "queue",
    options: {},
    type: {
      name: "fifo-queue",
      roles: { enqueue: "enqueue", dequeue: "dequeue", peek: "peek" },
    },
    initial: () => [],
    observesFailure: ({ f }) => observesFailure && f !== "enqueue",
    values: ({ f, input, output, outcome }) => {
      if (f === "enqueue") return [input];
      if (outcome === "info") return f === "peek" ? undefined : [];
      return outcome === "fail" || output === null ? [] : [output as Value];
    },
    step: (state, { f, input, output, outcome }) => {
      const queue = state as readonly Value[];
      if (f === "enqueue") return [[...queue, input]];
      const [head = null, ...rest] = queue;
      const after = f === "peek" ? queue : rest;
      if (outcome === "info") return [after];
      return head === (outcome === "fail" ? null : output) ? [after] : [];
    },
  };
}

const enqueue: CallShape = {
  f: "enqueue",
  weight: 3,
  input: ({ fresh }) => fresh(),
  outputs: (_, input) => [input],
};
const enqueueAgain: CallShape = { ...enqueue, weight: 1, input: ({ known }) => known() };
const dequeue: CallShape = {
  f: "dequeue",
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
const peek: CallShape = { ...dequeue, f: "peek", weight: 1 };

test("queues with peeks and empty answers", { timeout: 600_000 }, async () => {
  const counts = await expectAgreement((dice) => ({
    model: fifoModel(dice(2) === 0),
    operationsMax: 9,
    processesMax: 2 + dice(4),
    indeterminate: [0, 0, 6, 3][dice(4)] as number,
    calls: [
      enqueue,
      dequeue,
      ...(dice(2) === 0 ? [peek] : []),
      ...(dice(12) === 0 ? [enqueueAgain] : []),
    ],
  }));
  const total = counts.valid + counts.invalid;
  expect(counts.valid).toBeGreaterThan(total / 5);
  expect(counts.invalid).toBeGreaterThan(total / 5);
  expect(counts.searches["fifo-queue-order"]).toBeGreaterThan(0.8 * total);
});
