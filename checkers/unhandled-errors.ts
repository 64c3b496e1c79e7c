/**
 * Unhandled errors: failures that the test did not foresee. An error that a client does not
 * classify makes its operation indeterminate, which is safe and costs what could have been proved;
 * often it is a bug of the test itself.
 *
 * Reads every function. The *class* of an error is the first element of a list (`["timeout",
 * "after 1 s"]`), the `code`, `type` or `class` of an object, or the text itself.
 */
import type { Checker } from "../src/checker/checker.js";
import { INVOKE, NEMESIS, NONE, OK, type History } from "../src/history/history.js";
import { canonical, type Value } from "../src/history/value.js";
import { assertTexts } from "./everyday/options.js";
import { checkerOf, type Judgement, type Work } from "./everyday/rule.js";
import { callText, counted, valueText } from "./everyday/words.js";

/** Options of `unhandledErrors`. */
export interface UnhandledErrorsOptions {
  /** The classes of errors that are foreseen, and all others are not; default: see `unexpected`. */
  readonly expected?: readonly string[];
  /**
   * The classes of errors that are not foreseen, and all others are. Default `["unclassified"]`: so
   * ordeal's runner calls what a client threw and nobody mapped. Only without `expected`.
   */
  readonly unexpected?: readonly string[];
}

/** What the runner calls errors that no client classified. */
const UNCLASSIFIED = "unclassified";
/** How many operations with the same class of error an anomaly lists. */
const LISTED = 10;

/**
 * Looks for errors that are not foreseen, one anomaly a class.
 *
 * `unhandled-error`: an operation ended with an error of a class that nobody foresaw.
 *
 *     process 0  |-- write 1 → info ["unclassified", "x is not a function"]
 *
 * @throws HarnessError `bad-argument` for an option that is none
 */
export function unhandledErrors(options: UnhandledErrorsOptions = {}): Checker {
  const { expected, unexpected = [UNCLASSIFIED] } = options;
  if (expected !== undefined) assertTexts("unhandled-errors", { expected });
  assertTexts("unhandled-errors", { unexpected });
  const isForeseen = (name: string): boolean =>
    expected === undefined ? !unexpected.includes(name) : expected.includes(name);
  return checkerOf({
    name: "unhandled-errors",
    description: "no operation ends with an error that the test did not foresee",
    keyed: false,
    kinds: ["unhandled-error"],
    judge: (history, work) => judge(history, work, isForeseen),
  });
}

interface ErrorClass {
  count: number;
  readonly example: Value;
  readonly operations: number[];
}

function judge(
  history: History,
  { found }: Work,
  isForeseen: (name: string) => boolean,
): Judgement {
  const { length, types, processes, errors, pairs, pool } = history;
  const classes = new Map<string, ErrorClass>();
  const names = new Map<number, string>();
  let operations = 0;
  for (let i = 0; i < length; i++) {
    if (processes[i] === NEMESIS) continue;
    if (types[i] === INVOKE) operations++;
    const error = errors[i] as number;
    if (types[i] === INVOKE || types[i] === OK || error === NONE) continue;
    let name = names.get(error);
    if (name === undefined) names.set(error, (name = classOf(pool[error] as Value)));
    let known = classes.get(name);
    if (known === undefined) {
      known = { count: 0, example: pool[error] as Value, operations: [] };
      classes.set(name, known);
    }
    known.count++;
    if (known.operations.length < LISTED) known.operations.push(pairs[i] as number);
  }
  const byCount = [...classes].toSorted(([, a], [, b]) => b.count - a.count);
  for (const [name, { count, example, operations: listed }] of byCount) {
    if (isForeseen(name)) continue;
    listed.sort((a, b) => a - b);
    found.add("unhandled-error", () => ({
      message: `${counted(count, "operation")} ended with an error of the class ${name}, which nobody foresaw: ${callText(history, listed[0] as number)} with ${valueText(example)}.`,
      operations: listed,
      details: { class: name, count, example },
    }));
  }
  return {
    operations,
    details: { errors: Object.fromEntries(byCount.map(([name, { count }]) => [name, count])) },
    holds:
      classes.size === 0
        ? "No operation ended with an error."
        : `The errors (${[...classes.keys()].slice(0, 5).join(", ")}) were all foreseen.`,
    gap:
      operations === 0
        ? "Nothing was proved: the history has no client operations. Look at the run's log for why nothing was invoked."
        : undefined,
  };
}

function classOf(error: Value): string {
  if (typeof error === "string") return error;
  if (Array.isArray(error) && typeof error[0] === "string") return error[0];
  if (typeof error === "object" && error !== null && !Array.isArray(error)) {
    const fields = error as { readonly [name: string]: Value };
    const named = fields["code"] ?? fields["type"] ?? fields["class"];
    if (typeof named === "string") return named;
  }
  return canonical(error);
}
