/**
 * Monotonic reads of a value that only grows: a timestamp, a version, a counter that is never
 * decremented. Nobody may see it smaller than it was seen before.
 *
 * Reads `read` (or the functions that are named), whose result is a number, or null for a value
 * that is not there yet, which is below every number.
 */
import type { Checker } from "../src/checker/checker.js";
import { INVOKE, NEMESIS, NONE, OK, type History } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { maskOf, nothingOf } from "./everyday/functions.js";
import { assertTexts, assertWord, misshapen } from "./everyday/options.js";
import { checkerOf, type Judgement, type Work } from "./everyday/rule.js";
import { callText, counted, valueText } from "./everyday/words.js";

/** Options of `monotonic`. */
export interface MonotonicOptions {
  /** The functions whose results grow; default `["read"]`. */
  readonly functions?: readonly string[];
  /**
   * Who must not see the value shrink: `"global"` (default), nobody, whoever saw it before, as long
   * as the one read ended before the other began; `"process"`, no process in its own order.
   */
  readonly scope?: "global" | "process";
}

/**
 * Judges whether reads grow.
 *
 * `nonmonotonic-process`: a process sees a smaller value than it saw before.
 *
 *     process 0  |-- read → 2 --|  |-- read → 1 --|
 *
 * `nonmonotonic-global`: a read returns less than another that ended before it began.
 *
 *     process 0  |-- read → 2 --|
 *     process 1                    |-- read → 1 --|
 *
 * @throws HarnessError `bad-argument` for an option that is none, or a result that is no number
 */
export function monotonic(options: MonotonicOptions = {}): Checker {
  const { functions = ["read"], scope = "global" } = options;
  assertTexts("monotonic", { functions });
  assertWord("monotonic", { name: "scope", value: scope, words: ["global", "process"] });
  return checkerOf({
    name: "monotonic",
    description: "a value that grows is never seen smaller than before: read",
    keyed: true,
    kinds: ["nonmonotonic-process", "nonmonotonic-global"],
    judge: (history, work) => judge(history, work, { functions, scope }),
  });
}

function judge(
  history: History,
  { found, limits }: Work,
  { functions: names, scope }: Required<MonotonicOptions>,
): Judgement {
  const { length, types, processes, functions, values, pairs, pool } = history;
  const isRead = maskOf(history, names);
  limits.hold(length * 4);
  /** For each open read, the largest one that had ended when it began. */
  const largestBefore = new Int32Array(length).fill(NONE);
  /** The largest read of each process. */
  const largestOf = new Map<number, number>();
  const valueOf = (invocation: number): number =>
    numberOf(pool[values[pairs[invocation] as number] as number] as Value);
  let largest = NONE;
  let [operations, reads] = [0, 0];
  const report = (kind: string, before: number, invocation: number): void =>
    found.add(kind, () => ({
      message: `${callText(history, invocation)} returned ${told(history, invocation)}, less than the ${told(history, before)} of ${callText(history, before)}, which ended before it began.`,
      operations: [before, invocation],
      details: { before: told(history, before), after: told(history, invocation) },
    }));
  for (let i = 0; i < length; i++) {
    if (isRead[functions[i] as number] !== 1 || processes[i] === NEMESIS) continue;
    if (types[i] === INVOKE) {
      operations++;
      largestBefore[i] = largest;
    }
    if (types[i] !== OK) continue;
    reads++;
    const invocation = pairs[i] as number;
    const process = processes[i] as number;
    const value = valueOf(invocation);
    const own = largestOf.get(process);
    const before = largestBefore[invocation] as number;
    if (own !== undefined && value < valueOf(own)) report("nonmonotonic-process", own, invocation);
    else if (scope === "global" && before !== NONE && value < valueOf(before)) {
      report("nonmonotonic-global", before, invocation);
    }
    if (own === undefined || value > valueOf(own)) largestOf.set(process, invocation);
    if (largest === NONE || value > valueOf(largest)) largest = invocation;
  }
  return {
    operations,
    details: { reads, processes: largestOf.size },
    holds: `${counted(reads, "read")} never went back.`,
    gap: gapIn(reads, names),
    isEmpty: reads < 2,
  };
}

function gapIn(reads: number, names: readonly string[]): string | undefined {
  if (reads === 0) return nothingOf(names.join(" or "), names);
  if (reads > 1) return undefined;
  return "Nothing was proved: only one read completed ok, and there is nothing to compare it with. Run longer.";
}

function numberOf(value: Value): number {
  if (value === null) return -Infinity;
  if (typeof value === "number") return value;
  throw misshapen("monotonic", "results that are numbers", value);
}

function told({ pool, values, pairs }: History, invocation: number): string {
  return valueText(pool[values[pairs[invocation] as number] as number] as Value);
}
