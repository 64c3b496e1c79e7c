/**
 * A smaller refutation: of fewer transactions, found by asking again about the part that it is
 * about, and about parts of that. Any part without an order will do (problem.ts says why).
 */
import { LimitReached } from "../../linearizable/meter.js";
import type { Problems } from "./problem.js";
import { transactionsOf, type Refutation } from "./refutation.js";
import { solve, type Question } from "./solve.js";

/** Work on one part, and on all; to make a part takes some for each of its transactions. */
const PART_WORK_MAX = 2_000_000;
const WORK_MAX = 100_000_000;
const WORK_EACH = 20;

/** Shrinks until leaving out any one transaction leaves an order, or the budget or work is done. */
export function shrink(whole: Refutation, problems: Problems, question: Question): Refutation {
  const shrinking = new Shrinking(whole, problems, question);
  try {
    shrinking.repeat();
    shrinking.leaveOut();
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
  }
  return shrinking.best;
}

class Shrinking {
  best: Refutation;
  #members: Int32Array;
  readonly #problems: Problems;
  readonly #question: Question;
  #workMax: number;

  constructor(whole: Refutation, problems: Problems, question: Question) {
    this.best = whole;
    this.#members = transactionsOf(whole);
    this.#problems = problems;
    this.#question = question;
    this.#workMax = question.meter.work + WORK_MAX;
  }

  /** Asks about what the refutation is about, as long as the answer is about less. */
  repeat(): void {
    let size = Infinity;
    while (this.#members.length < size && this.#mayGoOn()) {
      size = this.#members.length;
      if (!this.#try(this.#members)) return;
    }
  }

  /** Leaves out halves, quarters, and so on, to single ones. */
  leaveOut(): void {
    for (let chunk = this.#members.length >> 1; chunk > 0 && this.#mayGoOn();) {
      let isSmaller = false;
      for (let at = 0; at < this.#members.length && this.#mayGoOn();) {
        const rest = this.#members.filter((_, place) => place < at || place >= at + chunk);
        if (this.#try(rest)) isSmaller = true;
        else at += chunk;
      }
      if (chunk > 1) chunk >>= 1;
      else if (!isSmaller) return;
    }
  }

  #mayGoOn(): boolean {
    return this.#question.meter.work < this.#workMax;
  }

  #try(members: Int32Array): boolean {
    this.#workMax -= WORK_EACH * members.length;
    const found = refuted(members, this.#problems, this.#question);
    if (found === undefined) return false;
    const about = transactionsOf(found);
    if (about.length > this.#members.length) return false;
    this.best = found;
    this.#members = about;
    return true;
  }
}

/** The refutation of a part; undefined when it has an order, or that is too much work. */
function refuted(
  members: Int32Array,
  problems: Problems,
  question: Question,
): Refutation | undefined {
  const { meter } = question;
  try {
    return meter.within(PART_WORK_MAX, () => solve(problems.of(members), question).refutation);
  } catch (error) {
    if (error instanceof LimitReached && error.limit === "work") return undefined;
    throw error;
  }
}
