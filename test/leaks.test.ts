/** Whole runs leave nothing behind, so that a campaign can go on for days. */
import { expect, test } from "vitest";
import { heldAfter } from "../bench/simulation/leaks.js";

test("three hundred whole runs leave nothing behind", async () => {
  const [before, after] = await heldAfter([60, 300]);
  if (before === undefined || after === undefined) throw new Error("two measurements");
  // A history and its nodes' logs are some hundred kilobytes a run.
  expect(after.heapBytes - before.heapBytes).toBeLessThan(5e6);
  expect(after.bufferBytes - before.bufferBytes).toBeLessThan(2e6);
  expect(after.handles).toBe(before.handles);
  expect(after.listeners).toBe(before.listeners);
}, 120_000);
