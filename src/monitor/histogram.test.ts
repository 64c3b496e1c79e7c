/** The histogram against a sorted list of the same values. */
import { expect, test } from "vitest";
import { createRandom } from "../random.js";
import { LatencyHistogram } from "./histogram.js";

test("quantiles are never too small, and at most 1/16 too great", () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = createRandom(seed);
    const histogram = new LatencyHistogram();
    const values = Array.from({ length: 1 + random.below(300) }, () =>
      Math.floor(2 ** (random.float() * 40) - 1),
    );
    for (const value of values) histogram.record(value);
    values.sort((a, b) => a - b);
    for (const share of [0, 0.1, 0.5, 0.9, 0.99, 1]) {
      const exact = values[Math.max(0, Math.ceil(share * values.length) - 1)] as number;
      const told = histogram.quantileNs(share);
      expect(told).toBeGreaterThanOrEqual(exact);
      expect(told).toBeLessThanOrEqual(exact * (1 + 1 / 16));
    }
    for (let power = 0; power < 41; power++) {
      const bound = 2 ** power - 1;
      expect(histogram.countUpTo(bound)).toBe(values.filter((value) => value <= bound).length);
    }
    expect(histogram.count).toBe(values.length);
    expect(histogram.maxNs).toBe(values.at(-1));
    expect(histogram.sumNs).toBe(values.reduce((sum, each) => sum + each, 0));
  }
});

test("nothing was measured: all is 0", () => {
  const histogram = new LatencyHistogram();
  expect([histogram.quantileNs(0.5), histogram.countUpTo(1e9), histogram.maxNs]).toEqual([0, 0, 0]);
});

test("the greatest values there are, and those below 0, have a bucket", () => {
  const histogram = new LatencyHistogram();
  histogram.record(Number.MAX_SAFE_INTEGER);
  histogram.record(-5);
  expect(histogram.quantileNs(1)).toBe(Number.MAX_SAFE_INTEGER);
  expect(histogram.quantileNs(0.5)).toBe(0);
});
