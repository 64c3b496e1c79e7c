/**
 * Statistics: how many operations of each function succeeded, failed, or are indeterminate, and how
 * long those that succeeded took; the same while each kind of fault was going on (`start-…` to
 * `stop-…` of the nemesis), and while none was. It reads every function.
 *
 * A run in which nothing succeeded proves nothing, whatever other checkers say of it, and one in
 * which a function never did proves nothing of that function.
 */
import type { Checker } from "../src/checker/checker.js";
import { INFO, INVOKE, NEMESIS, NONE, OK, type History } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { countsByFault } from "./everyday/by-fault.js";
import { assertNumber } from "./everyday/options.js";
import { latencyFacts } from "./everyday/quantiles.js";
import { checkerOf, type Judgement, type Work } from "./everyday/rule.js";
import { callText, counted } from "./everyday/words.js";

/** Options of `statistics`. */
export interface StatisticsOptions {
  /**
   * The share of the operations of each function that must succeed, from 0 to 1; default 0, which
   * demands nothing.
   */
  readonly minAvailability?: number;
}

/** How many failed operations an anomaly lists. */
const LISTED = 10;

/**
 * Counts outcomes; judges availability when a least share is given.
 *
 * `unavailable`: less of a function succeeded than `minAvailability`.
 *
 *     process 0  |-- read → ok --|  |-- read → fail --|  |-- read → info …
 *
 * @throws HarnessError `bad-argument` for a share that is none
 */
export function statistics(options: StatisticsOptions = {}): Checker {
  const { minAvailability = 0 } = options;
  assertNumber("statistics", { minAvailability });
  return checkerOf({
    name: "statistics",
    description: "how many operations of each function succeeded, and how long they took",
    keyed: false,
    kinds: ["unavailable"],
    judge: (history, work) => judge(history, work, minAvailability),
  });
}

function judge(history: History, { found, limits }: Work, minAvailability: number): Judgement {
  const { length, types, processes, functions, functionNames, pairs, timesNs } = history;
  const names = functionNames.length;
  const counts = new Int32Array(names * 4);
  limits.hold(length * 8);
  for (let i = 0; i < length; i++) {
    if (types[i] !== INVOKE || processes[i] === NEMESIS) continue;
    const pair = pairs[i] as number;
    const at = (functions[i] as number) * 4;
    counts[at] = (counts[at] as number) + 1;
    const type = at + (pair === NONE ? INFO : (types[pair] as number));
    counts[type] = (counts[type] as number) + 1;
  }
  const latencies = latenciesOf(history, counts);
  let operations = 0;
  let succeeded = 0;
  const byFunction: { [f: string]: Value } = {};
  for (let f = 0; f < names; f++) {
    const [invoked = 0, ok = 0, fail = 0, info = 0] = counts.subarray(f * 4, f * 4 + 4);
    if (invoked === 0) continue;
    operations += invoked;
    succeeded += ok;
    const name = functionNames[f] as string;
    const availability = ok / invoked;
    const latencyMs = latencyFacts(latencies[f] as Float64Array);
    byFunction[name] = { invoked, ok, fail, info, availability, latencyMs };
    if (availability >= minAvailability) continue;
    found.add("unavailable", () => {
      const failed = unsuccessful(history, f);
      const first = failed[0] as number;
      return {
        message: `Of ${counted(invoked, `${name} operation`)} ${ok} succeeded, which is less than ${minAvailability * 100} %; the first that did not is ${callText(history, first)}.`,
        operations: failed,
        details: { f: name, availability },
      };
    });
  }
  const byFault = countsByFault(history);
  return {
    operations,
    details: {
      invoked: operations,
      ok: succeeded,
      durationMs: length === 0 ? 0 : durationMs(timesNs),
      functions: byFunction,
      ...(byFault === undefined ? {} : { faults: byFault }),
    },
    holds: `Of ${counted(operations, "operation")} ${succeeded} succeeded.`,
    gap: succeeded > 0 ? neverSucceeded(byFunction) : nothingSucceeded(operations),
  };
}

function durationMs(timesNs: Float64Array): number {
  return ((timesNs.at(-1) as number) - (timesNs[0] as number)) / 1e6;
}

/** What each successful operation took, in milliseconds, by function. */
function latenciesOf(history: History, counts: Int32Array): readonly Float64Array[] {
  const { length, types, processes, functions, functionNames, pairs, timesNs } = history;
  const latencies = functionNames.map((_, f) => new Float64Array(counts[f * 4 + OK] as number));
  const filled = new Int32Array(functionNames.length);
  for (let i = 0; i < length; i++) {
    if (types[i] !== OK || processes[i] === NEMESIS) continue;
    const f = functions[i] as number;
    const at = filled[f] as number;
    const begun = timesNs[pairs[i] as number] as number;
    (latencies[f] as Float64Array)[at] = ((timesNs[i] as number) - begun) / 1e6;
    filled[f] = at + 1;
  }
  return latencies;
}

function unsuccessful(history: History, f: number): readonly number[] {
  const { length, types, processes, functions, pairs } = history;
  const failed: number[] = [];
  for (let i = 0; i < length && failed.length < LISTED; i++) {
    if (types[i] !== INVOKE || processes[i] === NEMESIS || functions[i] !== f) continue;
    const pair = pairs[i] as number;
    if (pair === NONE || types[pair] !== OK) failed.push(i);
  }
  return failed;
}

/** A function that never succeeded was not tested, whatever the others did. */
function neverSucceeded(byFunction: { readonly [f: string]: Value }): string | undefined {
  const never = Object.entries(byFunction).filter(
    ([, counts]) => (counts as { readonly ok: number }).ok === 0,
  );
  if (never.length === 0) return undefined;
  const names = never.map(([f]) => f).join(", ");
  return `Nothing was proved of ${names}: no such operation completed ok. Look at their errors, run longer, or leave them out of the workload.`;
}

function nothingSucceeded(operations: number): string {
  return operations === 0
    ? "Nothing was proved: the history has no client operations. Look at the run's log for why nothing was invoked."
    : `Nothing was proved: none of the ${operations} operations completed ok. Look at their errors, and at whether the system was reachable at all.`;
}
