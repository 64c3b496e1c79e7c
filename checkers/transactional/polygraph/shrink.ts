/**
 * A smaller refutation: of fewer transactions, found by asking again about the part that it is
 * about, and about parts of that. Any part without an order will do (problem.ts says why).
 */
import { LimitReached, type Meter } from "../../linearizable/meter.js";
import type { Problems } from "./problem.js";
import { transactionsOf, type Refutation } from "./refutation.js";
import { solve, type Question } from "./solve.js";

/** Work on one part, and on all. */
const PART_WORK_MAX = 2_000_000;
const WORK_MAX = 100_000_000;

/** Shrinks until leaving out any one transaction leaves an order, or the work is done. */
export function shrink(whole: Refutation, problems: Problems, question: Question): Refutation {
  const { meter } = question;
  const workMax = meter.work + WORK_MAX;
  let best = whole;
  const tryPart = (members: Int32Array): boolean => {
    const found = refuted(members, problems, question);
    if (found === undefined || transactionsOf(found).length > members.length) return false;
    best = found;
    return true;
  };
  for (let size = Infinity; transactionsOf(best).length < size;) {
    const members = transactionsOf(best);
    size = members.length;
    if (!tryPart(members) || meter.work > workMax) break;
  }
  let members = transactionsOf(best);
  for (let chunk = members.length >> 1; chunk > 0 && meter.work < workMax;) {
    let isSmaller = false;
    for (let at = 0; at < members.length && meter.work < workMax;) {
      const rest = members.filter((_, place) => place < at || place >= at + chunk);
      if (tryPart(rest)) {
        isSmaller = true;
        members = transactionsOf(best);
      } else {
        at += chunk;
      }
    }
    if (chunk > 1) chunk >>= 1;
    else if (!isSmaller) break;
  }
  return best;
}

/** The refutation of a part; undefined when it has an order, or that is too much work. */
function refuted(
  members: Int32Array,
  problems: Problems,
  question: Question,
): Refutation | undefined {
  const { meter }: { readonly meter: Meter } = question;
  try {
    return meter.within(PART_WORK_MAX, () => solve(problems.of(members), question).refutation);
  } catch (error) {
    if (error instanceof LimitReached && error.limit === "work") return undefined;
    throw error;
  }
}
