import * as fc from "fast-check";
import { expect, test } from "vitest";
import { staleReadReport, validReport } from "../fixtures/reports.js";
import { subjectOf } from "../report-input.js";
import { packColumn, unpackColumn } from "./columns.js";
import { embed } from "./embed.js";

test("whatever is packed comes out again", () => {
  const number = fc.integer({ min: -(2 ** 52), max: 2 ** 52 });
  fc.assert(
    fc.property(fc.array(number), (numbers) => {
      expect([...unpackColumn(packColumn(numbers), numbers.length)]).toEqual(numbers);
    }),
  );
  const many = Array.from({ length: 50_000 }, (_, at) => at * 977);
  expect([...unpackColumn(packColumn(many), many.length)]).toEqual(many);
});

test("every operation is in the columns, with its times", () => {
  const input = validReport({ keys: 2 });
  const { history } = input;
  const { data } = embed(subjectOf(input));
  const column = (text: string): number[] => [...unpackColumn(text, data.count)];
  let index = 0;
  let timeNs = 0;
  const took = column(data.columns.took);
  const gaps = column(data.columns.invoked);
  column(data.columns.invocation).forEach((distance, at) => {
    index += distance;
    timeNs += gaps[at] as number;
    const operation = history.operation(index);
    expect(timeNs).toBe(operation.invokedNs);
    if (operation.outcome === "ok")
      expect(timeNs + (took[at] as number)).toBe(operation.completedNs);
  });
  expect(data.count).toBe(history.invocations().length);
  const places = unpackColumn(data.witness ?? "", data.count);
  expect(places.filter((place) => place > 0)).toHaveLength(input.result.counts.ok);
});

test("beyond the cap the operations around the counterexample stay", () => {
  const { data, total } = embed(subjectOf(staleReadReport({ operations: 1000 })), 100);
  expect(total).toBe(1000);
  expect(data.count).toBeGreaterThanOrEqual(100);
  expect(data.counterexample?.required).toHaveLength(3);
  expect(data.counterexample?.required.every((position) => position < data.count)).toBe(true);
});
