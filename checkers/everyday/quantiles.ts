/** Quantiles of latencies, for the details of verdicts. */
import type { Value } from "../../src/history/value.js";

const SHARES = { p50: 0.5, p95: 0.95, p99: 0.99, max: 1 };

/**
 * Median, 95th and 99th percentile and maximum, in the unit of the numbers (nearest rank); null of
 * none. Moves the numbers about: each quantile is selected (Hoare, "Find", 1961) among those from
 * the one before on, which takes linear time where sorting does not.
 */
export function latencyFacts(numbers: Float64Array): Value {
  if (numbers.length === 0) return null;
  let from = 0;
  const facts: Record<string, number> = {};
  for (const [name, share] of Object.entries(SHARES)) {
    const rank = Math.max(0, Math.ceil(share * numbers.length) - 1);
    facts[name] = select(numbers, from, rank);
    from = rank;
  }
  return facts;
}

/** So many rounds that do not halve what is left are bad luck; then it is sorted. */
const ROUNDS_MAX = 64;

/** Puts in its place what has this rank among all; what is before `from` has a lower one. */
function select(numbers: Float64Array, from: number, rank: number): number {
  let [low, high] = [from, numbers.length - 1];
  for (let round = 0; low < high; round++) {
    if (round === ROUNDS_MAX) {
      numbers.subarray(low, high + 1).sort();
      break;
    }
    const middle = (low + high) >>> 1;
    const pivot = median(
      numbers[low] as number,
      numbers[middle] as number,
      numbers[high] as number,
    );
    let [left, right] = [low, high];
    while (left <= right) {
      while ((numbers[left] as number) < pivot) left++;
      while ((numbers[right] as number) > pivot) right--;
      if (left > right) break;
      const moved = numbers[left] as number;
      numbers[left++] = numbers[right] as number;
      numbers[right--] = moved;
    }
    if (rank <= right) high = right;
    else if (rank >= left) low = left;
    else break;
  }
  return numbers[rank] as number;
}

function median(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
