/**
 * Unique ids: no two operations are given the same id.
 *
 * Reads `generate` (any argument), whose `ok` result is the id: any value but null. An
 * indeterminate `generate` may have used up an id that nobody saw, which excuses nothing.
 */
import type { Checker } from "../src/checker/checker.js";
import { NEMESIS, NONE, OK, type History } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { countOf, maskOf, nothingOf } from "./everyday/functions.js";
import { assertNumber, misshapen } from "./everyday/options.js";
import { checkerOf, type Judgement, type Work } from "./everyday/rule.js";
import { callText, counted, valueText } from "./everyday/words.js";

/** Options of `uniqueIds`. */
export interface UniqueIdsOptions {
  /** Ids must be numbers from here on; default no bound. */
  readonly min?: number;
  /** Ids must be numbers up to here; default no bound. */
  readonly max?: number;
}

const FUNCTIONS = ["generate"];

/**
 * Judges whether ids are unique, and within a range if one is given.
 *
 * `duplicate-id`: two operations were given one id.
 *
 *     process 0  |-- generate → 7 --|
 *     process 1            |-- generate → 7 --|
 *
 * `id-out-of-range`: an id is no number between `min` and `max`.
 *
 *     process 0  |-- generate → 70000 --|     max = 65535
 *
 * @throws HarnessError `bad-argument` for an option that is none, or a result of null
 */
export function uniqueIds(options: UniqueIdsOptions = {}): Checker {
  const { min = -Infinity, max = Infinity } = options;
  assertNumber("unique-ids", { min, max }, -Infinity);
  return checkerOf({
    name: "unique-ids",
    description: "no two operations are given the same id: generate",
    keyed: true,
    kinds: ["duplicate-id", "id-out-of-range"],
    judge: (history, work) => judge(history, work, { min, max }),
  });
}

/** A range whose ends may be open. */
function rangeText({ min, max }: Bounds): string {
  if (max === Infinity) return `from ${min} on`;
  return min === -Infinity ? `up to ${max}` : `from ${min} to ${max}`;
}

function judge(history: History, { found, limits }: Work, bounds: Bounds): Judgement {
  const { length, types, processes, functions, values, pairs, pool } = history;
  const generate = maskOf(history, FUNCTIONS);
  limits.hold(pool.length * 4);
  /** The first invocation that was given the id. */
  const givenTo = new Int32Array(pool.length).fill(NONE);
  const isBounded = bounds.min > -Infinity || bounds.max < Infinity;
  let ids = 0;
  let smallest: Value = null;
  let largest: Value = null;
  for (let i = 0; i < length; i++) {
    if (types[i] !== OK || processes[i] === NEMESIS || generate[functions[i] as number] !== 1) {
      continue;
    }
    const id = values[i] as number;
    const value = pool[id] as Value;
    const invocation = pairs[i] as number;
    if (value === null) throw misshapen("unique-ids", "ids that are not null", value);
    ids++;
    const first = givenTo[id] as number;
    if (first === NONE) givenTo[id] = invocation;
    else {
      found.add("duplicate-id", () => ({
        message: `${callText(history, invocation)} was given the id ${valueText(value)}, which ${callText(history, first)} was given too.`,
        operations: first < invocation ? [first, invocation] : [invocation, first],
        details: { id: value },
      }));
    }
    if (isBounded && !(typeof value === "number" && value >= bounds.min && value <= bounds.max)) {
      found.add("id-out-of-range", () => ({
        message: `${callText(history, invocation)} was given the id ${valueText(value)}, which is no number ${rangeText(bounds)}.`,
        operations: [invocation],
        details: { id: value },
      }));
    }
    if (smallest === null || isBelow(value, smallest)) smallest = value;
    if (largest === null || isBelow(largest, value)) largest = value;
  }
  return {
    operations: countOf(history, generate),
    details: { ids, smallest, largest },
    holds: `The ${counted(ids, "id")} that were given are all different.`,
    gap: ids === 0 ? nothingOf("generate", FUNCTIONS) : undefined,
    isEmpty: ids === 0,
  };
}

interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** Numbers come before texts; what is neither is not compared. */
function isBelow(a: Value, b: Value): boolean {
  if (typeof a === "number") return typeof b !== "number" || a < b;
  return typeof a === "string" && typeof b === "string" && a < b;
}
