/**
 * Ends a run at the first violation: an online check follows the events, is asked every now and
 * then, and when no future can make the history right any more, the run is stopped.
 *
 * It is asked on the clock of the world, `LOOK_MS` after the first completion that it has not seen:
 * so a violation is known soon after it is complete, also when nothing else happens; and in the
 * simulation, where looking takes no time, the same seed stops at the same event.
 */
import type { Budget, Checker } from "../checker/checker.js";
import type { OnlineCheck } from "../checker/online-checker.js";
import { messageOf } from "../errors.js";
import type { HistoryEvent } from "../history/operation.js";
import type { Verdict } from "../verdict/verdict.js";
import type { Clock, Timer } from "../world/clock.js";
import type { FirstViolation } from "./result.js";

/** How long after a completion it is looked at, at the latest; more when looks are dear. */
const LOOK_MS = 250;
/** Of the time of a real run at most one part in so many goes into looks. */
const LOOK_SHARE = 8;

/** What it works with. */
export interface FailFastOptions {
  readonly checker: Checker;
  readonly budget: Budget;
  readonly clock: Clock;
  /** When an event of the run happened, on that clock. */
  readonly timeNsOf: (event: number) => number;
  readonly onViolation: (violation: FirstViolation) => void;
}

/** The watch over one run, from its first event to its last. */
export class FailFast {
  /** Aborted at the first violation. */
  readonly signal: AbortSignal;
  violation: FirstViolation | undefined;
  readonly #options: FailFastOptions;
  readonly #controller = new AbortController();
  #check: OnlineCheck | undefined;
  /** What stands in the way of an answer, in sentences. */
  readonly #obstacles: string[] = [];
  #timer: Timer | undefined;
  #stopped = false;
  #lookedNs = 0;
  #costNs = 0;

  constructor(options: FailFastOptions) {
    this.#options = options;
    this.signal = this.#controller.signal;
    const { checker, budget } = options;
    if (checker.follow === undefined) {
      this.#obstacles.push(
        `the ${checker.name} checker cannot follow a run, it judges it at its end`,
      );
    } else this.#guarded(() => (this.#check = checker.follow?.(budget)));
  }

  /** Why the run ended, once it was stopped. */
  get ending(): string | undefined {
    if (this.violation === undefined) return undefined;
    const { event, timeNs, delayMs } = this.violation;
    const at = `event ${event} at ${(timeNs / 1e9).toFixed(3)} s`;
    return `stopped at the first violation, ${at}, found ${Math.round(delayMs)} ms later`;
  }

  /**
   * What could not be watched; and whether the whole check, which has the last word, does not
   * confirm what was seen.
   */
  notesOn({ verdict }: Verdict): readonly string[] {
    const gaps = [...this.#obstacles, ...(this.#check?.gaps ?? [])];
    const notes = gaps.map((gap) => `--fail-fast: ${gap}`);
    if (this.violation === undefined || verdict === "invalid") return notes;
    const bug = verdict === "valid" ? "; please report this as a bug" : "";
    return [...notes, `the run was stopped for a violation that the check did not confirm${bug}`];
  }

  take(event: HistoryEvent): void {
    if (this.#check === undefined || this.#stopped) return;
    this.#guarded(() => this.#check?.take(event));
    if (event.type === "invoke" || event.process === "nemesis") return;
    if (this.#timer !== undefined) return;
    const sinceMs = (event.timeNs - this.#lookedNs) / 1e6;
    const restMs = (LOOK_SHARE * this.#costNs) / 1e6 - sinceMs;
    this.#timer = this.#options.clock.timer(Math.max(LOOK_MS, restMs), () => this.#look());
  }

  /** Nothing is looked at any more. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #look(): void {
    const { clock, timeNsOf, onViolation } = this.#options;
    this.#timer = undefined;
    const startNs = clock.nowNs();
    const finding = this.#guarded(() => this.#check?.look());
    this.#lookedNs = clock.nowNs();
    this.#costNs = this.#lookedNs - startNs;
    if (finding === undefined) return;
    const timeNs = timeNsOf(finding.event);
    this.violation = { ...finding, timeNs, delayMs: (this.#lookedNs - timeNs) / 1e6 };
    this.stop();
    onViolation(this.violation);
    this.#controller.abort();
  }

  /** A check that throws must not cost the run: the whole check will say what is wrong. */
  #guarded<T>(action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      this.#check = undefined;
      this.#obstacles.push(`the online check failed: ${messageOf(error)}`);
      return undefined;
    }
  }
}
