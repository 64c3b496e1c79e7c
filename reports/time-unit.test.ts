import { expect, test } from "vitest";
import { momentText, timeUnitOf } from "./time-unit.js";

test.each([
  [0, "ns"],
  [999, "ns"],
  [1000, "µs"],
  [999_999, "µs"],
  [1e6, "ms"],
  [1e9, "s"],
  [3.6e12, "s"],
])("a history of %d ns is told in %s", (endNs, name) => {
  expect(timeUnitOf(endNs).name).toBe(name);
});

test("no more decimals than there are nanoseconds", () => {
  expect(momentText(28, timeUnitOf(28), 6)).toBe("28 ns");
  expect(momentText(28_250, timeUnitOf(28_250), 6)).toBe("28.250 µs");
  expect(momentText(12_345_678_900, timeUnitOf(2e10))).toBe("12.346 s");
  expect(momentText(12_345_678_900, timeUnitOf(2e10), 6)).toBe("12.345679 s");
});
