/** Whether a number is among ascending ones, by halving. */

/** Looks from `from` on, before `end`. */
export function isAmong(
  sorted: Int32Array,
  { from, end }: { readonly from: number; readonly end: number },
  wanted: number,
): boolean {
  let low = from;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < wanted) low = middle + 1;
    else high = middle;
  }
  return low < end && sorted[low] === wanted;
}
