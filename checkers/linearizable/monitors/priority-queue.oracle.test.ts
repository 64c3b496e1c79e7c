/**
 * Priority queues against brute force.
 */
import { expect, test } from "vitest";
import { expectAgreement } from "../../../test/oracle/differential.js";
import type { CallShape } from "../../../test/oracle/random-history.js";
import type { Model } from "../../../src/model/model.js";
import type { Value } from "../../../src/history/value.js";

function priorityModel(order: "min" | "max", observesFailure: boolean): Model {
  const rank = (value: Value): number => {
    const priority = Number(Array.isArray(value) ? value[0] : value);
    return order === "min" ? priority : -priority;
  };
  const byName = (a: Value, b: Value): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  return {
    name: "priority-queue",
    options: { order },
    type: {
      name: "priority-queue",
      roles: { insert: "insert", extract: "extract", peek: "peek" },
    },
    initial: () => [],
    observesFailure: ({ f }) => observesFailure && f !== "insert",
    values: ({ f, input, output, outcome }) => {
      if (f === "insert") return [input];
      if (outcome === "info") return f === "peek" ? undefined : [];
      return outcome === "fail" || output === null ? [] : [output as Value];
    },
    step: (state, { f, input, output, outcome }) => {
      const queue = state as readonly Value[];
      if (f === "insert") return [[...queue, input].sort(byName)];
      if (queue.length === 0) return outcome === "ok" && output !== null ? [] : [queue];
      const best = Math.min(...queue.map((value) => rank(value)));
      return queue.flatMap((value, place) => {
        if (rank(value) > best) return [];
        const isSeen = JSON.stringify(value) === JSON.stringify(output);
        if (outcome !== "info" && (outcome === "fail" || !isSeen)) return [];
        return [f === "peek" ? queue : queue.toSpliced(place, 1)];
      });
    },
  };
}

/** Scatters 1, 2, … so that priorities do not follow the order of the inserts. */
const scatter = (number: number): number => (number * 7) % 11;

/** Calls on values that are numbers, or pairs of which several have one priority. */
function callsOn(makes: (number: number) => Value): CallShape[] {
  const insert: CallShape = {
    f: "insert",
    weight: 3,
    input: ({ fresh }) => makes(fresh()),
    outputs: (_, input) => [input],
  };
  const extract: CallShape = {
    f: "extract",
    weight: 3,
    input: () => null,
    outputs: ({ known }) => [
      null,
      makes(known()),
      ...Array.from({ length: 9 }, (_, number) => makes(number + 1)),
    ],
    fails: true,
  };
  return [insert, extract, { ...extract, f: "peek", weight: 1 }];
}

test("priority queues with peeks, ties and empty answers", { timeout: 900_000 }, async () => {
  const numbers = callsOn(scatter);
  const pairs = callsOn((number) => [scatter(number) % 3, number]);
  const counts = await expectAgreement((dice) => {
    const [insert, extract, peek] = (dice(3) === 0 ? pairs : numbers) as [
      CallShape,
      CallShape,
      CallShape,
    ];
    const again: CallShape = { ...insert, weight: 1, input: ({ known }) => scatter(known()) };
    return {
      model: priorityModel(dice(2) === 0 ? "min" : "max", dice(2) === 0),
      operationsMax: 9,
      processesMax: 2 + dice(4),
      indeterminate: [0, 0, 6, 3][dice(4)] as number,
      calls: [
        insert,
        extract,
        ...(dice(2) === 0 ? [peek] : []),
        ...(dice(12) === 0 ? [again] : []),
      ],
    };
  });
  const total = counts.valid + counts.invalid;
  expect(counts.valid).toBeGreaterThan(total / 5);
  expect(counts.invalid).toBeGreaterThan(total / 5);
  expect(counts.searches["priority-queue-coverage"]).toBeGreaterThan(0.8 * total);
});
