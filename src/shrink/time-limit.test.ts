import { expect, test } from "vitest";
import { TimeLimit } from "./time-limit.js";

test("a run is ended at one of its messages when the time of all is over", () => {
  let nowMs = 500;
  const limit = new TimeLimit(100, () => nowMs);
  const first = limit.begin();
  for (let message = 0; message < 1_000; message++) limit.onMessage();
  expect(first.aborted).toBe(false);
  expect(limit.leftMs).toBe(100);
  expect(limit.budget(70).timeMs).toBe(70);

  const second = limit.begin();
  const budget = limit.budget(70);
  nowMs = 560;
  // Asked when the check begins.
  expect(budget.timeMs).toBe(40);
  nowMs = 600;
  let messages = 0;
  while (!second.aborted) {
    limit.onMessage();
    expect(++messages).toBeLessThan(100);
  }
  expect(limit.leftMs).toBe(0);
  expect(budget.timeMs).toBe(1);
  // What was over before stays as it was; what begins now is over.
  expect(first.aborted).toBe(false);
  expect(limit.begin().aborted).toBe(true);
});

test("a run is ended for another reason without the others", () => {
  const limit = new TimeLimit(Infinity, () => 0);
  const first = limit.begin();
  limit.end();
  expect(first.aborted).toBe(true);
  const second = limit.begin();
  for (let message = 0; message < 1_000; message++) limit.onMessage();
  expect(second.aborted).toBe(false);
});
