/** Quantiles of latencies, for the details of verdicts. */
import type { Value } from "../../src/history/value.js";

/**
 * Median, 95th and 99th percentile and maximum, in the unit of the numbers (nearest rank); null of
 * none. Sorts the array.
 */
export function latencyFacts(numbers: Float64Array): Value {
  if (numbers.length === 0) return null;
  numbers.sort();
  const at = (share: number): number =>
    numbers[Math.max(0, Math.ceil(share * numbers.length) - 1)] as number;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
