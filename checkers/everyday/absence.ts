/**
 * Which elements reads miss that they should have shown: for each element the last read that does
 * not list it, and whether a later one does.
 *
 * Reads are taken from the last to the first, with a list of the elements that no read so far
 * missed. Each step looks at these: one that is in the read stays, and is paid for by the read's
 * own length; one that is not is settled for good. So all of it is linear in what the reads list
 * and in the number of elements, also where reads miss almost everything.
 */
import { NONE } from "../../src/history/history.js";
import type { ElementRead, Elements } from "./elements.js";
import type { Limits } from "./limits.js";
import { noneFor, type NoneColumns } from "./none-columns.js";

/** For each element, positions in the list of reads, or `NONE`. */
export interface Absence {
  /**
   * The last read (by invocation) that does not list the element and has no excuse: it ended before
   * anybody began to remove it.
   */
  readonly lastAbsent: Int32Array;
  /** Of the reads that list it, the one that ends last. */
  readonly lastPresent: Int32Array;
}

/**
 * Looks at the reads, which are in the order of their invocations. With columns from before, these
 * are used again, and what was found in them is gone.
 */
export function findAbsence(
  elements: Elements,
  reads: readonly ElementRead[],
  { limits, columns }: { readonly limits: Limits; readonly columns?: NoneColumns | undefined },
): Absence {
  const { count, firstRemove, listed } = elements;
  if (columns === undefined) limits.hold(count * 16);
  else for (const column of columns) column.fill(NONE);
  const [lastAbsent, lastPresent, stamp, candidates] = columns ?? noneFor(count);
  let candidateCount = 0;
  /** Elements that are removed some time; they are candidates in reads before that only. */
  const removed: number[] = [];
  for (let element = 0; element < count; element++) {
    if (firstRemove[element] === NONE) candidates[candidateCount++] = element;
    else removed.push(element);
  }
  removed.sort((a, b) => (firstRemove[a] as number) - (firstRemove[b] as number));
  for (let r = reads.length - 1; r >= 0; r--) {
    if (r % 64 === 0) limits.check();
    const { completion, start, end } = reads[r] as ElementRead;
    for (let k = start; k < end; k++) {
      const element = listed.at(k);
      stamp[element] = r;
      const last = lastPresent[element] as number;
      if (last === NONE || (reads[last] as ElementRead).completion < completion) {
        lastPresent[element] = r;
      }
    }
    while (removed.length > 0) {
      const element = removed.at(-1) as number;
      if ((firstRemove[element] as number) < completion) break;
      removed.pop();
      candidates[candidateCount++] = element;
    }
    let kept = 0;
    for (let k = 0; k < candidateCount; k++) {
      const element = candidates[k] as number;
      const excused =
        firstRemove[element] !== NONE && (firstRemove[element] as number) < completion;
      if (stamp[element] === r || excused) candidates[kept++] = element;
      else lastAbsent[element] = r;
    }
    candidateCount = kept;
  }
  return { lastAbsent, lastPresent };
}
