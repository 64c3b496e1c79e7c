/**
 * Confirms that no order of moments explains some totals: everything that follows is put into a
 * matrix, case by case, until each case contradicts itself. Of all reads only those are looked at
 * that are named, and of all transactions only those that read these or add to what was read: to
 * leave out what the others demand makes more orders right, never fewer.
 */
import { LEVELS } from "../consistency/lattice.js";
import type { BaseIsolation } from "../consistency/level.js";
import type { History } from "../history/history.js";
import { claim } from "./claims.js";
import type { CounterCases, NoCounterOrder } from "./counter-certificate.js";
import type { CounterMoments } from "./counter-moments.js";
import { CounterScene } from "./counter-scene.js";
import { countersOf } from "./verify-counter-finding.js";

/** @throws ClaimRefused */
export function confirmNoCounterOrder(found: NoCounterOrder, history: History): void {
  const counting = countersOf(history);
  const level = LEVELS.find(({ name }) => name === found.needs);
  const base = (level?.variant?.of ?? level?.name) as BaseIsolation;
  const isKnown = [
    "repeatable-read",
    "snapshot-isolation",
    "prefix",
    "cursor-stability",
    "read-committed",
  ];
  claim(isKnown.includes(base), () => `No order of moments is needed for ${found.needs}.`);
  claim(
    !counting.isBank || (base !== "prefix" && base !== "read-committed"),
    () => `Transfers may lose money at ${base}.`,
  );
  const scene = new CounterScene(counting, {
    base,
    keeps: level?.variant?.keeps,
    reads: found.reads,
  });
  const moments = scene.moments();
  confirmCases(found.cases, { moments, scene });
}

interface Case {
  readonly moments: CounterMoments;
  readonly scene: CounterScene;
}

/** Every case comes to a contradiction. */
function confirmCases(cases: CounterCases, { moments, scene }: Case): void {
  if (!moments.follow()) return;
  claim(cases !== null, () => "What is said to contradict itself does not.");
  if ("cases" in cases) {
    const reading = scene.readingOf(cases.read, cases.at);
    const { length } = moments.readings[reading]?.places ?? [];
    claim(length === cases.cases.length && length > 1, () => "Not all cases are there.");
    for (const [place, each] of cases.cases.entries()) {
      const next = moments.copy();
      next.choose(reading, place);
      confirmCases(each, { moments: next, scene });
    }
    return;
  }
  const [before, after] = [scene.momentOf(cases.before), scene.momentOf(cases.after)];
  claim(before !== after, () => "A moment is not before itself.");
  for (const [from, to, each] of [
    [before, after, cases.yes],
    [after, before, cases.no],
  ] as const) {
    const next = moments.copy();
    next.put(from, to);
    confirmCases(each, { moments: next, scene });
  }
}
