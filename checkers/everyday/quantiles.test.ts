/** Quantiles are those of the sorted numbers, whatever their order was. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { latencyFacts } from "./quantiles.js";

/** Nearest rank, as it is defined. */
function bySorting(numbers: Float64Array): unknown {
  if (numbers.length === 0) return null;
  const sorted = Float64Array.from(numbers).sort();
  const at = (share: number): number =>
    sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

test("selecting finds what sorting finds", () => {
  const number = fc.oneof(
    fc.nat(5),
    fc.double({ min: 0.5, max: 1e9, noNaN: true }),
    fc.constantFrom(0, Infinity),
  );
  fc.assert(
    fc.property(fc.array(number, { maxLength: 300 }), (given) => {
      const numbers = Float64Array.from(given);
      expect(latencyFacts(numbers.slice())).toStrictEqual(bySorting(numbers));
    }),
    { numRuns: 2_000 },
  );
});

test("orders that are bad for a pivot from the middle", () => {
  const size = 20_000;
  for (const of of [
    (at: number) => at,
    (at: number) => size - at,
    () => 7,
    (at: number) => at % 2,
    (at: number) => Math.abs(at - size / 2),
    (at: number) => size / 2 - Math.abs(at - size / 2),
  ]) {
    const numbers = Float64Array.from({ length: size }, (_, at) => of(at));
    expect(latencyFacts(numbers.slice())).toStrictEqual(bySorting(numbers));
  }
});
