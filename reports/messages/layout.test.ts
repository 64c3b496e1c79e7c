import { array, assert, constantFrom, integer, property, record } from "fast-check";
import { expect, test } from "vitest";
import { subjectOf } from "../report-input.js";
import { sent, splitReport } from "../fixtures/messages.js";
import { layOutSequence, type SequenceLayout } from "./layout.js";
import { sequenceOf, type Sequence } from "./sequence.js";

function layoutOf(more: Parameters<typeof splitReport>[0] = []): SequenceLayout {
  return layOutSequence(sequenceOf(subjectOf(splitReport(more))) as Sequence);
}

test("time never runs back, whatever was sent", () => {
  const message = record({
    atMs: integer({ min: 0, max: 700 }),
    tookMs: integer({ min: 0, max: 40 }),
    ends: constantFrom(["n1", "n2"] as const, ["c0", "n2"] as const, ["n2", "n2"] as const),
    fate: constantFrom("delivered", "lost", "refused"),
    label: constantFrom("x", "y"),
  }).map(({ atMs, tookMs, ends, fate, label }) =>
    sent(ends, atMs, { fate, label, endNs: (atMs + tookMs) * 1e6 }),
  );
  assert(
    property(array(message, { maxLength: 40 }), (more) => {
      const { arrows, operations, strikes, height } = layoutOf(more);
      const points = [
        ...arrows.flatMap(({ arrow, y1, y2 }) => {
          const { sentNs, endNs } = arrow.message;
          const start = { timeNs: sentNs, y: y1 };
          // Of what took no time, and in the background, the slope is for the eye.
          return sentNs === endNs || arrow.background ? [start] : [start, { timeNs: endNs, y: y2 }];
        }),
        ...operations.flatMap(({ operation, y1, y2 }) => [
          { timeNs: operation.startNs, y: y1 },
          { timeNs: operation.endNs, y: y2 },
        ]),
        ...strikes.map(({ strike, y1 }) => ({ timeNs: strike.startNs, y: y1 })),
      ].toSorted((a, b) => a.timeNs - b.timeNs || a.y - b.y);
      for (const [index, { timeNs, y }] of points.entries()) {
        expect(Number.isFinite(y) && y >= 0 && y <= height).toBe(true);
        const before = points[index - 1];
        if (before !== undefined && before.timeNs < timeNs) expect(before.y).toBeLessThanOrEqual(y);
      }
      for (const { y1, y2 } of arrows) expect(y2).toBeGreaterThan(y1);
    }),
    { numRuns: 300 },
  );
});

test("every message that is told has a row of its own where it was sent", () => {
  const starts = layoutOf(Array.from({ length: 4 }, () => sent(["n1", "n2"], 12))).arrows.map(
    ({ y1 }) => y1,
  );
  expect(new Set(starts).size).toBe(starts.length);
});

test("half a second of nothing is a gap that tells its length, and costs no more than a few rows", () => {
  const { idle, height } = layoutOf();
  expect(idle.map(({ lengthNs }) => lengthNs / 1e6)).toEqual([486, 98]);
  expect(height).toBeLessThan(500);
});

test("what is in the background takes no room", () => {
  const more = Array.from({ length: 200 }, (_, index) => sent(["n1", "n2"], 20 + index));
  const two = [more[0], more.at(-1)].filter((each) => each !== undefined);
  expect(layoutOf(more).height).toBe(layoutOf(two).height);
});
