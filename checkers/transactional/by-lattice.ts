/**
 * Levels that are not decided by themselves, but by another: whatever shows a level shows those
 * that it implies, and whatever contradicts one contradicts those that imply it. The evidence is
 * that of the other level, which it names.
 */
import { implies, strongerThan, weakerThan } from "../../src/consistency/lattice.js";
import type { LevelName, TransactionalLevel } from "../../src/consistency/level.js";
import type { Judgement } from "./judge.js";
import { takenApart } from "./levels.js";

/** So many other levels are judged each way, of longer histories fewer. */
const ASKED_MAX = 12;
const ASKED_MAX_LONG = 3;
const LONG = 2_000;

/** Judges another level; undefined when it cannot be. */
type Judge = (level: TransactionalLevel) => Judgement | undefined;

/** What follows from other levels; undefined when none of those that are asked decides it. */
export function judgeByLattice(
  level: TransactionalLevel,
  events: number,
  judge: Judge,
): Judgement | undefined {
  const max = events > LONG ? ASKED_MAX_LONG : ASKED_MAX;
  const weaker = nearest(weakerThan(level), (each) => weakerThan(each).size);
  const found = firstOf(weaker, max, {
    judge,
    wanted: "invalid",
    // What holds tells nothing of what is stronger; what is weaker holds with it.
    isIdle: (other, known) => implies(known, other),
  });
  if (found !== undefined) return told(found, level, "contradicts a weaker level");
  const stronger = nearest(strongerThan(level), (each) => strongerThan(each).size);
  const shown = firstOf(stronger, max, {
    judge,
    wanted: "valid",
    isIdle: (other, known) => implies(other, known),
  });
  return shown === undefined ? undefined : told(shown, level, "shows a stronger level");
}

interface Found {
  readonly other: TransactionalLevel;
  readonly judgement: Judgement;
}

/** Those of transactions with most beyond them, which are nearest, first. */
function nearest(
  levels: ReadonlySet<LevelName>,
  beyond: (level: TransactionalLevel) => number,
): readonly TransactionalLevel[] {
  return ([...levels] as readonly TransactionalLevel[])
    .filter((each) => takenApart(each).base !== "forward-consistent-view")
    .toSorted((a, b) => beyond(b) - beyond(a));
}

function firstOf(
  levels: readonly TransactionalLevel[],
  max: number,
  about: {
    readonly judge: Judge;
    readonly wanted: "valid" | "invalid";
    readonly isIdle: (level: TransactionalLevel, known: TransactionalLevel) => boolean;
  },
): Found | undefined {
  const { judge, wanted, isIdle } = about;
  /** Levels with the other verdict. */
  const known: TransactionalLevel[] = [];
  let asked = 0;
  for (const other of levels) {
    if (known.some((each) => isIdle(other, each))) continue;
    if (asked++ === max) return undefined;
    const judgement = judge(other);
    if (judgement?.verdict === wanted) return { other, judgement };
    if (judgement !== undefined && judgement.verdict !== "unknown") known.push(other);
  }
  return undefined;
}

function told({ other, judgement }: Found, level: TransactionalLevel, what: string): Judgement {
  const { certificate, details, reason, ...rest } = judgement;
  const isAbout =
    certificate?.kind === "transaction-order" || certificate?.kind === "isolation-violation";
  return {
    ...rest,
    reason: `${reason} (This ${what}, ${other}, and so decides ${level}.)`,
    ...(isAbout ? { certificate: { ...certificate, level, through: other } } : {}),
    details: { ...details, level },
  };
}
