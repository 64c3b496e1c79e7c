/**
 * Counters where no order of moments decides a level: as the lists that their totals may be made
 * of. A history has the level when some such lists have it; of a few transactions all are tried.
 */
import { implies } from "../../../src/consistency/lattice.js";
import type { TransactionalLevel } from "../../../src/consistency/level.js";
import { OK, type History } from "../../../src/history/history.js";
import type { NoLists } from "../../../src/verdict/counter-certificate.js";
import type { Judgement } from "../judge.js";
import { levelFacts, withStronger } from "../levels.js";
import { countedIn, toldAsLists, type Chosen } from "./counted.js";
import { layOutCounters } from "./layout.js";
import type { CounterKind } from "./names.js";

/** So many choices are tried at most, and of long histories only so many events in all. */
const CHOICES_MAX = 1024;
const EVENTS_MAX = 100_000;

/** Judges a level; undefined when it is left open, or says nothing of such lists. */
export function judgeCounted(
  history: History,
  {
    kind,
    level,
  }: { readonly kind: Exclude<CounterKind, undefined>; readonly level: TransactionalLevel },
  judge: (lists: History) => Judgement,
): Judgement | undefined {
  // Below these a counter may show what was aborted, and a bank lose what was written between.
  const least = kind === "bank" ? "cursor-stability" : "read-committed";
  if (!implies(level, least) || !history.types.includes(OK)) return undefined;
  const counters = layOutCounters(history, kind);
  const most = Math.min(CHOICES_MAX, EVENTS_MAX / history.length);
  const choices = countedIn(counters, most);
  if (choices === undefined || choices.length === 0) return undefined;
  const cases: NoLists["cases"][number][] = [];
  let first: Judgement | undefined;
  for (const counted of choices) {
    const judgement = judge(toldAsLists(counters, counted));
    const { certificate } = judgement;
    if (judgement.verdict === "valid" && certificate?.kind === "transaction-order") {
      const told = `${judgement.reason} Each total is taken as the sum of a list.`;
      const details = { ...judgement.details, level };
      return { ...judgement, reason: told, certificate: { ...certificate, counted }, details };
    }
    if (judgement.verdict !== "invalid" || certificate?.kind !== "isolation-violation") {
      return undefined;
    }
    first ??= judgement;
    cases.push({ counted, phenomenon: certificate.phenomenon });
  }
  return first === undefined ? undefined : refuted({ level, first, cases });
}

function refuted({
  level,
  first,
  cases,
}: {
  readonly level: TransactionalLevel;
  readonly first: Judgement;
  readonly cases: NoLists["cases"];
}): Judgement {
  const [only, ...others] = cases as [NoLists["cases"][number], ...NoLists["cases"]];
  const told =
    others.length === 0
      ? `${first.reason} (The totals can be made up in no other way: ${tellCounted(only.counted)}.)`
      : `no-order: whatever the totals are made of (${cases.length} choices), something contradicts ${level}. If they are made so: ${tellCounted(only.counted)}; then ${first.reason}`;
  const operations = cases.flatMap(({ counted }) =>
    counted.flatMap(({ reader, of }) => [reader, ...of.map(([by]) => by)]),
  );
  const all = [...new Set(operations)].toSorted((a, b) => a - b);
  const [anomaly, ...more] = first.anomalies;
  return {
    verdict: "invalid",
    reason: told,
    anomalies:
      others.length === 0 && anomaly !== undefined
        ? [{ ...anomaly, message: told }, ...more]
        : [{ kind: "no-order", message: told, operations: all }, ...first.anomalies],
    certificate: { kind: "isolation-violation", level, phenomenon: { name: "no-lists", cases } },
    details: { level, choices: cases.length, ...levelFacts(withStronger([level])) },
  };
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
