/**
 * Counts the operations that a run has weathered: those that succeeded though a fault began or
 * ended while they were under way. What nothing disturbs rarely shows a bug, and what never
 * succeeds never does.
 *
 * ```
 *          ├── write ── ok ┤          ├─ read ─ ok ┤      one of the two
 * ├────┼──────────┼────────────────────────────────────┤
 *   start-crash  stop-crash
 * ```
 */
import type { HistoryEvent } from "../history/operation.js";

/** Watches one run. */
export class Weathered {
  /** How many beginnings and ends of faults there were. */
  #upsets = 0;
  /** How many there were when each operation began that is under way. */
  readonly #begun = new Map<HistoryEvent["process"], number>();
  #count = 0;

  /** An event of the history. */
  event({ process, type }: HistoryEvent): void {
    if (process === "nemesis") this.#upsets++;
    else if (type === "invoke") this.#begun.set(process, this.#upsets);
    else if (type === "ok" && this.#upsets > (this.#begun.get(process) ?? this.#upsets)) {
      this.#count++;
    }
  }

  /** How many operations were weathered. */
  get count(): number {
    return this.#count;
  }
}
