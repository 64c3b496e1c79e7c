/**
 * Exploration: all executions of a few operations on a few nodes, within bounds. Nothing is drawn
 * but what a world draws for its nodes; so when it comes to its end without a violation, there is
 * none within the bounds.
 *
 * Peers and sources: Godefroid, "Model Checking for Programming Languages using VeriSoft" (POPL
 * 1997) for exploring real code without keeping states; Musuvathi et al., CMC (OSDI 2002), and the
 * simulators of dslabs and Stateright for protocols on a chosen network.
 */
import { execute, type ExecutionParts } from "./execution.js";
import { Search, type Reduction } from "./search.js";
import type { History } from "../history/history.js";
import type { Verdict } from "../verdict/verdict.js";

/** What is explored, and for how long. */
export interface ExploreOptions extends ExecutionParts {
  /** Default `races`. */
  readonly reduction?: Reduction;
  /** At most so many executions are begun. Default: no limit. */
  readonly executions?: number;
  /** None is begun after so many milliseconds. Default: no limit. */
  readonly timeMs?: number;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** Ends at the first of so many different kinds of violation. Default 1. */
  readonly violations?: number;
  /** Ends it when aborted, with what was covered by then. */
  readonly signal?: AbortSignal;
  readonly onExecution?: (soFar: ExploreResult) => void;
}

/** An execution that broke the promise. */
export interface FoundViolation {
  /** What was chosen; see `ChosenOrder`. */
  readonly choices: readonly string[];
  readonly history: History;
  readonly verdict: Verdict;
  /** How many executions had been begun by then, this one included. */
  readonly after: number;
}

/** What was covered, and what was found. */
export interface ExploreResult {
  /** Whether everything within the bounds was tried, and nothing was cut short. */
  readonly complete: boolean;
  /** The share of the tree of executions that was gone through, 0 to 1; an estimate below 1. */
  readonly share: number;
  /** Executions that were begun. */
  readonly executions: number;
  /** Of these, those that were given up because others show the same. */
  readonly redundant: number;
  /** Of these, those that were longer than the bound of steps. */
  readonly cutShort: number;
  /** Events that could have come next somewhere, and need not be tried there. */
  readonly leftOut: number;
  readonly steps: number;
  /** The steps of the longest execution. */
  readonly longest: number;
  /** Histories that clients could tell apart; each was judged once. */
  readonly histories: number;
  readonly valid: number;
  readonly unknown: number;
  readonly invalid: number;
  /** Why the first history of which nothing is known is so. */
  readonly unknownReason?: string;
  readonly elapsedMs: number;
  /** The first violation of each kind. */
  readonly violations: readonly FoundViolation[];
}

/**
 * Explores.
 * @throws what the world, the system's client or the workload throw; HarnessError `harness-failure`
 *   when an execution does not repeat.
 */
export async function explore(options: ExploreOptions): Promise<ExploreResult> {
  const { nowMs, executions = Infinity, timeMs = Infinity, onExecution, signal } = options;
  const startMs = nowMs();
  const search = new Search(options.reduction ?? "races", options.bounds.delays);
  const seen = new Set<string>();
  const violations = new Map<string, FoundViolation>();
  const counts = { valid: 0, unknown: 0, invalid: 0 };
  const totals = { executions: 0, redundant: 0, cutShort: 0, steps: 0, longest: 0 };
  let unknownReason: string | undefined;
  const result = (): ExploreResult => ({
    ...totals,
    ...counts,
    complete: search.over && totals.cutShort === 0,
    share: search.share,
    leftOut: search.leftOut,
    histories: counts.valid + counts.unknown + counts.invalid,
    ...(unknownReason === undefined ? {} : { unknownReason }),
    elapsedMs: nowMs() - startMs,
    violations: [...violations.values()],
  });
  const isOver = (): boolean =>
    search.over ||
    totals.executions >= executions ||
    nowMs() - startMs >= timeMs ||
    violations.size >= (options.violations ?? 1) ||
    signal?.aborted === true;

  while (!isOver()) {
    const { steps, decidedBy, cut, judged } = await execute(options, search, seen);
    totals.executions++;
    totals.steps += steps;
    totals.longest = Math.max(totals.longest, steps);
    if (cut === "asleep") totals.redundant++;
    if (cut === "too-long") totals.cutShort++;
    if (judged !== undefined) {
      const { history, verdict } = judged;
      counts[verdict.verdict]++;
      if (verdict.verdict === "unknown") unknownReason ??= verdict.reason;
      const kind = verdict.anomalies[0]?.kind ?? "";
      if (verdict.verdict === "invalid" && !violations.has(kind)) {
        const { choices } = search;
        violations.set(kind, { choices, history, verdict, after: totals.executions });
      }
    }
    search.finish({ decidedBy });
    onExecution?.(result());
  }
  return result();
}
