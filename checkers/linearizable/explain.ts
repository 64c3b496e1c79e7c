/**
 * Verdicts of the linearizability checker in plain words.
 */
import type { History } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import type { Anomaly } from "../../src/verdict/verdict.js";
import type { Excluded } from "./excluded.js";
import type { Counterexample } from "./minimize.js";

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
    readonly excluded: Excluded | undefined;
  },
): Anomaly {
  const { states, counterexample, excluded } = found;
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
    details: {
      failing,
      states: atReturn ? states.slice(0, STATES_MAX) : [],
      required,
      minimal,
      window: windowOf(history, required),
      ...(excluded === undefined ? {} : { excluded }),
    },
  };
}

/** The events from the first to the last of these operations. */
function windowOf({ pairs }: History, required: readonly number[]): readonly number[] {
  return [
    required.reduce((first, one) => Math.min(first, one), Infinity),
    required.reduce((last, one) => Math.max(last, pairs[one] as number), 0),
  ];
}

function lastToEnd(history: History, operations: readonly number[]): number {
  return operations.reduce((last, one) =>
    (history.pairs[one] as number) > (history.pairs[last] as number) ? one : last,
  );
}

/** An operation in words: `Process 3's cas of [1,2] on key "x" (events 7 to 9)`. */
export function describe(history: History, invocation: number): string {
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
