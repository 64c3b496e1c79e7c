/** What may still go wrong in an execution, and the choices that use it up. */
import type { ExploreBounds } from "./bounds.js";

/** Bounds that are numbers of things that may go wrong. */
export const COUNTED = ["lost", "late", "waits", "kills", "powerLosses", "pauses", "cuts"] as const;

/** Chooses one of these, as an index; the first one is how it usually is. */
export type Choose = (options: readonly string[]) => number;

/** Counts down. */
export class Allowance {
  readonly left: Record<(typeof COUNTED)[number], number>;
  readonly #choose: Choose;

  constructor(bounds: ExploreBounds, choose: Choose) {
    const { lost, late, waits, kills, powerLosses, pauses, cuts } = bounds;
    this.left = { lost, late, waits, kills, powerLosses, pauses, cuts };
    this.#choose = choose;
  }

  /** What becomes of a message. */
  fateOf(id: string): "keep" | "lose" | "delay" {
    const options = [`keep ${id}`];
    if (this.left.lost > 0) options.push(`lose ${id}`);
    if (this.left.late > 0) options.push(`delay ${id}`);
    const fate = options[this.choose(options)];
    if (fate?.startsWith("lose") === true) {
      this.left.lost--;
      return "lose";
    }
    if (fate?.startsWith("delay") !== true) return "keep";
    this.left.late--;
    return "delay";
  }

  /** Whether the next operation of a client begins only when time has passed. */
  waits(id: string): boolean {
    if (this.left.waits === 0 || this.choose([`go on with ${id}`, `wait with ${id}`]) === 0) {
      return false;
    }
    this.left.waits--;
    return true;
  }

  choose(options: readonly string[]): number {
    return options.length === 1 ? 0 : this.#choose(options);
  }
}
