/**
 * Follows choices as far as they go: for an execution of something smaller than what they were made
 * in, where some of the events are not there. What was chosen in fact is kept.
 */
import type { Chooser } from "./chooser.js";
import type { Candidate } from "./step.js";

/** Takes what comes first in a list, of what can happen; else what is usual. */
export class Following implements Chooser {
  readonly #wanted: string[];
  readonly #made: string[] = [];
  /** So many of them say more than what is usual. */
  #telling = 0;
  #delays = 0;

  constructor(wanted: readonly string[]) {
    this.#wanted = [...wanted];
  }

  /** What was chosen, up to where all is as usual. */
  get choices(): readonly string[] {
    return this.#made.slice(0, this.#telling);
  }

  /** How many events were put off. */
  get delays(): number {
    return this.#delays;
  }

  schedule(candidates: readonly Candidate[]): number {
    const at = this.#wanted.findIndex((name) => candidates.some(({ id }) => id === name));
    const [name] = at < 0 ? [] : this.#wanted.splice(at, 1);
    const index = Math.max(
      0,
      candidates.findIndex(({ id }) => id === name),
    );
    for (const { free } of candidates.slice(0, index)) if (free !== true) this.#delays++;
    this.#made.push((candidates[index] as Candidate).id);
    if (index > 0) this.#telling = this.#made.length;
    return index;
  }

  choose(options: readonly string[]): number {
    const index = options.findIndex((word, place) => place > 0 && this.#wanted.includes(word));
    if (index < 0) return 0;
    const word = options[index] as string;
    this.#wanted.splice(this.#wanted.indexOf(word), 1);
    this.#telling = this.#made.push(word);
    return index;
  }

  disable(): void {}
}
