/**
 * Levels about what a transaction sees that no read of lists contradicts: any order of commits
 * shows them that keeps who wrote what was read, and the order of versions, which lists have shown.
 */
import type { TransactionalLevel } from "../../src/consistency/level.js";
import { OK } from "../../src/history/history.js";
import { orderBy, type Analysis } from "./analyze.js";
import type { Judgement } from "./judge.js";
import { takenApart } from "./levels.js";
import { isWeak } from "./weak/decide.js";
import { isStrangeAt } from "./weak/judge.js";

/** Judges such a level, of which no read alone is known to contradict it; else undefined. */
export function seenOfLists(
  analysis: Analysis,
  level: TransactionalLevel,
  facts: NonNullable<Judgement["details"]>,
): Judgement | undefined {
  const { base, time } = takenApart(level);
  const { transactions, dependencies } = analysis;
  if (!isWeak(base) || dependencies.isAppendedTwice) return undefined;
  // What a read lacks that its own transaction did was looked at before.
  const isStrange = isStrangeAt(base, dependencies.findings);
  if (isStrange || !transactions.outcomes.includes(OK)) return undefined;
  const order = orderBy(analysis, "G1c", time).map(
    (each) => transactions.invocations[each] as number,
  );
  return {
    verdict: "valid",
    reason: `Nothing contradicts ${level}: in one order of commits no read lacks what its transaction sees.`,
    anomalies: [],
    certificate: { kind: "transaction-order", level, manner: "commit", order },
    details: { level, ...facts },
  };
}
