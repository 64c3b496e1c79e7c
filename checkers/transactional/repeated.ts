/**
 * Keys to which the same was written more than once, so that nobody knows who is read. Of each such
 * read every write may be meant, and of null, where somebody wrote it to a register, the initial
 * value as well: for each choice the history is judged in which the writes have values of their
 * own. A level holds when it does of one of them, and falls with all. There are as many as the
 * numbers of writes multiplied; of too many only the likeliest is tried.
 *
 * Of a list each place may be of each append of that element, but that each is there once; and two
 * reads that begin alike show the same there, or they would contradict each other (which is what a
 * read uncommitted does not exclude, so that there no choice is refuted by this).
 */
import { implies } from "../../src/consistency/lattice.js";
import type { TransactionalLevel } from "../../src/consistency/level.js";
import type { History } from "../../src/history/history.js";
import type { IsolationPhenomenon, ReadSource } from "../../src/verdict/isolation-certificate.js";
import { levelFacts, takenApart, variantOf, withStronger } from "./levels.js";
import type { Judgement } from "./judge.js";
import { choicesOf, likely, repeatedIn, toldApart, type Repeated } from "./repeated-sources.js";

/** So many choices are tried at most, and of long histories only so many events in all. */
const CHOICES_MAX = 1024;
const EVENTS_MAX = 500_000;
/** So many elements of lists in all. */
const ELEMENTS_MAX = 5_000_000;

/** Judges a level; undefined when nothing was repeated, or it is left open. */
export function judgeRepeated(
  history: History,
  level: TransactionalLevel,
  judge: (history: History) => Judgement,
): Judgement | undefined {
  const repeated = repeatedIn(history);
  if (repeated.names.size === 0) return undefined;
  const choices = triedOf(repeated, history);
  const cases: IsolationPhenomenon[] = [];
  let first: Judgement | undefined;
  let isOpen = choices === undefined;
  for (const sources of choices ?? [likely(repeated, history)]) {
    const judgement = judge(toldApart(history, repeated, sources));
    const { certificate } = judgement;
    if (judgement.verdict === "valid" && certificate?.kind === "transaction-order") {
      return {
        ...judgement,
        reason: `${judgement.reason} Where ${whatWas(repeated)}, each read is of one of these.`,
        certificate: { ...certificate, sources },
      };
    }
    if (judgement.verdict !== "invalid" || certificate?.kind !== "isolation-violation") {
      isOpen = true;
      continue;
    }
    first ??= judgement;
    cases.push(certificate.phenomenon);
  }
  const isOfLists = repeated.reads.some(({ place }) => place !== undefined);
  if (isOfLists && !implies(level, "read-committed")) isOpen = true;
  if (choices === undefined) return tooMany(repeated, level);
  if (isOpen || first === undefined) return undefined;
  const { base, time } = takenApart(level);
  const told = `no-source: whoever is read where ${whatWas(repeated)} (${cases.length} choices), something contradicts ${level}. If each read is of the first that it may be of: ${first.reason}`;
  const operations = new Set<number>();
  for (const { reader, writes } of repeated.reads) {
    operations.add(reader);
    for (const { of } of writes) if (of !== null) operations.add(of);
  }
  return {
    verdict: "invalid",
    reason: told,
    anomalies: [
      { kind: "no-source", message: told, operations: [...operations].toSorted((a, b) => a - b) },
      ...first.anomalies,
    ],
    certificate: { kind: "isolation-violation", level, phenomenon: { name: "no-source", cases } },
    details: { level, choices: cases.length, ...levelFacts(withStronger([variantOf(base, time)])) },
  };
}

/** All choices; undefined when they are too many. */
function triedOf(
  repeated: Repeated,
  history: History,
): readonly (readonly ReadSource[])[] | undefined {
  const most = Math.min(
    CHOICES_MAX,
    EVENTS_MAX / history.length,
    ELEMENTS_MAX / Math.max(1, repeated.elements),
  );
  const choices: (readonly ReadSource[])[] = [];
  for (const sources of choicesOf(repeated.reads)) {
    if (choices.push(sources) > most) return undefined;
  }
  return choices;
}

function whatWas({ isOfLists, isOfRegisters, writesNull }: Repeated): string {
  const what = [
    ...(isOfRegisters ? ["a value was written more than once"] : []),
    ...(isOfLists ? ["an element was appended more than once"] : []),
  ].join(", or ");
  return writesNull ? `${what}, or null, which is the initial value as well` : what;
}

/** The likeliest does not show the level, and there is no time for the others. */
function tooMany(repeated: Repeated, level: TransactionalLevel): Judgement {
  const reason =
    `Undecided: nothing that was found contradicts ${level}, but ${whatWas(repeated)}. ` +
    `So nobody knows who is read; there are more choices than are tried (${CHOICES_MAX}, or ${EVENTS_MAX} events in all), and the likeliest does not show the level. ` +
    "Write each value, and append each element, once.";
  return { verdict: "unknown", reason, anomalies: [], details: { level } };
}
