/**
 * Which totals some of several amounts make. That is a subset sum, which is hard in general; it is
 * computed as far as there are not too many different totals.
 */

/** More totals are not looked at. */
const TOTALS_MAX = 1 << 16;
const WORK_MAX = 5_000_000;

/** All totals that some of the amounts make; undefined when there are too many. */
export function totalsOf(amounts: readonly number[]): ReadonlySet<number> | undefined {
  const counts = new Map<number, number>();
  for (const amount of amounts) {
    if (amount !== 0) counts.set(amount, (counts.get(amount) ?? 0) + 1);
  }
  let totals = new Set([0]);
  let work = 0;
  for (const [amount, count] of counts) {
    // As many as 1, 2, 4, … of them, and the rest, make every number of them.
    for (let left = count, size = 1; left > 0; size *= 2) {
      const step = amount * Math.min(size, left);
      left -= size;
      work += totals.size;
      if (work > WORK_MAX) return undefined;
      const next = new Set(totals);
      for (const total of totals) next.add(total + step);
      if (next.size > TOTALS_MAX) return undefined;
      totals = next;
    }
  }
  return totals;
}
