/**
 * A counter of equal amounts as something that grows by steps: a number stands for the height at
 * which it is that many amounts beyond the initial one. What adds nothing is a look at the number,
 * and no matter when it does not say it.
 */
import { INFO, NONE } from "../../../../src/history/history.js";
import type { Meter } from "../../meter.js";
import {
  BYTES_OF_GROWTH,
  emptyGrowth,
  LEFT_OUT,
  LOOKS,
  STEPS,
  type Growth,
} from "../growth/growth.js";
import type { Calls } from "../monitor.js";
import { UNTOLD, type Amounts } from "./amounts.js";

/**
 * The heights; or one call that says what no height is, or two that say that they took one place.
 * @throws LimitReached
 */
export function sameSteps(
  { count, outcomes }: Calls,
  { amounts, before }: Amounts,
  step: number,
  meter: Meter,
): Growth | number[] {
  meter.reserve(BYTES_OF_GROWTH * count);
  meter.spend(count);
  let total = 0;
  for (let call = 0; call < count; call++) if (amounts[call] !== 0) total++;
  const growth = emptyGrowth(count, total);
  const { kinds, least, most, bound, binders } = growth;
  for (let call = 0; call < count; call++) {
    const adds = amounts[call] !== 0;
    const told = outcomes[call] === INFO ? UNTOLD : (before[call] as number);
    kinds[call] = adds ? STEPS : outcomes[call] === INFO ? LEFT_OUT : LOOKS;
    if (told === UNTOLD) continue;
    const height = told / step;
    if (!Number.isInteger(height) || height < 0 || height > (adds ? total - 1 : total)) {
      return [call];
    }
    // A step is at its place once it is taken.
    least[call] = adds ? height + 1 : height;
    most[call] = height;
    if (!adds) continue;
    const other = bound[height + 1] as number;
    if (other !== NONE) return [other, call];
    bound[height + 1] = call;
    binders[height + 1] = call;
  }
  return growth;
}
