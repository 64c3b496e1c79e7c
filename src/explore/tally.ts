/** Counts what an exploration has seen, and says when it is over. */
import { historyOf, OK } from "../history/history.js";
import type { Execution, Judged } from "./execution.js";
import type { ExploreOptions, ExploreResult, FoundViolation, Round } from "./explore-result.js";

/** What is known of the search itself. */
export type Progress = Pick<ExploreResult, "reduction" | "states" | "leftOut"> & {
  readonly rounds: readonly Round[];
};

/** The counts of one exploration. */
export class Tally {
  readonly #options: ExploreOptions;
  readonly #startMs: number;
  readonly #violations = new Map<string, FoundViolation>();
  readonly #counts = { valid: 0, unknown: 0, invalid: 0, empty: 0 };
  readonly totals = { executions: 0, redundant: 0, cutShort: 0, steps: 0, longest: 0 };
  #unknownReason: string | undefined;

  constructor(options: ExploreOptions) {
    this.#options = options;
    this.#startMs = options.nowMs();
  }

  /** Whether nothing more is to be tried. */
  isOver(): boolean {
    const { executions = Infinity, timeMs = Infinity, signal } = this.#options;
    return (
      this.totals.executions >= executions ||
      this.#elapsedMs() >= timeMs ||
      this.hasEnough() ||
      signal?.aborted === true
    );
  }

  /** Whether as many kinds of violations were found as are wanted. */
  hasEnough(): boolean {
    return this.#violations.size >= (this.#options.violations ?? 1);
  }

  execution({ steps, cut }: Pick<Execution, "steps" | "cut">): void {
    const { totals } = this;
    totals.executions++;
    totals.steps += steps;
    totals.longest = Math.max(totals.longest, steps);
    if (cut === "asleep") totals.redundant++;
    if (cut === "too-long") totals.cutShort++;
  }

  /** A history that was not seen before, in an execution with these choices. */
  history({ events, verdict }: Judged, choices: readonly string[]): void {
    const history = historyOf(events);
    const isEmpty = verdict.verdict === "unknown" && !history.types.includes(OK);
    this.#counts[isEmpty ? "empty" : verdict.verdict]++;
    if (verdict.verdict === "unknown" && !isEmpty) this.#unknownReason ??= verdict.reason;
    const kind = verdict.anomalies[0]?.kind ?? "";
    if (verdict.verdict !== "invalid" || this.#violations.has(kind)) return;
    this.#violations.set(kind, { choices, history, verdict, after: this.totals.executions });
  }

  result({ rounds, ...progress }: Progress): ExploreResult {
    const { valid, unknown, invalid, empty } = this.#counts;
    const last = rounds.at(-1);
    return {
      ...progress,
      ...this.totals,
      ...this.#counts,
      histories: valid + unknown + invalid + empty,
      complete: last?.complete ?? false,
      share: last?.share ?? 0,
      rounds: [...rounds],
      ...(this.#unknownReason === undefined ? {} : { unknownReason: this.#unknownReason }),
      elapsedMs: this.#elapsedMs(),
      violations: [...this.#violations.values()],
    };
  }

  #elapsedMs(): number {
    return this.#options.nowMs() - this.#startMs;
  }
}
