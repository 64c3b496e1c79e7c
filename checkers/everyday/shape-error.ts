/** Errors about values in a shape that a checker cannot read, with the event where one stands. */
import { HarnessError } from "../../src/errors.js";
import { FAIL, INFO, INVOKE, NEMESIS, type History } from "../../src/history/history.js";
import { canonical, sameValue, type Value } from "../../src/history/value.js";

/** A value that the checker cannot read. */
export class ShapeError extends HarnessError {
  readonly value: Value;

  /** The message names the checker, and what it reads. */
  constructor(checker: string, what: string, value: Value) {
    super(
      "bad-argument",
      `the ${checker} checker cannot read ${what}, but the history has ${canonical(value).slice(0, 80)}; ` +
        "see docs/checkers.md for the shapes, or use another checker",
    );
    this.value = value;
  }
}

/** What `judge` gives; its shape errors name the event, where no other can be meant. */
export function namingShapes<T>(history: History, judge: () => T | Promise<T>): T | Promise<T> {
  const named = (error: unknown): unknown => {
    if (!(error instanceof ShapeError)) return error;
    const event = eventWith(history, error.value);
    if (event === undefined) return error;
    return new HarnessError(error.code, error.message, { cause: error, event });
  };
  try {
    const answer = judge();
    if (!(answer instanceof Promise)) return answer;
    return answer.catch((error: unknown) => {
      throw named(error);
    });
  } catch (error) {
    throw named(error);
  }
}

/**
 * The first event that is or has a value: an invocation when it comes from inputs, else a
 * completion. Undefined where it may be right somewhere: in several functions, or in inputs and
 * in results that do not repeat them; and for null, which stands everywhere.
 */
function eventWith(history: History, value: Value): number | undefined {
  if (value === null) return undefined;
  const { length, types, processes, functions, values, pairs, valueAt } = history;
  /** By position in the pool. */
  const known = new Map<number, boolean>();
  const has = (event: number): boolean => {
    const position = values[event] as number;
    const answer = known.get(position) ?? contains(valueAt(position), value);
    known.set(position, answer);
    return answer;
  };
  let first: number | undefined;
  let isInput = false;
  for (let event = 0; event < length; event++) {
    if (processes[event] === NEMESIS || !has(event)) continue;
    // What did not succeed is not read.
    if (types[event] === FAIL || types[event] === INFO) continue;
    const isOwn = types[event] === INVOKE || has(pairs[event] as number);
    if (first === undefined) [first, isInput] = [event, isOwn];
    else if (functions[event] !== functions[first] || isOwn !== isInput) return undefined;
  }
  return first;
}

function contains(whole: Value, part: Value): boolean {
  if (typeof whole !== "object" || whole === null) return whole === part;
  if (sameValue(whole, part)) return true;
  return Object.values(whole).some((each: Value) => contains(each, part));
}
