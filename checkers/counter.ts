/**
 * Counters: what a read may return lies between two bounds. At least every addition that completed
 * before the read began counts, at most every one that was invoked before the read ended and did
 * not fail; of subtractions it is the other way round.
 *
 * Reads `add` (of an integer, null: 1), `increment` and `decrement` (by an integer, null: 1), and
 * `read`, whose result is an integer (null says nothing).
 */
import type { Checker } from "../src/checker/checker.js";
import { FAIL, INVOKE, NEMESIS, OK, type History } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { outcomeOf, nothingOf, rolesOf } from "./everyday/functions.js";
import { assertNumber, misshapen } from "./everyday/options.js";
import { checkerOf, type Judgement, type Work } from "./everyday/rule.js";
import { callText, counted } from "./everyday/words.js";

/** Options of `counter`. */
export interface CounterOptions {
  /** The number at first, an integer; default 0. */
  readonly initial?: number;
}

const READ = 1;
const ADD = 2;
const SUBTRACT = 3;
const ROLES = { read: READ, add: ADD, increment: ADD, decrement: SUBTRACT };
/** How many of the changes that a read missed an anomaly lists, the last ones. */
const LISTED = 10;

/**
 * Judges each read by its bounds.
 *
 * `counter-below-bounds`: a read misses an addition that was complete before it began (or counts a
 * subtraction that nobody had invoked).
 *
 *     process 0  |-- add 1 --|
 *     process 1                |-- read → 0 --|
 *
 * `counter-above-bounds`: a read counts more than was ever invoked (or misses a subtraction).
 *
 *     process 0  |-- add 1 --|
 *     process 1       |-- read → 2 --|
 *
 * @throws HarnessError `bad-argument` for an initial number, amount or result that is no integer
 */
export function counter(options: CounterOptions = {}): Checker {
  const { initial = 0 } = options;
  assertNumber("counter", { initial }, -Infinity);
  return checkerOf({
    name: "counter",
    description: "each read lies within the bounds of the additions around it: add, read",
    keyed: true,
    kinds: ["counter-below-bounds", "counter-above-bounds"],
    judge: (history, work) => judge(history, work, initial),
  });
}

function judge(history: History, { found, limits }: Work, initial: number): Judgement {
  const { length, types, processes, functions, values, pairs, pool } = history;
  const roles = rolesOf(history, ROLES);
  limits.hold(length * 16);
  /** For each read, what was certainly added and subtracted when it began. */
  const addedBefore = new Float64Array(length);
  const subtractedBefore = new Float64Array(length);
  let [added, subtracted, addedMax, subtractedMax] = [0, 0, 0, 0];
  let [operations, reads, widthMax] = [0, 0, 0];
  for (let i = 0; i < length; i++) {
    const role = roles[functions[i] as number] as number;
    if (role === 0 || processes[i] === NEMESIS) continue;
    const type = types[i] as number;
    if (type === INVOKE) {
      operations++;
      if (role === READ) {
        addedBefore[i] = added;
        subtractedBefore[i] = subtracted;
      } else if (outcomeOf(history, i) !== FAIL) {
        const change = changeOf(role, pool[values[i] as number] as Value);
        if (change > 0) addedMax += change;
        else subtractedMax += change;
      }
      continue;
    }
    if (type !== OK) continue;
    const invocation = pairs[i] as number;
    if (role !== READ) {
      const change = changeOf(role, pool[values[invocation] as number] as Value);
      if (change > 0) added += change;
      else subtracted += change;
      continue;
    }
    const value = pool[values[i] as number] as Value;
    if (value === null) continue;
    reads++;
    const lower = initial + (addedBefore[invocation] as number) + subtractedMax;
    const upper = initial + (subtractedBefore[invocation] as number) + addedMax;
    widthMax = Math.max(widthMax, upper - lower);
    const number = integer(value);
    if (number >= lower && number <= upper) continue;
    const below = number < lower;
    found.add(below ? "counter-below-bounds" : "counter-above-bounds", () => ({
      message: `${callText(history, invocation)} returned ${number}, which is not from ${lower} to ${upper}: ${
        below
          ? "it misses what was added before it began"
          : "it counts more than anybody had added by its end"
      }.`,
      operations: [...changesAround(history, { roles, invocation, below }), invocation].sort(
        (a, b) => a - b,
      ),
      details: { value: number, lower, upper },
    }));
  }
  return {
    operations,
    details: {
      reads,
      widthMax,
      finalLower: initial + added + subtractedMax,
      finalUpper: initial + subtracted + addedMax,
    },
    holds: `${counted(reads, "read")} lie within their bounds, at most ${widthMax} wide.`,
    gap: reads === 0 ? nothingOf("read", Object.keys(ROLES)) : undefined,
    isEmpty: reads === 0 && added === 0 && subtracted === 0,
  };
}

function changeOf(role: number, input: Value): number {
  const amount = integer(input ?? 1);
  return role === ADD ? amount : -amount;
}

/** Fractions would be rounded differently in another order. */
function integer(value: Value): number {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw misshapen("counter", "integers", value);
}

interface Around {
  readonly roles: Uint8Array;
  readonly invocation: number;
  readonly below: boolean;
}

/**
 * The last changes that the read contradicts: those that it has to count when it is below, those
 * that it may count when it is above.
 */
function changesAround(history: History, { roles, invocation, below }: Around): readonly number[] {
  const { types, processes, functions, pairs } = history;
  const listed: number[] = [];
  const end = below ? invocation : (pairs[invocation] as number);
  for (let i = end - 1; i >= 0 && listed.length < LISTED; i--) {
    const role = roles[functions[i] as number] as number;
    if ((role !== ADD && role !== SUBTRACT) || processes[i] === NEMESIS) continue;
    if (below && types[i] === OK) listed.push(pairs[i] as number);
    if (!below && types[i] === INVOKE && outcomeOf(history, i) !== FAIL) listed.push(i);
  }
  return listed;
}
