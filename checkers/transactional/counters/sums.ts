/**
 * Which totals some of several amounts make. That is a subset sum, which is hard in general; it is
 * computed as far as there are not too many different totals. Whole amounts that do not reach far
 * are one bit a total, so that an amount more is one shift (Bellman 1957).
 */

/** Some numbers. */
export interface Totals {
  has(total: number): boolean;
}

/** From the least to the largest total there are at most so many whole numbers. */
const SPAN_MAX = 1 << 20;
/** More totals of other amounts are not looked at. */
const TOTALS_MAX = 1 << 16;
const WORK_MAX = 5_000_000;

/** All totals that some of the amounts make; undefined when there are too many. */
export function totalsOf(amounts: readonly number[]): Totals | undefined {
  const span = amounts.reduce((sum, amount) => sum + Math.abs(amount), 0);
  const isWhole = span < SPAN_MAX && amounts.every((amount) => Number.isSafeInteger(amount));
  return isWhole ? new WholeTotals(amounts, span) : anyTotals(amounts);
}

/** The amounts, and as which multiples of them every number of equal ones can be made. */
function* multiplesOf(amounts: readonly number[]): Iterable<number> {
  const counts = new Map<number, number>();
  for (const amount of amounts) {
    if (amount !== 0) counts.set(amount, (counts.get(amount) ?? 0) + 1);
  }
  for (const [amount, count] of counts) {
    // As many as 1, 2, 4, … of them, and the rest, make every number of them.
    for (let left = count, size = 1; left > 0; size *= 2) {
      yield amount * Math.min(size, left);
      left -= size;
    }
  }
}

function anyTotals(amounts: readonly number[]): Totals | undefined {
  let totals = new Set([0]);
  let work = 0;
  for (const step of multiplesOf(amounts)) {
    work += totals.size;
    if (work > WORK_MAX) return undefined;
    const next = new Set(totals);
    for (const total of totals) next.add(total + step);
    if (next.size > TOTALS_MAX) return undefined;
    totals = next;
  }
  return totals;
}

/** Totals of whole amounts. */
class WholeTotals implements Totals {
  /** Bit `total - #least` of 32 a word. */
  readonly #words: Uint32Array;
  readonly #least: number;

  constructor(amounts: readonly number[], span: number) {
    this.#words = new Uint32Array((span >>> 5) + 1);
    this.#least = amounts.reduce((sum, amount) => sum + Math.min(0, amount), 0);
    this.#words[-this.#least >>> 5] = 1 << (-this.#least & 31);
    for (const step of multiplesOf(amounts)) {
      if (step > 0) this.#shiftUp(step);
      else this.#shiftDown(-step);
    }
  }

  has(total: number): boolean {
    const at = total - this.#least;
    if (!Number.isInteger(at) || at < 0 || at >= 32 * this.#words.length) return false;
    return (((this.#words[at >>> 5] as number) >>> (at & 31)) & 1) === 1;
  }

  /** From the top, so that what is read has not been changed. */
  #shiftUp(by: number): void {
    const words = this.#words;
    const [far, near] = [by >>> 5, by & 31];
    for (let at = words.length - 1; at >= far; at--) {
      const own = (words[at - far] as number) << near;
      const lower = near === 0 ? 0 : (words[at - far - 1] ?? 0) >>> (32 - near);
      words[at] = (words[at] as number) | own | lower;
    }
  }

  #shiftDown(by: number): void {
    const words = this.#words;
    const [far, near] = [by >>> 5, by & 31];
    for (let at = 0; at + far < words.length; at++) {
      const own = (words[at + far] as number) >>> near;
      const higher = near === 0 ? 0 : (words[at + far + 1] ?? 0) << (32 - near);
      words[at] = (words[at] as number) | own | higher;
    }
  }
}
