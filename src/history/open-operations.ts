/** Which operation each process has open, while a history is built. */

/** Columns have one entry an event; `NONE` (-1) stands for absent keys, errors and pairs. */
export const NONE: number = -1;

/** Processes below this have their open operation in an array. */
const SMALL_PROCESS = 65_536;

/**
 * The index of the open invocation of each process, or `NONE`: an array for small numbers, which
 * most are.
 */
export class OpenOperations {
  #small = new Int32Array(64).fill(NONE);
  readonly #large = new Map<number, number>();

  of(process: number): number {
    return process < this.#small.length
      ? (this.#small[process] as number)
      : (this.#large.get(process) ?? NONE);
  }

  set(process: number, index: number): void {
    if (process >= this.#small.length && process < SMALL_PROCESS) {
      const larger = new Int32Array(Math.max(process + 1, this.#small.length * 2)).fill(NONE);
      larger.set(this.#small);
      this.#small = larger;
    }
    if (process < this.#small.length) this.#small[process] = index;
    else if (index === NONE) this.#large.delete(process);
    else this.#large.set(process, index);
  }
}
