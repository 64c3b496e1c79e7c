/**
 * Verdicts of the linearizability checker in plain words.
 */
import type { History } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import type { Anomaly } from "../../src/verdict/verdict.js";
import type { Progress } from "./attempt.js";
import type { LimitName } from "./meter.js";
import type { Counterexample } from "./minimize.js";
import type { Part } from "./parts.js";
import type { Problem } from "./problem.js";

/** At most so many values are named in a sentence. */
const VALUES_MAX = 8;
/** At most so many states are kept for reports. */
const STATES_MAX = 1000;

/** What went wrong, in the words of whoever ran the test. */
export function anomalyOf(
  history: History,
  part: Value,
  found: {
    /** The first operation that cannot be explained. */
    readonly failing: number;
    /** States that were possible when it had to take effect, before it did. */
    readonly states: readonly Value[];
    readonly counterexample: Counterexample;
  },
): Anomaly {
  const { states, counterexample } = found;
  const { required, minimal } = counterexample;
  // What ends after the first inexplicable return may contradict without it; then the last of those
  // is named.
  const atReturn = required.includes(found.failing);
  const failing = atReturn ? found.failing : lastToEnd(history, required);
  const others = required.length - 1;
  const fewer = minimal ? "" : " (fewer may be enough)";
  const together =
    others === 0
      ? "by anything"
      : `with ${others} other${others === 1 ? "" : "s"} before or beside it${fewer}`;
  const why =
    atReturn && states.length > 0
      ? `in every order that real time allows, ${statesInWords(part, states)} when it had to take effect`
      : "no order that real time allows leads to such results";
  return {
    kind: "not-linearizable",
    message: `${describe(history, failing)} cannot be explained ${together}: ${why}.`,
    operations: required,
    ...(part === null ? {} : { key: part }),
    details: { failing, states: atReturn ? states.slice(0, STATES_MAX) : [], required, minimal },
  };
}

function lastToEnd(history: History, operations: readonly number[]): number {
  return operations.reduce((last, one) =>
    (history.pairs[one] as number) > (history.pairs[last] as number) ? one : last,
  );
}

/** `Process 3's cas of [1,2] on key "x" (events 7 to 9)`. */
function describe(history: History, invocation: number): string {
  const { process, f, key, input, output, outcome, completion } = history.operation(invocation);
  const about = key === undefined ? "" : ` on key ${canonical(key)}`;
  const given = input === null ? "" : ` of ${canonical(input)}`;
  const got =
    outcome === "fail"
      ? " that failed"
      : output === undefined || (canonical(output) === canonical(input) && input !== null)
        ? ""
        : ` that returned ${canonical(output)}`;
  const events =
    completion === undefined
      ? `from event ${invocation} on`
      : `events ${invocation} to ${completion}`;
  return `Process ${process}'s ${f}${given}${about}${got} (${events})`;
}

/** Why a part stayed undecided, how far it got, what made it dear, and what to do. */
export function undecidedInWords(
  limit: LimitName,
  history: History,
  found: {
    readonly part: Part;
    /** Undefined when even laying out the problem was too much. */
    readonly problem: Problem | undefined;
    readonly progress: Progress;
    readonly spent: string;
  },
): string {
  const { part, problem, progress, spent } = found;
  const where = part.part === null ? "The history" : `Key ${canonical(part.part)}`;
  const option = limit === "time" ? "--time-budget" : "--memory-budget";
  const cost =
    problem === undefined
      ? `it has ${part.completed.length} completed operations`
      : `up to ${problem.openMax} operations were open at once, and ${problem.members.length} ` +
        `of ${part.indeterminate.length} indeterminate ones begin before the end`;
  const reached =
    problem === undefined
      ? "no event"
      : `event ${reachedEvent(history, problem, progress)} (${progress.levelMax} of ${problem.levels} completed operations)`;
  return (
    `Undecided: out of ${limit} after ${spent}. ${where} was explained up to ${reached}; ${cost}. ` +
    `Raise ${option}, or shorten the run, use fewer clients per key, or more keys.`
  );
}

function reachedEvent(history: History, problem: Problem, progress: Progress): number {
  if (problem.levels === 0) return 0;
  const level = Math.min(progress.levelMax, problem.levels - 1);
  return history.pairs[problem.invocations[level] as number] as number;
}

function statesInWords(part: Value, states: readonly Value[]): string {
  const what = part === null ? "the state" : `the value of key ${canonical(part)}`;
  const shown = states.slice(0, VALUES_MAX).map(canonical);
  const more = states.length - shown.length;
  const list =
    more > 0
      ? `${shown.join(", ")} or ${more === 1 ? "another" : `one of ${more} others`}`
      : shown.length < 2
        ? shown.join("")
        : `${shown.slice(0, -1).join(", ")} or ${shown.at(-1)}`;
  return `${what} was ${list}`;
}
