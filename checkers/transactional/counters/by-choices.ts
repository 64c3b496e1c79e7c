/**
 * Judges a level by every choice of what numbers are made of, each as a history of lists or of
 * registers. A history has the level when one choice has it, and contradicts it when all do.
 */
import type { TransactionalLevel } from "../../../src/consistency/level.js";
import type {
  IsolationPhenomenon,
  TransactionOrderCertificate,
} from "../../../src/verdict/isolation-certificate.js";
import type { Anomaly } from "../../../src/verdict/verdict.js";
import type { Judgement } from "../judge.js";
import { levelFacts, withStronger } from "../levels.js";

/** So many choices are tried at most, and of long histories only so many events in all. */
const CHOICES_MAX = 1024;
const EVENTS_MAX = 100_000;
/** Where there are more, so many are tried all the same: one of them may have the level. */
const SOME_MAX = 64;
const EVENTS_OF_SOME_MAX = 20_000;

/** So many choices are tried of a history of so many events. */
export function choicesMax(events: number): number {
  return Math.min(CHOICES_MAX, EVENTS_MAX / events);
}

/** A choice, and what contradicts the level then. */
export interface Case<Choice> {
  readonly choice: Choice;
  readonly phenomenon: IsolationPhenomenon;
}

/** How a choice is judged, shown and told. */
export interface Choosing<Choice> {
  readonly level: TransactionalLevel;
  /** How long the history is. */
  readonly events: number;
  readonly judge: (choice: Choice) => Judgement;
  /** What a certificate has beside its order. */
  readonly shown: (choice: Choice) => Partial<TransactionOrderCertificate>;
  readonly phenomenon: (cases: readonly Case<Choice>[]) => IsolationPhenomenon;
  /** How numbers are made up: "as the sum of a list". */
  readonly how: string;
  /** What is chosen: "whatever the totals are made of". */
  readonly what: string;
  readonly tell: (choice: Choice) => string;
  /** Why there is no choice at all, where that is possible, and the operations that show it. */
  readonly tellNone?: () => Pick<Anomaly, "message" | "operations">;
  readonly operations: (choice: Choice) => readonly number[];
}

/**
 * Judges a level; undefined when it is left open. Choices come one by one, and at the end whether
 * they were all.
 */
export function judgeChoices<Choice>(
  all: Iterator<Choice, boolean>,
  choosing: Choosing<Choice>,
): Judgement | undefined {
  const { events } = choosing;
  const most = choicesMax(events);
  const choices: Choice[] = [];
  let isWhole = false;
  while (choices.length <= most) {
    const next = all.next();
    if (next.done === true) {
      isWhole = next.value;
      break;
    }
    choices.push(next.value);
  }
  if (!isWhole) choices.splice(Math.min(SOME_MAX, Math.ceil(EVENTS_OF_SOME_MAX / events)));
  const cases: Case<Choice>[] = [];
  let first: Judgement | undefined;
  for (const choice of choices) {
    const judgement = choosing.judge(choice);
    const { certificate } = judgement;
    if (judgement.verdict === "valid") {
      const found = shownBy(choice, judgement, choosing);
      if (found !== undefined) return found;
    }
    if (judgement.verdict !== "invalid" || certificate?.kind !== "isolation-violation") {
      isWhole = false;
      continue;
    }
    first ??= judgement;
    cases.push({ choice, phenomenon: certificate.phenomenon });
  }
  if (!isWhole) return undefined;
  return first === undefined ? unmade(choosing) : refuted(choosing, first, cases);
}

/** The level holds by this choice; undefined when its judgement does not show that. */
export function shownBy<Choice>(
  choice: Choice,
  judgement: Judgement,
  { level, shown, how }: Pick<Choosing<Choice>, "level" | "shown" | "how">,
): Judgement | undefined {
  const { certificate } = judgement;
  if (judgement.verdict !== "valid" || certificate?.kind !== "transaction-order") return undefined;
  const reason = `${judgement.reason} Each total is taken ${how}.`;
  const details = { ...judgement.details, level };
  return { ...judgement, reason, certificate: { ...certificate, ...shown(choice) }, details };
}

/** Where there is no choice at all. */
function unmade<Choice>({ level, phenomenon, tellNone }: Choosing<Choice>): Judgement | undefined {
  if (tellNone === undefined) return undefined;
  const { message: told, operations } = tellNone();
  const message = `no-order: ${told}`;
  return {
    verdict: "invalid",
    reason: message,
    anomalies: [{ kind: "no-order", message, operations }],
    certificate: { kind: "isolation-violation", level, phenomenon: phenomenon([]) },
    details: { level, choices: 0, ...levelFacts(withStronger([level])) },
  };
}

function refuted<Choice>(
  { level, phenomenon, what, tell, operations }: Choosing<Choice>,
  first: Judgement,
  cases: readonly Case<Choice>[],
): Judgement {
  const [only, ...others] = cases as readonly [Case<Choice>, ...Case<Choice>[]];
  const isOne = others.length === 0;
  const reason = isOne
    ? `${first.reason} (The totals can be made up in no other way: ${tell(only.choice)}.)`
    : `no-order: ${what} (${cases.length} choices), something contradicts ${level}. If they are made so: ${tell(only.choice)}; then ${first.reason}`;
  const named = new Set(cases.flatMap(({ choice }) => operations(choice)));
  const all = [...named].toSorted((a, b) => a - b);
  const [anomaly, ...more] = first.anomalies;
  return {
    verdict: "invalid",
    reason,
    anomalies:
      isOne && anomaly !== undefined
        ? [{ ...anomaly, message: reason }, ...more]
        : [{ kind: "no-order", message: reason, operations: all }, ...first.anomalies],
    certificate: { kind: "isolation-violation", level, phenomenon: phenomenon(cases) },
    details: { level, choices: cases.length, ...levelFacts(withStronger([level])) },
  };
}
