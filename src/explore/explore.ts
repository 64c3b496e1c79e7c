/**
 * Exploration: all executions of a few operations on a few nodes, within bounds. Nothing is drawn
 * but what a world draws for its nodes; so when it comes to its end without a violation, there is
 * none within the bounds.
 *
 * Peers and sources: Godefroid, "Model Checking for Programming Languages using VeriSoft" (POPL
 * 1997) for exploring real code without keeping states; Musuvathi et al., CMC (OSDI 2002), and the
 * simulators of dslabs and Stateright for protocols on a chosen network.
 */
import { execute, type Execution, type ExecutionParts } from "./execution.js";
import { Search, type Reduction } from "./search.js";
import { OK, type History } from "../history/history.js";
import type { Verdict } from "../verdict/verdict.js";

/** What is explored, and for how long. */
export interface ExploreOptions extends ExecutionParts {
  /** Default `races`. */
  readonly reduction?: Reduction;
  /**
   * Bounds of delays, each searched for itself until one keeps nothing out. What needs few unusual
   * orders is found in the first ones. Default: that of the bounds.
   */
  readonly rounds?: readonly number[];
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

/** A search with a bound of delays. */
export interface Round {
  /** Infinity for all orders. */
  readonly delays: number;
  readonly complete: boolean;
  readonly share: number;
  readonly executions: number;
}

/** What was covered, and what was found. */
export interface ExploreResult {
  /** Whether the last round tried everything within its bounds, and cut nothing short. */
  readonly complete: boolean;
  /** The share of the last round that was gone through, 0 to 1; an estimate below 1. */
  readonly share: number;
  /** One after the other; the last may have been ended. */
  readonly rounds: readonly Round[];
  /** Executions that were begun. */
  readonly executions: number;
  /** Of these, those that were given up because others show the same. */
  readonly redundant: number;
  /** Of these, those that were longer than the bound of steps. */
  readonly cutShort: number;
  /** Of the last round: events that could have come next somewhere, and were not tried there. */
  readonly leftOut: number;
  readonly steps: number;
  /** The steps of the longest execution. */
  readonly longest: number;
  /** Histories that clients could tell apart; each was judged once. */
  readonly histories: number;
  readonly valid: number;
  /** Of which the checker could not say anything, though operations succeeded. */
  readonly unknown: number;
  readonly invalid: number;
  /** In which no operation succeeded, so that the checker had nothing to go by. */
  readonly empty: number;
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
  const exploration = new Exploration(options);
  for (const delays of options.rounds ?? [options.bounds.delays]) {
    if (exploration.isOver()) break;
    const isAll = await exploration.round(delays);
    if (isAll) break;
  }
  return exploration.result();
}

/** An exploration under way. */
class Exploration {
  readonly #options: ExploreOptions;
  readonly #startMs: number;
  readonly #seen = new Set<string>();
  readonly #violations = new Map<string, FoundViolation>();
  readonly #counts = { valid: 0, unknown: 0, invalid: 0, empty: 0 };
  readonly #totals = { executions: 0, redundant: 0, cutShort: 0, steps: 0, longest: 0 };
  readonly #rounds: Round[] = [];
  #leftOut = 0;
  #unknownReason: string | undefined;

  constructor(options: ExploreOptions) {
    this.#options = options;
    this.#startMs = options.nowMs();
  }

  isOver(): boolean {
    const { executions = Infinity, timeMs = Infinity, violations = 1, signal } = this.#options;
    return (
      this.#totals.executions >= executions ||
      this.#elapsedMs() >= timeMs ||
      this.#violations.size >= violations ||
      signal?.aborted === true
    );
  }

  /** Searches with a bound of delays. Says whether all was tried, and the bound was none. */
  async round(delays: number): Promise<boolean> {
    const { reduction = "races", onExecution } = this.#options;
    const search = new Search(reduction, delays);
    const before = { ...this.#totals };
    const round = (): Round => ({
      delays: search.bounded || !search.over ? delays : Infinity,
      complete: search.over && this.#totals.cutShort === before.cutShort,
      share: search.share,
      executions: this.#totals.executions - before.executions,
    });
    const index = this.#rounds.push(round()) - 1;
    while (!search.over && !this.isOver()) {
      const execution = await execute(this.#options, search, this.#seen);
      this.#note(execution, search);
      search.finish({ decidedBy: execution.decidedBy });
      this.#leftOut = search.leftOut;
      this.#rounds[index] = round();
      onExecution?.(this.result());
    }
    return search.over && !search.bounded;
  }

  #note({ steps, cut, judged }: Execution, search: Search): void {
    const totals = this.#totals;
    totals.executions++;
    totals.steps += steps;
    totals.longest = Math.max(totals.longest, steps);
    if (cut === "asleep") totals.redundant++;
    if (cut === "too-long") totals.cutShort++;
    if (judged === undefined) return;
    const { history, verdict } = judged;
    const isEmpty = verdict.verdict === "unknown" && !history.types.includes(OK);
    this.#counts[isEmpty ? "empty" : verdict.verdict]++;
    if (verdict.verdict === "unknown" && !isEmpty) this.#unknownReason ??= verdict.reason;
    const kind = verdict.anomalies[0]?.kind ?? "";
    if (verdict.verdict !== "invalid" || this.#violations.has(kind)) return;
    const { choices } = search;
    this.#violations.set(kind, { choices, history, verdict, after: totals.executions });
  }

  result(): ExploreResult {
    const { valid, unknown, invalid, empty } = this.#counts;
    const last = this.#rounds.at(-1);
    return {
      ...this.#totals,
      ...this.#counts,
      histories: valid + unknown + invalid + empty,
      complete: last?.complete ?? false,
      share: last?.share ?? 0,
      leftOut: this.#leftOut,
      rounds: [...this.#rounds],
      ...(this.#unknownReason === undefined ? {} : { unknownReason: this.#unknownReason }),
      elapsedMs: this.#elapsedMs(),
      violations: [...this.#violations.values()],
    };
  }

  #elapsedMs(): number {
    return this.#options.nowMs() - this.#startMs;
  }
}
