/**
 * A forward consistent view by its definition (Adya 1999, chapter 4, PL-FCV), for histories of a
 * few transactions on lists: every order of versions, and every order of starts and commits that
 * time allows. Beside what read committed excludes there may be no cycle with just one
 * anti-dependency, in which a transaction that started after another's commit follows that one.
 */
import {
  excludes,
  precedes,
  relations,
  someHistory,
  someVersions,
  type Kept,
  type SmallTransaction,
} from "./isolation.js";
import { closure, isIrreflexive, product, union, type Matrix } from "./relations.js";

/** Whether some order of starts and commits leaves no such cycle. */
export function startsHold(transactions: readonly SmallTransaction[], kept: Kept): boolean {
  return someHistory(transactions, (happened) =>
    someVersions(happened, (versions) => {
      const situation = { happened, versions, kept };
      if (!excludes("read-committed", situation)) return false;
      const { ww, wr, rw } = relations(situation);
      return someStarts(happened, kept, (starts) =>
        isIrreflexive(product(rw, closure(union(ww, wr, starts)))),
      );
    }),
  );
}

/** Tries every order of starts and commits; answers who started after whose commit. */
function someStarts(
  happened: readonly SmallTransaction[],
  kept: Kept,
  holds: (starts: Matrix) => boolean,
): boolean {
  const seen = new Set<string>();
  const started: boolean[] = happened.map(() => false);
  const committed: boolean[] = happened.map(() => false);
  const after: boolean[][] = happened.map(() => happened.map(() => false));
  const go = (left: number): boolean => {
    if (left === 0) {
      const name = JSON.stringify(after);
      if (seen.has(name)) return false;
      seen.add(name);
      return holds(after);
    }
    return happened.some((each, number) => {
      if (started[number] !== true) {
        const waits = happened.some(
          (other, before) => committed[before] !== true && precedes(other, each, kept),
        );
        if (waits) return false;
        started[number] = true;
        for (const before of happened.keys()) {
          (after[before] as boolean[])[number] = committed[before] === true;
        }
        const found = go(left - 1);
        started[number] = false;
        for (const row of after) row[number] = false;
        return found;
      }
      if (committed[number] === true) return false;
      committed[number] = true;
      const found = go(left - 1);
      committed[number] = false;
      return found;
    });
  };
  return go(2 * happened.length);
}
