/**
 * Liveness: once all faults are healed, operations succeed again within a bound. That something
 * good happens at last can be judged in a finite history only with such a bound.
 *
 * Reads every function of clients, and of the nemesis `start-…` for the beginning of a fault and
 * `stop-…` or `heal` for its end (or the functions that are named). A heal is the moment at which
 * the last fault that was going on ends. It is not judged when the history ends or another fault
 * begins before the bound has passed, or when nobody tried anything.
 */
import type { Checker } from "../src/checker/checker.js";
import { INVOKE, NEMESIS, NONE, OK, type History } from "../src/history/history.js";
import { healsOf, type Heal } from "./everyday/heals.js";
import { assertNumber, assertTexts } from "./everyday/options.js";
import { latencyFacts } from "./everyday/quantiles.js";
import { checkerOf, type Judgement, type Work } from "./everyday/rule.js";
import { counted, timeText } from "./everyday/words.js";

/** Options of `liveness`. */
export interface LivenessOptions {
  /** Milliseconds after a heal within which an operation must succeed; default 10,000. */
  readonly withinMs?: number;
  /** The functions that must succeed again (one of them); default all. */
  readonly functions?: readonly string[];
  /**
   * Functions of the nemesis that end all faults; default `stop-…` for each `start-…`, and `heal`.
   */
  readonly heals?: readonly string[];
}

/** How many operations an anomaly lists. */
const LISTED = 10;

/**
 * Looks for a success after each heal.
 *
 * `no-recovery`: operations were tried after everything was healed, and none succeeded in time.
 *
 *     nemesis    start-partition … stop-partition
 *     process 0                                    |-- read → fail --|  |-- read → info …
 *                                                  |········ within ········|
 *
 * @throws HarnessError `bad-argument` for an option that is none
 */
export function liveness(options: LivenessOptions = {}): Checker {
  const { withinMs = 10_000, functions, heals } = options;
  assertNumber("liveness", { withinMs });
  if (functions !== undefined) assertTexts("liveness", { functions });
  if (heals !== undefined) assertTexts("liveness", { heals });
  return checkerOf({
    name: "liveness",
    description: "after all faults are healed, operations succeed again within a bound",
    keyed: false,
    kinds: ["no-recovery"],
    judge: (history, work) => judge(history, work, { withinMs, functions, heals }),
  });
}

interface Rules {
  readonly withinMs: number;
  readonly functions: readonly string[] | undefined;
  readonly heals: readonly string[] | undefined;
}

function judge(history: History, { found, limits }: Work, rules: Rules): Judgement {
  const { withinMs, functions } = rules;
  const heals = healsOf(history, rules.heals);
  limits.check();
  const isAsked = Uint8Array.from(history.functionNames, (name) =>
    functions === undefined || functions.includes(name) ? 1 : 0,
  );
  const latencies: number[] = [];
  let [undecided, operations] = [0, 0];
  for (let i = 0; i < history.length; i++) {
    if (history.types[i] === INVOKE && history.processes[i] !== NEMESIS) operations++;
  }
  for (const heal of heals) {
    const after = outcomeAfter(history, heal, { withinNs: withinMs * 1e6, isAsked });
    if (after === undefined) undecided++;
    else if (typeof after === "number") latencies.push(after / 1e6);
    else {
      found.add("no-recovery", () => ({
        message: `All faults were healed at ${timeText(heal.timeNs)} (${heal.f}), and none of the ${counted(after.length, "operation")} that were tried in the ${withinMs} ms after that succeeded.`,
        operations: after.slice(0, LISTED),
        details: { f: heal.f, healedAtMs: heal.timeNs / 1e6, tried: after.length },
      }));
    }
  }
  const recovered = latencies.length;
  return {
    operations,
    details: {
      heals: heals.length,
      recovered,
      undecided,
      recoveryMs: latencyFacts(Float64Array.from(latencies)),
    },
    holds: `After ${recovered} of ${counted(heals.length, "heal")} operations succeeded within ${withinMs} ms${undecided === 0 ? "" : `, ${undecided} could not be judged`}.`,
    gap: recovered > 0 ? undefined : gapIn(heals.length, withinMs),
  };
}

function gapIn(heals: number, withinMs: number): string {
  return heals === 0
    ? "Nothing was proved: the history has no heal (stop-… or heal of the nemesis). Inject a fault and heal it, or name what heals in the option heals."
    : `Nothing was proved: after none of ${counted(heals, "heal")} were there ${withinMs} ms without a new fault in which something was tried. Run longer after the last heal, or lower withinMs.`;
}

/**
 * How long it took until something succeeded, in nanoseconds; the invocations that were tried in
 * vain when nothing did in time; undefined when it cannot be judged.
 */
function outcomeAfter(
  history: History,
  heal: Heal,
  { withinNs, isAsked }: { readonly withinNs: number; readonly isAsked: Uint8Array },
): number | readonly number[] | undefined {
  const { length, types, processes, functions, pairs, timesNs } = history;
  const deadlineNs = heal.timeNs + withinNs;
  const tried: number[] = [];
  let i = heal.index + 1;
  for (; i < heal.until && (timesNs[i] as number) <= deadlineNs; i++) {
    if (processes[i] === NEMESIS || isAsked[functions[i] as number] !== 1) continue;
    if (types[i] === OK) return (timesNs[i] as number) - heal.timeNs;
    if (types[i] !== INVOKE) continue;
    // What was begun late and is still open then may have needed no longer than any other.
    const pair = pairs[i] as number;
    const endNs = pair === NONE ? Infinity : (timesNs[pair] as number);
    const begunEarly = (timesNs[i] as number) <= heal.timeNs + withinNs / 2;
    if (endNs <= deadlineNs || begunEarly) tried.push(i);
  }
  // The event with which the next fault begins may be the first after the deadline.
  const bounded = i < length && (timesNs[i] as number) > deadlineNs;
  return bounded && tried.length > 0 ? tried : undefined;
}
