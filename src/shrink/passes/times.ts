/** Makes a case shorter and its times rounder: the gaps between what happens. */
import type { Attempts } from "../attempts.js";
import { withScript, type FailingCase } from "../failing-case.js";

const OTHER_SEEDS = 1;
const NS_PER_MS = 1e6;

/** Whole milliseconds, then each gap as small as it may be. */
export async function closeGaps(attempts: Attempts): Promise<void> {
  const whole = (ns: number): number => Math.round(ns / NS_PER_MS) * NS_PER_MS;
  await attempts.take(retimed(attempts.best, whole), OTHER_SEEDS);
  for (const share of [0.1, 0.5, 0.5, 0.5]) {
    await attempts.take(
      retimed(attempts.best, (ns) => whole(ns * share)),
      OTHER_SEEDS,
    );
  }
  for (let index = momentsOf(attempts.best).length - 1; index >= 0; index--) {
    if (attempts.spent) return;
    await closeGap(attempts, index);
  }
}

/** Tries smaller and smaller gaps before the moment with this index. */
async function closeGap(attempts: Attempts, index: number): Promise<void> {
  for (const choose of [() => 0, () => NS_PER_MS, half, half, half]) {
    const moments = momentsOf(attempts.best);
    const atNs = moments[index];
    if (atNs === undefined) return;
    const beforeNs = moments[index - 1] ?? 0;
    const gapNs = atNs - beforeNs;
    const closerNs = choose(gapNs);
    if (closerNs >= gapNs) continue;
    const byNs = gapNs - closerNs;
    const taken = await attempts.take(
      retimed(attempts.best, (ns) => (ns >= atNs ? ns - byNs : ns)),
      OTHER_SEEDS,
    );
    if (taken && choose !== half) return;
    if (!taken && choose === half) return;
  }
}

function half(gapNs: number): number {
  return Math.ceil(gapNs / 2 / NS_PER_MS) * NS_PER_MS;
}

/** When something happens in the main phase, ascending. */
function momentsOf({ script }: FailingCase): readonly number[] {
  const { operations, faults, untilNs } = script;
  const all = [...operations, ...faults].map(({ atNs }) => atNs);
  return [...new Set([...all, untilNs])].toSorted((a, b) => a - b);
}

/** The case with all its times of the main phase changed. */
function retimed(given: FailingCase, change: (ns: number) => number): FailingCase {
  const { operations, faults, untilNs } = given.script;
  const moved = <Timed extends { readonly atNs: number }>(each: Timed): Timed => ({
    ...each,
    atNs: change(each.atNs),
  });
  return withScript(given, {
    operations: operations.map(moved),
    faults: faults.map(moved),
    untilNs: change(untilNs),
  });
}
