/**
 * Counters where no order of moments decides a level: as the lists that their totals may be made
 * of. A history has the level when some such lists have it; of a few transactions all are tried.
 */
import { implies } from "../../../src/consistency/lattice.js";
import type { TransactionalLevel } from "../../../src/consistency/level.js";
import { OK, type History } from "../../../src/history/history.js";
import type { Judgement } from "../judge.js";
import { choicesMax, judgeChoices } from "./by-choices.js";
import { countedIn, toldAsLists, type Chosen } from "./counted.js";
import type { CounterHistory } from "./layout.js";

/** Judges a level; undefined when it is left open, or says nothing of such lists. */
export function judgeCounted(
  counters: CounterHistory,
  level: TransactionalLevel,
  judge: (lists: History) => Judgement,
): Judgement | undefined {
  const { history, kind } = counters;
  // Below these a counter may show what was aborted, and a bank lose what was written between.
  const least = kind === "bank" ? "cursor-stability" : "read-committed";
  if (!implies(level, least) || !history.types.includes(OK)) return undefined;
  const choices = countedIn(counters, choicesMax(history.length));
  if (choices === undefined || choices.length === 0) return undefined;
  return judgeChoices(allOf(choices), {
    level,
    events: history.length,
    judge: (counted) => judge(toldAsLists(counters, counted)),
    shown: (counted) => ({ counted }),
    phenomenon: (cases) => ({
      name: "no-lists",
      cases: cases.map(({ choice: counted, phenomenon }) => ({ counted, phenomenon })),
    }),
    how: "as the sum of a list",
    what: "whatever the totals are made of",
    tell: tellCounted,
    operations: (counted) => counted.flatMap(({ reader, of }) => [reader, ...of.map(([by]) => by)]),
  });
}

function* allOf(choices: readonly Chosen[]): Generator<Chosen, boolean> {
  yield* choices;
  return true;
}

/** So many reads are told. */
const READS_MAX = 6;

function tellCounted(counted: Chosen): string {
  const told = counted.slice(0, READS_MAX).map(({ reader, of }) => {
    const by = [...new Set(of.map(([each]) => each))].join(", ");
    return `a read of transaction ${reader} counts ${by === "" ? "nobody" : by}`;
  });
  return [...told, ...(counted.length > READS_MAX ? ["…"] : [])].join("; ");
}
