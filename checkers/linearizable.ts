/**
 * Linearizability (Herlihy & Wing 1990): each operation takes effect at one instant between its
 * call and its return, in an order that the model accepts.
 *
 * Parts of the model (keys) are decided one by one, since a history is linearizable exactly when
 * each of its parts is. How a part is decided is in `linearizable/check-part.ts`; here is what it
 * is asked, and what its answer is worth: an order of all operations for `valid`, a small set of
 * contradicting ones for `invalid`, the reason for `unknown`.
 */
import { availableParallelism } from "node:os";
import type { Budget, Checker } from "../src/checker/checker.js";
import type { History } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import type { Model } from "../src/model/model.js";
import type { LinearizationCertificate } from "../src/verdict/certificate.js";
import type { Verdict } from "../src/verdict/verdict.js";
import {
  askMonitorsOfAll,
  hasMonitorOfAll,
  type Order,
  type WholeFinding,
} from "./linearizable/ask-monitors.js";
import type { Progress } from "./linearizable/attempt.js";
import type { PartAnswer } from "./linearizable/check-part.js";
import { Meter } from "./linearizable/meter.js";
import { followLinearizability } from "./linearizable/online.js";
import { asOnePart, splitIntoParts, type Parts } from "./linearizable/parts.js";
import { Rounds } from "./linearizable/rounds.js";
import { runOnThreads } from "./linearizable/threads.js";

/** Options of `linearizable`. */
export interface LinearizableOptions {
  /** What is right when operations happen one after the other. */
  readonly model: Model;
  /**
   * The verdict when nothing contradicts because no operation completed `ok`: `"unknown"`
   * (default), since nothing was proved; or `"valid"`, as other checkers have it. Without any event
   * it is `unknown` in any case.
   */
  readonly nothingCompleted?: "unknown" | "valid";
  /**
   * How many threads may search hard keys at once, when there are several and the model has an
   * `origin`; default as many as the machine has processors, 1 for none but the caller's. The
   * verdict does not depend on it.
   */
  readonly threads?: number;
}

/**
 * Decides whether a history is linearizable, with evidence either way.
 * @throws HarnessError `bad-argument` from `check` when the history has a function that the model
 *   does not know
 */
export function linearizable(options: LinearizableOptions): Checker {
  return {
    name: "linearizable",
    description: "each operation takes effect at one instant between its call and its return",
    check: (history, budget) => check(history, options, budget),
    follow: (budget) => followLinearizability(options.model, budget),
  };
}

function check(
  history: History,
  options: LinearizableOptions,
  budget: Budget,
): Verdict | Promise<Verdict> {
  const { model, threads = availableParallelism() } = options;
  const meter = new Meter(budget);
  const progress: Progress = { levelMax: 0, configurationsMax: 0 };
  const found = takeApart(history, model, meter);
  const rounds = new Rounds({ history, model, parts: found.parts, meter, progress });
  const conclude = (): Verdict =>
    verdictOf({ history, options, ...found, rounds, meter, progress });
  const { origin } = model;
  if (threads < 2 || origin === undefined) rounds.run(Infinity);
  else if (rounds.run(THREADS_WORK) > 1) {
    return runOnThreads(rounds, { origin, threads }).then(conclude);
  } else rounds.run(Infinity);
  return conclude();
}

/** The parts that have to be decided; none when all are explained by one order. */
interface Found extends Parts {
  readonly together?: Extract<WholeFinding, { kind: "linearizable" }>;
}

function takeApart(history: History, model: Model, meter: Meter): Found {
  if (!hasMonitorOfAll(history, model)) return splitIntoParts(history, model);
  const { parts, operations, ok } = asOnePart(history, model);
  const [part] = parts;
  if (part === undefined) return { parts, operations, ok };
  const found = askMonitorsOfAll({ history, model, part }, meter);
  if (found === undefined) return splitIntoParts(history, model);
  if (found.kind === "not-linearizable") return { parts: [found.part], operations, ok };
  return { parts: [], operations, ok, together: found };
}

/**
 * The work of a round from which on threads pay: some seconds a part, against some tenths to start
 * threads and to copy the history to them.
 */
const THREADS_WORK = 1 << 28;

/** Everything that the verdict is made of. */
interface Checked {
  readonly history: History;
  readonly options: LinearizableOptions;
  readonly parts: Parts["parts"];
  readonly operations: number;
  readonly ok: number;
  readonly together?: Found["together"];
  readonly rounds: Rounds;
  readonly meter: Meter;
  readonly progress: Progress;
}

function verdictOf(checked: Checked): Verdict {
  const { history, options, parts, operations, ok, together, meter, progress } = checked;
  const { model, nothingCompleted = "unknown" } = options;
  const { answers, invalid } = checked.rounds;
  const valid = answers.filter((answer) => answer?.verdict === "valid").length;
  const answer = {
    checker: "linearizable",
    operations,
    elapsedMs: meter.elapsedMs(),
    anomalies: [],
    details: {
      model: model.name,
      parts: parts.length,
      partsDecided: valid + (invalid === undefined ? 0 : 1),
      searches: together === undefined ? countSearches(answers) : { [together.search]: 1 },
      work: meter.work,
      bytesMax: meter.bytesMax,
      configurationsMax: progress.configurationsMax,
    },
  };
  if (invalid !== undefined) {
    const { anomaly, certificate } = invalid;
    const reason = anomaly.message;
    return { ...answer, verdict: "invalid", reason, anomalies: [anomaly], certificate };
  }
  if (valid < parts.length) {
    const told = undecidedOf(answers);
    const decided =
      answers.length < 2
        ? ""
        : ` ${valid} of ${answers.length} keys were decided, all linearizable.`;
    return {
      ...answer,
      verdict: "unknown",
      reason: `${told?.reason ?? "Undecided."}${decided}`,
      details: { ...answer.details, ...(told === undefined ? {} : { undecided: told.details }) },
    };
  }
  if (ok === 0 && (nothingCompleted === "unknown" || history.length === 0)) {
    return { ...answer, verdict: "unknown", reason: nothingProved(operations) };
  }
  const orders = answers.map((found, number) =>
    partOrder(parts[number]?.part ?? null, found?.verdict === "valid" ? found.order : []),
  );
  const certificate: LinearizationCertificate = {
    kind: "linearization",
    model: { name: model.name, options: model.options },
    ...(together === undefined
      ? { parts: orders }
      : { allParts: true, parts: [partOrder(null, together.order)] }),
  };
  const keys = parts.length < 2 ? "" : ` over ${parts.length} keys`;
  const reason =
    ok === 0
      ? `Linearizable, but of ${operations} operations none completed ok: there was nothing to contradict.`
      : `An order of the ${operations} operations${keys} explains every result and respects real time.`;
  return { ...answer, verdict: "valid", reason, certificate };
}

/** The order as a plain list; made when somebody asks, for it may have millions of entries. */
function partOrder(part: Value, order: Order): LinearizationCertificate["parts"][number] {
  let list: readonly number[] | undefined;
  return {
    part,
    get order() {
      list ??= Array.isArray(order) ? (order as readonly number[]) : [...order];
      return list;
    },
  };
}

function countSearches(answers: readonly (PartAnswer | undefined)[]): { [name: string]: number } {
  const counts: { [name: string]: number } = {};
  for (const answer of answers) {
    if (answer === undefined || answer.verdict === "unknown") continue;
    counts[answer.search] = (counts[answer.search] ?? 0) + 1;
  }
  return counts;
}

/** The part that ended the check says most; those that were only postponed come after it. */
function undecidedOf(
  answers: readonly (PartAnswer | undefined)[],
): Extract<PartAnswer, { verdict: "unknown" }> | undefined {
  const ended = answers.filter((answer) => answer?.verdict === "unknown");
  return ended.find(({ limit }) => limit !== "work") ?? ended[0];
}

function nothingProved(operations: number): string {
  return operations === 0
    ? "Nothing was proved: the history has no client operations. Look at the run's log for why nothing was invoked."
    : `Nothing was proved: none of the ${operations} operations completed ok. ` +
        "Look at their errors, and at whether the system was reachable at all.";
}
