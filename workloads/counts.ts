/**
 * Options that count something are checked where a workload is made, not when its run is under way.
 */
import { HarnessError } from "../src/errors.js";

/**
 * Refuses counts that are not integers from 1 up.
 * @throws HarnessError `bad-argument` naming the option.
 */
export function assertCounts(counts: { readonly [option: string]: number }): void {
  for (const [option, count] of Object.entries(counts)) {
    if (Number.isInteger(count) && count >= 1) continue;
    throw new HarnessError("bad-argument", `${option} is an integer from 1 up, not ${count}`);
  }
}
